import { type Measurement, MOST_NAMED, SEVERITIES, type Severity } from '../domain/gates/gate.ts'

type Found = Extract<Measurement, { kind: 'findings' }>

/** Counts findings, and keeps the first of the worst. */
export class Findings {
  readonly #counts: Record<Severity, number> = { low: 0, medium: 0, high: 0, critical: 0 }
  readonly #named: Record<Severity, string[]> = { low: [], medium: [], high: [], critical: [] }
  #suppressed = 0

  add(severity: Severity, words: () => string): void {
    this.#counts[severity]++
    if (this.#named[severity].length < MOST_NAMED) this.#named[severity].push(words())
  }

  suppress(): void {
    this.#suppressed++
  }

  result(): Found {
    const worst = SEVERITIES.toReversed().flatMap((severity) =>
      this.#named[severity].map((text) => ({ severity, text })),
    )
    return {
      kind: 'findings',
      counts: { ...this.#counts },
      suppressed: this.#suppressed,
      first: worst.slice(0, MOST_NAMED),
    }
  }
}
