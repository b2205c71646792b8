/** One comparison: two sides measured in turn in one run. */
export interface Comparison {
  /** Number in the list of targets; null for a comparison without one. */
  readonly figure: number | null
  readonly what: string
  readonly unit: 'ms' | 'ms a task' | 'ms a transition'
  readonly ours: Side
  readonly other: Side
  /** Ours over the other's, or the other way round where more is better; see `target`. */
  readonly ratio: number
  readonly target: Target | null
  /** Slots, WAL state, warm-up, rounds: what one must know to measure the same again. */
  readonly how: string
  /** Further numbers from the same measurement. */
  readonly notes: readonly string[]
}

export interface Side {
  readonly name: string
  /** Median, in the comparison's unit. */
  readonly value: number
}

export interface Target {
  readonly atMost: number
}

/** What a figure could not measure here and how it can be. */
export interface Skipped {
  readonly figure: number | null
  readonly what: string
  readonly why: string
}

export type Result = Comparison | Skipped

export interface BenchOptions {
  /** Fewer rounds and smaller sizes: a look, not a measurement. */
  readonly quick: boolean
  /** A line on what is going on. */
  readonly progress: (line: string) => void
}

export type Figure = (options: BenchOptions) => Promise<readonly Result[]>

export function isSkipped(result: Result): result is Skipped {
  return 'why' in result
}

export function isMet({ ratio, target }: Comparison): boolean | null {
  return target === null ? null : ratio <= target.atMost
}

export function describe(result: Result): string {
  const title = `${result.figure === null ? '' : `[${result.figure}] `}${result.what}`
  if (isSkipped(result)) return `${title}\n    not measured: ${result.why}`
  const { ours, other, unit, ratio, target, how, notes } = result
  const met = isMet(result)
  const verdict =
    target === null ? '(no target)' : `(target ≤ ${target.atMost}: ${met === true ? 'met' : 'NOT MET'})`
  return [
    title,
    `    ${ours.name}: ${number(ours.value)} ${unit}`,
    `    ${other.name}: ${number(other.value)} ${unit}`,
    `    ratio ${ratio.toFixed(2)} ${verdict}`,
    `    ${how}`,
    ...notes.map((note) => `    ${note}`),
  ].join('\n')
}

/** Three significant digits are all that such measurements hold. */
export function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
