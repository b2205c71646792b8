/** Sets of UTF-16 code units, as sorted ranges that do not touch. Never empty, never with the slash. */
export type CharSet = readonly (readonly [from: number, to: number])[]

const SLASH = 0x2f
const LAST = 0xffff

/** Every character of a name. */
export const ANY: CharSet = [
  [0, SLASH - 1],
  [SLASH + 1, LAST],
]

export function hasChar(set: CharSet, code: number): boolean {
  return set.some(([from, to]) => code >= from && code <= to)
}

export function setsMeet(a: CharSet, b: CharSet): boolean {
  return a.some(([from, to]) => b.some((other) => from <= other[1] && other[0] <= to))
}

/** Undefined for a set that nothing is in. */
export function charSet(
  ranges: readonly (readonly [number, number])[],
  negated: boolean,
  folded: boolean,
): CharSet | undefined {
  const all = merged(folded ? ranges.flatMap(withLowerCase) : ranges)
  const set = withoutSlash(negated ? complement(all) : all)
  return set.length === 0 ? undefined : set
}

/** Names are compared in lower case: what stands for an upper-case letter stands for its lower-case one. */
function withLowerCase(range: readonly [number, number]): (readonly [number, number])[] {
  const both: (readonly [number, number])[] = [range]
  for (let code = range[0]; code <= range[1]; code++) {
    const lower = String.fromCharCode(code).toLowerCase()
    if (lower.length === 1 && lower.charCodeAt(0) !== code)
      both.push([lower.charCodeAt(0), lower.charCodeAt(0)])
  }
  return both
}

function merged(ranges: readonly (readonly [number, number])[]): CharSet {
  const all: [number, number][] = []
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = all.at(-1)
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to)
    else all.push([from, to])
  }
  return all
}

function complement(set: CharSet): CharSet {
  const all: [number, number][] = []
  let next = 0
  for (const [from, to] of set) {
    if (from > next) all.push([next, from - 1])
    next = to + 1
  }
  if (next <= LAST) all.push([next, LAST])
  return all
}

function withoutSlash(set: CharSet): CharSet {
  return set.flatMap(([from, to]): [number, number][] => {
    if (SLASH < from || SLASH > to) return [[from, to]]
    const pieces: [number, number][] = []
    if (from < SLASH) pieces.push([from, SLASH - 1])
    if (to > SLASH) pieces.push([SLASH + 1, to])
    return pieces
  })
}
