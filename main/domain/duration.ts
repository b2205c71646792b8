/** Durations as people write them (`5 minutes`, `1h 30m`, `1.5 h`) to milliseconds and back. */

const UNITS: ReadonlyMap<string, number> = new Map([
  ...named(1, 'ms', 'msec', 'msecs', 'millisecond', 'milliseconds'),
  ...named(1_000, 's', 'sec', 'secs', 'second', 'seconds'),
  ...named(60_000, 'm', 'min', 'mins', 'minute', 'minutes'),
  ...named(3_600_000, 'h', 'hr', 'hrs', 'hour', 'hours'),
  ...named(86_400_000, 'd', 'day', 'days'),
  ...named(604_800_000, 'w', 'wk', 'wks', 'week', 'weeks'),
])

function named(ms: number, ...words: string[]): (readonly [string, number])[] {
  return words.map((word) => [word, ms] as const)
}

/** Every word that names a unit, for suggestions. */
export const DURATION_UNITS: readonly string[] = [...UNITS.keys()]

export type DurationResult =
  | { readonly ok: true; readonly ms: number }
  /** `unit` is the word that was taken for a unit and is none. */
  | { readonly ok: false; readonly reason: string; readonly unit?: string }

const PART =
  /^(\d+(?:\.\d+)?|\.\d+)(?:\s*([A-Za-zµ]+))?(?!\s*(?!and\s)[A-Za-zµ])(?:\s*,\s*|\s+and\s+|\s+|$|(?=\d))/

/**
 * One or more numbers, each with a unit; units do not repeat and may come in any order. The result is in whole
 * milliseconds, never negative. A number without a unit is refused: nobody can tell seconds from minutes.
 */
export function parseDuration(text: string): DurationResult {
  const quoted = JSON.stringify(text)
  let rest = text.trim()
  if (rest === '') return fail('a duration is empty: write for example "5 minutes"')
  if (rest.startsWith('-')) return fail(`${quoted} is negative: a duration is at least 0`)
  const seen = new Set<number>()
  let total = 0
  while (rest !== '') {
    const match = PART.exec(rest)
    if (match === null)
      return fail(`${quoted} is not a duration: write for example "5 minutes", "30s" or "1h 30m"`)
    const [whole, number, word = ''] = match as unknown as [string, string, string?]
    if (word === '')
      return fail(`${quoted} does not say its unit: write "${number} seconds" or "${number} minutes"`)
    const unit = UNITS.get(word.toLowerCase())
    if (unit === undefined)
      return { ok: false, reason: `${quoted} has an unknown unit "${word}"`, unit: word }
    if (seen.has(unit)) return fail(`${quoted} names the unit "${word}" twice`)
    seen.add(unit)
    total += Number(number) * unit
    rest = rest.slice(whole.length)
  }
  const ms = Math.round(total)
  return Number.isSafeInteger(ms) ? { ok: true, ms } : fail(`${quoted} is too long`)
}

function fail(reason: string): DurationResult {
  return { ok: false, reason }
}

const SHOWN = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

/** `1 m 12 s`, `2 h 5 m`, `3 d`, `1.5 s`, `40 ms`: the two largest units, rounded; parses back as a duration. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return 'unknown'
  if (ms < 0) return `-${formatDuration(-ms)}`
  if (Math.round(ms) < 1_000) return `${Math.round(ms)} ms`
  if (ms < 9_950) return `${Number((ms / 1_000).toFixed(1))} s`
  for (const [i, [unit, size]] of SHOWN.entries()) {
    const [lesser, step] = SHOWN[i + 1] ?? ['', size]
    const rounded = Math.round(ms / step) * step
    if (rounded < size) continue
    const count = Math.floor(rounded / size)
    const remainder = Math.round((rounded - count * size) / step)
    return remainder === 0 ? `${count} ${unit}` : `${count} ${unit} ${remainder} ${lesser}`
  }
  return `${Math.round(ms / 1_000)} s`
}
