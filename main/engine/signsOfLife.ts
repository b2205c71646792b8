import type { AttemptId } from '../domain/ids.ts'

/**
 * When each agent last gave a sign of life: output, CPU, a call through its door. Telemetry, kept in memory only: an
 * engine that starts takes all agents for alive.
 */
export class SignsOfLife {
  readonly #now: () => number
  readonly #last = new Map<AttemptId, number>()

  constructor(now: () => number) {
    this.#now = now
  }

  seen(attempt: AttemptId): void {
    this.#last.set(attempt, this.#now())
  }

  /** Engine time, ms; that of the first question where nothing was seen before. */
  last(attempt: AttemptId): number {
    const known = this.#last.get(attempt)
    if (known !== undefined) return known
    this.seen(attempt)
    return this.#now()
  }

  keepOnly(attempts: ReadonlySet<AttemptId>): void {
    for (const attempt of this.#last.keys()) if (!attempts.has(attempt)) this.#last.delete(attempt)
  }
}
