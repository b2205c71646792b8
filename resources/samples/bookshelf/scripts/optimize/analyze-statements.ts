import { writeJson } from '../lib/files.ts'
import { FILES } from '../lib/optimization.ts'
import { output } from '../lib/output.ts'
import { sampleStore } from '../lib/sampleStore.ts'
import { byName, rehearse, workload } from '../lib/workload.ts'

/** Runs a day's work and ranks the queries by the time they take, as `pg_stat_statements` would. */
const store = sampleStore(':memory:')
rehearse(store, workload(), byName)
const ranking = store.statistics.ranking()
writeJson(FILES.statements, ranking)
console.table(
  ranking.map(({ name, calls, total, max }) => ({
    name,
    calls,
    total_ms: total.toFixed(2),
    max_ms: max.toFixed(2),
  })),
)
output({ statements: ranking.length, slowest: ranking[0]?.name ?? 'none' })
