/** One comparison: two sides measured in turn in one run. */
export interface Comparison {
  /** Number in the list of targets; null for a comparison without one. */
  readonly figure: number | null
  readonly what: string
  readonly unit:
    | 'ms'
    | 'ms a task'
    | 'ms a transition'
    | 'ms a message'
    | 'ms a pair'
    | 'ms a lock'
    | 'messages a second'
    | 'MB/s'
    | 'frames a second'
    | '% of a core'
  readonly ours: Side
  readonly other: Side
  /** Ours over the other's; null where the other is next to nothing. */
  readonly ratio: number | null
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

/** `atLeast` where more is better. */
export type Target = { readonly atMost: number } | { readonly atLeast: number }

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
  /** The sizes of the targets, however long they take. */
  readonly full: boolean
  /** A line on what is going on. */
  readonly progress: (line: string) => void
}

export type Figure = (options: BenchOptions) => Promise<readonly Result[]>

export function isSkipped(result: Result): result is Skipped {
  return 'why' in result
}

export function isMet({ ratio, target }: Comparison): boolean | null {
  if (target === null || ratio === null) return null
  return 'atMost' in target ? ratio <= target.atMost : ratio >= target.atLeast
}

export function describe(result: Result): string {
  const title = `${result.figure === null ? '' : `[${result.figure}] `}${result.what}`
  if (isSkipped(result)) return `${title}\n    not measured: ${result.why}`
  const { ours, other, unit, ratio, target, how, notes } = result
  return [
    title,
    `    ${ours.name}: ${number(ours.value)} ${unit}`,
    `    ${other.name}: ${number(other.value)} ${unit}`,
    ...(ratio === null ? [] : [`    ratio ${ratio.toFixed(2)} ${verdict(target, isMet(result))}`]),
    `    ${how}`,
    ...notes.map((note) => `    ${note}`),
  ].join('\n')
}

function verdict(target: Target | null, met: boolean | null): string {
  if (target === null) return '(no target)'
  const limit = 'atMost' in target ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`
  return `(target ${limit}: ${met === true ? 'met' : 'NOT MET'})`
}

/** Three significant digits are all that such measurements hold. */
export function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
