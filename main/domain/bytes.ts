/** Byte sizes as people write them (`512MB`, `2GiB`) to bytes and back. */

const UNITS: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['byte', 1],
  ['bytes', 1],
  ...['k', 'm', 'g', 't'].flatMap((letter, i) => [
    [`${letter}b`, 1000 ** (i + 1)] as const,
    [`${letter}ib`, 1024 ** (i + 1)] as const,
  ]),
])

/** How the units are usually written, for suggestions. */
export const BYTE_UNITS: readonly string[] = ['B', 'kB', 'MB', 'GB', 'TB', 'KiB', 'MiB', 'GiB', 'TiB']

export type BytesResult =
  | { readonly ok: true; readonly bytes: number }
  /** `unit` is the word that was taken for a unit and is none. */
  | { readonly ok: false; readonly reason: string; readonly unit?: string }

/**
 * A number and a unit: `MB` is 1,000,000, `MiB` is 1,048,576, upper and lower case alike. The result is in whole
 * bytes. A number alone and a bare `m` or `g` are refused, since tools disagree about what they mean.
 */
export function parseBytes(text: string): BytesResult {
  const quoted = JSON.stringify(text)
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*([A-Za-z]*)$/.exec(text.trim())
  if (match === null)
    return { ok: false, reason: `${quoted} is not a size: write for example "512MB" or "2GiB"` }
  const [, number, word] = match as unknown as [string, string, string]
  if (word === '')
    return { ok: false, reason: `${quoted} does not say its unit: write "${number}MB" or "${number}GB"` }
  const unit = UNITS.get(word.toLowerCase())
  if (/^[kmgt]$/i.test(word)) {
    const letter = word.toUpperCase()
    return {
      ok: false,
      reason: `${quoted} has a unit that tools disagree about: write "${number}${letter}B" or "${number}${letter}iB"`,
    }
  }
  if (unit === undefined) return { ok: false, reason: `${quoted} has an unknown unit "${word}"`, unit: word }
  const bytes = Math.round(Number(number) * unit)
  return Number.isSafeInteger(bytes) ? { ok: true, bytes } : { ok: false, reason: `${quoted} is too large` }
}

const SHOWN = [
  ['TB', 1e12],
  ['GB', 1e9],
  ['MB', 1e6],
  ['kB', 1e3],
] as const

/** `2 GB`, `1.5 MB`, `381 MB`, `700 B`: a decimal below 100 only; parses back as a size. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return 'unknown'
  if (bytes < 0) return `-${formatBytes(-bytes)}`
  for (const [unit, size] of SHOWN) {
    // What would be shown as 1000 of the next smaller unit is one of this.
    if (Math.round(bytes / (size / 1000)) < 1000) continue
    const value = bytes / size
    return `${Number(value.toFixed(value < 99.95 ? 1 : 0))} ${unit}`
  }
  return `${Math.round(bytes)} B`
}
