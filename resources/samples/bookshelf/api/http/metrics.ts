import type { QueryStatistics } from '../database/statistics.ts'

const REMEMBERED = 1000

/** Counts requests by route and status and remembers how long the latest took; `/metrics` shows them. */
export class Metrics {
  readonly #requests = new Map<string, number>()
  /** Milliseconds of the latest requests, a ring; empty until the first. */
  readonly #durations: number[] = []
  #total = 0

  record(route: string, status: number, ms: number): void {
    const key = `route="${route}",status="${status}"`
    this.#requests.set(key, (this.#requests.get(key) ?? 0) + 1)
    this.#durations[this.#total % REMEMBERED] = ms
    this.#total += 1
  }

  /** The duration, in milliseconds, that `share` (0 to 1) of the latest requests did not exceed. */
  quantile(share: number): number {
    const sorted = this.#durations.toSorted((a, b) => a - b)
    return sorted[Math.ceil(sorted.length * share) - 1] ?? 0
  }

  /** The figures in the text format that Prometheus reads. */
  render(build: { readonly version: string; readonly schema: number }, queries: QueryStatistics): string {
    const ranking = queries.ranking()
    return [
      `bookshelf_build_info{version="${build.version}",schema="${build.schema}"} 1`,
      ...[...this.#requests].map(([labels, count]) => `bookshelf_requests_total{${labels}} ${count}`),
      ...[0.5, 0.95, 0.99].map(
        (share) => `bookshelf_request_ms{quantile="${share}"} ${fixed(this.quantile(share))}`,
      ),
      ...ranking.map(({ name, calls }) => `bookshelf_query_calls_total{query="${name}"} ${calls}`),
      ...ranking.map(({ name, total }) => `bookshelf_query_ms_total{query="${name}"} ${fixed(total)}`),
      ...ranking.map(({ name, slow }) => `bookshelf_query_slow_total{query="${name}"} ${slow}`),
      '',
    ].join('\n')
  }
}

const fixed = (ms: number): string => ms.toFixed(3)
