import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { scratchFolder, writeJson, writeText } from '../lib/files.ts'
import { readBenchmark } from '../lib/optimization.ts'
import { output } from '../lib/output.ts'
import { parseMetrics, sum } from '../lib/prometheus.ts'
import { startServer } from '../lib/server.ts'

const SLOW_QUERIES = 'monitoring/slow-queries.json'

/** From when on a query counts as slow: fifty times what it takes now, and never under five milliseconds. */
const limits = readBenchmark().map(({ query, after }) => [query, Math.max(5, Math.ceil(after * 50))] as const)
writeJson(SLOW_QUERIES, { ...Object.fromEntries(limits), default: 50 })
writeText('monitoring/alerts.yml', alertRules())

using scratch = scratchFolder()
const database = join(scratch.path, 'copy.db')
cpSync('staging/staging.db', database)
await using server = await startServer({ build: 'staging', database, env: { SLOW_QUERIES } })
for (const path of ['/', '/api/books/1', '/api/overdue']) await (await fetch(server.url + path)).arrayBuffer()
const samples = parseMetrics(await (await fetch(`${server.url}/metrics`)).text())
const watched = samples.filter(({ name }) => name === 'bookshelf_query_slow_total')
if (watched.length === 0)
  throw new Error('staging exports no bookshelf_query_slow_total: the alert would never fire')
console.log(
  `${limits.length} queries watched; ${sum(samples, 'bookshelf_query_slow_total')} slow calls so far`,
)
output({ queries: limits.length, exported: watched.length })

function alertRules(): string {
  return `groups:
  - name: bookshelf
    rules:
      - alert: SlowQueries
        expr: rate(bookshelf_query_slow_total[5m]) / rate(bookshelf_query_calls_total[5m]) > 0.05
        for: 5m
        labels:
          severity: P2
        annotations:
          summary: '{{ $labels.query }} is slow in more than one of twenty calls'
`
}
