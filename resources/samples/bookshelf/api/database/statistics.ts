export interface QueryFigures {
  readonly name: string
  readonly calls: number
  /** Milliseconds, all calls together. */
  readonly total: number
  /** Milliseconds, the slowest call. */
  readonly max: number
  readonly slow: number
}

const SLOW_AFTER = { default: 50 }

/** Counts and times queries by name, as `pg_stat_statements` does on a server. */
export class QueryStatistics {
  readonly #figures = new Map<string, QueryFigures>()
  readonly #slowAfter: Readonly<Record<string, number>>

  constructor(slowAfter: Readonly<Record<string, number>> = SLOW_AFTER) {
    this.#slowAfter = slowAfter
  }

  /** Runs a query and takes its time; a query that throws is counted as well. */
  time<Result>(name: string, query: () => Result): Result {
    const start = performance.now()
    try {
      return query()
    } finally {
      this.#record(name, performance.now() - start)
    }
  }

  /** The most expensive query first. */
  ranking(): QueryFigures[] {
    return [...this.#figures.values()].sort((a, b) => b.total - a.total)
  }

  #record(name: string, ms: number): void {
    const { calls, total, max, slow } = this.#figures.get(name) ?? { calls: 0, total: 0, max: 0, slow: 0 }
    const isSlow = ms >= (this.#slowAfter[name] ?? this.#slowAfter.default ?? SLOW_AFTER.default)
    const next = {
      name,
      calls: calls + 1,
      total: total + ms,
      max: Math.max(max, ms),
      slow: slow + (isSlow ? 1 : 0),
    }
    this.#figures.set(name, next)
  }
}
