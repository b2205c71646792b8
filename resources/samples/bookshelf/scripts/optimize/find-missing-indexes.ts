import { catalogue } from '../../api/queries/catalogue.ts'
import { writeJson } from '../lib/files.ts'
import { findMissingIndexes } from '../lib/indexes.ts'
import { FILES, type IndexFindings } from '../lib/optimization.ts'
import { output } from '../lib/output.ts'
import { planOf } from '../lib/plans.ts'
import { sampleStore } from '../lib/sampleStore.ts'

/** Asks SQLite how it would run each query, and which new index would spare it a whole table. */
const { database } = sampleStore(':memory:')
const indexes = findMissingIndexes(database, catalogue.values())
for (const { sql } of indexes) database.exec(sql)
database.exec('ANALYZE')
const scans = [...catalogue.values()].map((query) => [query.name, planOf(database, query).walks] as const)
const findings: IndexFindings = {
  indexes,
  remaining: Object.fromEntries(scans.filter(([, tables]) => tables.length > 0)),
}
writeJson(FILES.indexes, findings)
for (const { query, sql } of indexes) console.log(`${query}: ${sql}`)
console.log(`still read whole: ${Object.keys(findings.remaining).join(', ') || 'none'}`)
output({ indexes: indexes.length, remaining: Object.keys(findings.remaining).length })
