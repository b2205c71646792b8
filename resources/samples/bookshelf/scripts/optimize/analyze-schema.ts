import { writeJson } from '../lib/files.ts'
import { FILES } from '../lib/optimization.ts'
import { output } from '../lib/output.ts'
import { sampleStore } from '../lib/sampleStore.ts'
import { columnNames, tableNames, tableState } from '../lib/tables.ts'

/** Looks at the tables: how large they are, and which references have no index to follow them back. */
const { database } = sampleStore(':memory:')
const tables = tableNames(database).filter((name) => name !== 'schema_migrations')
const report = tables.map((table) => ({
  table,
  rows: tableState(database, table).rows,
  columns: columnNames(database, table),
  unindexed_references: referencesOf(table).filter((column) => !leadsAnIndex(table, column)),
}))
const findings = report.flatMap(({ table, unindexed_references }) =>
  unindexed_references.map((column) => `${table}.${column}`),
)
writeJson(FILES.schema, report)
console.log(`${tables.length} tables; references without an index: ${findings.join(', ') || 'none'}`)
output({ tables: tables.length, findings: findings.length })

function referencesOf(table: string): string[] {
  return database
    .prepare('SELECT "from" AS name FROM pragma_foreign_key_list(?)')
    .all(table)
    .map(({ name }) => String(name))
}

/** A partial index does not count: it knows only some of the rows. */
function leadsAnIndex(table: string, column: string): boolean {
  const sql = `SELECT 1 FROM pragma_index_list(?) AS list, pragma_index_info(list.name) AS info
    WHERE info.seqno = 0 AND info.name = ? AND NOT list.partial`
  return database.prepare(sql).get(table, column) !== undefined
}
