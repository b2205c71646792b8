import { join } from 'node:path'
import type { Store } from '../../api/database/store.ts'
import { writeJson } from '../lib/files.ts'
import { FILES, type Measurement, migrationsBefore, readFindings, TYPED_LAYER } from '../lib/optimization.ts'
import { output } from '../lib/output.ts'
import { root } from '../lib/project.ts'
import { sampleStore } from '../lib/sampleStore.ts'
import { loadTyped } from '../lib/typedLayer.ts'
import { byName, type Runner, rehearse, workload } from '../lib/workload.ts'

/** Queries that got an index must be faster by this factor; in practice it is twenty and more. */
const DEMANDED = 2

const before = measure(sampleStore(':memory:', migrationsBefore()), byName)
const after = measure(sampleStore(':memory:'), await loadTyped(join(root, TYPED_LAYER)))
const results: Measurement[] = [...before].map(([query, ms]) => ({
  query,
  before: ms,
  after: after.get(query) ?? 0,
}))
writeJson(FILES.benchmark, results)
console.table(results.map((row) => ({ ...row, times_faster: (row.before / row.after).toFixed(1) })))

const helped = new Set(readFindings().indexes.map(({ query }) => query))
const late = results.filter(({ query, before, after }) => helped.has(query) && before / after < DEMANDED)
const total = (pick: (row: Measurement) => number): number => results.reduce((sum, row) => sum + pick(row), 0)
output({
  speedup: (total((row) => row.before) / total((row) => row.after)).toFixed(1),
  too_slow: late.length,
})
if (late.length > 0)
  throw new Error(`the new indexes do not help ${late.map(({ query }) => query).join(', ')}`)

/** Milliseconds a call, by query, once everything is warm. */
function measure(store: Store, runner: Runner): Map<string, number> {
  rehearse(store, workload(), runner)
  const warm = new Map(store.statistics.ranking().map(({ name, total }) => [name, total]))
  rehearse(store, workload(), runner)
  const perCall = store.statistics
    .ranking()
    .map(({ name, total, calls }) => [name, (total - (warm.get(name) ?? 0)) / (calls / 2)] as const)
  return new Map(perCall)
}
