/** Of an empty list: NaN. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The value that the share `q` (0 to 1) of all lies below; NaN for an empty list. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

/** How long `work` takes, ms. */
export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/**
 * Measures sides in turn, `rounds` times each, after `warmUp` rounds that do not count. Every other round goes the
 * other way round, so that what drifts (a disk filling its cache, a daemon growing) hits all sides alike.
 * Answers each side's measurements, in order: the n-th of each were taken side by side.
 */
export async function inTurn<Name extends string, T>(
  sides: Readonly<Record<Name, () => Promise<T>>>,
  options: { readonly rounds: number; readonly warmUp: number },
): Promise<Record<Name, T[]>> {
  const names = Object.keys(sides) as Name[]
  const all = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<Name, T[]>
  for (let round = -options.warmUp; round < options.rounds; round++) {
    const order = round % 2 === 0 ? names : names.toReversed()
    for (const name of order) {
      const value = await sides[name]()
      if (round >= 0) all[name].push(value)
    }
  }
  return all
}

/** Median of the ratios of measurements taken side by side: noise that lasts longer than a pair cancels out. */
export function pairedRatio(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((value, i) => value / theirs[i]!))
}
