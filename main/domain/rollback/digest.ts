/**
 * Tells whether two things are the same without sending both: equal values give equal digests, whatever the order of
 * their keys. Against accident, not against malice: who sends it may do what it stands for anyway.
 */
export function digestOf(value: unknown): string {
  const text = canonical(value)
  return `${hex(hash(text, 0x811c9dc5))}${hex(hash(text, 0x1b873593))}`
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`
}

/** Murmur's mixing, 32 bits. */
function hash(text: string, seed: number): number {
  let h = seed
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 0xcc9e2d51)
    h ^= h >>> 15
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

function hex(n: number): string {
  return n.toString(16).padStart(8, '0')
}
