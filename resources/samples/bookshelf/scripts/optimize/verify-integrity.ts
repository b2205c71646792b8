import type { DatabaseSync } from 'node:sqlite'
import { restore } from '../lib/dump.ts'
import { migrate } from '../lib/migrations.ts'
import { migrationsBefore } from '../lib/optimization.ts'
import { output } from '../lib/output.ts'
import { sampleStore } from '../lib/sampleStore.ts'
import { differences } from '../lib/snapshots.ts'
import { integrityProblems, tableStates } from '../lib/tables.ts'

/** What must hold in a library, each as a query that finds the rows which break it. */
const INVARIANTS: Readonly<Record<string, string>> = {
  'a book is lent once at a time':
    'SELECT 1 FROM loans WHERE returned IS NULL GROUP BY book_id HAVING count(*) > 1',
  'a loan ends after it began': 'SELECT 1 FROM loans WHERE due < lent OR returned < lent',
  'a book has a shelf mark': "SELECT 1 FROM books WHERE shelf_mark = ''",
}

const { database } = sampleStore(':memory:', migrationsBefore())
const before = dataOf(database)
migrate(database)
const changed = differences(before, dataOf(database))
const production = restore('production/database.sql', ':memory:')
migrate(production)

const problems = [...changed, ...problemsOf(database), ...problemsOf(production)]
const rows = Object.values(before).reduce((sum, table) => sum + table.rows, 0)
console.log(`${rows} rows compared before and after: ${problems.join('; ') || 'all the same, all sound'}`)
output({ rows, problems: problems.length })
if (problems.length > 0) process.exitCode = 1

/** The journal of migrations is meant to grow; everything else is data. */
function dataOf(database: DatabaseSync) {
  const { schema_migrations: _, ...data } = tableStates(database)
  return data
}

function problemsOf(database: DatabaseSync): string[] {
  const broken = Object.entries(INVARIANTS).filter(([, sql]) => database.prepare(sql).get() !== undefined)
  return [...integrityProblems(database), ...broken.map(([rule]) => `broken: ${rule}`)]
}
