import type { Counted, CoverageMetric } from '../domain/gates/gate.ts'

export type Metrics = Readonly<Record<CoverageMetric, Counted | null>>

/** What is covered over several reports: what two of them tell of counts once, and is covered where one says so. */
export class Covered {
  readonly #known: Readonly<Record<CoverageMetric, Map<string, boolean>>> = {
    lines: new Map(),
    branches: new Map(),
    functions: new Map(),
  }
  readonly #sums: Record<CoverageMetric, { covered: number; total: number }> = {
    lines: { covered: 0, total: 0 },
    branches: { covered: 0, total: 0 },
    functions: { covered: 0, total: 0 },
  }

  add(metric: CoverageMetric, what: string, isCovered: boolean): void {
    const known = this.#known[metric]
    known.set(what, isCovered || known.get(what) === true)
  }

  /** Told as sums only: nobody can say whether two of them are about the same. */
  sums(metric: CoverageMetric, covered: number, total: number): void {
    const sums = this.#sums[metric]
    sums.covered += Math.min(covered, total)
    sums.total += total
  }

  result(): Metrics {
    return { lines: this.#of('lines'), branches: this.#of('branches'), functions: this.#of('functions') }
  }

  #of(metric: CoverageMetric): Counted | null {
    const known = this.#known[metric]
    let { covered, total } = this.#sums[metric]
    for (const isCovered of known.values()) if (isCovered) covered++
    total += known.size
    return total === 0 ? null : { covered, total }
  }
}
