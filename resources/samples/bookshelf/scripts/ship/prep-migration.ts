import { schemaVersion } from '../../api/database/store.ts'
import { restore } from '../lib/dump.ts'
import { writeJson } from '../lib/files.ts'
import { type Migration, migrate, pendingMigrations } from '../lib/migrations.ts'
import { output } from '../lib/output.ts'
import { integrityProblems, tableStates } from '../lib/tables.ts'

/** What is about to be done to the database of production. `apply-migration` does this and nothing else. */
export interface MigrationPlan {
  readonly from: number
  readonly to: number
  readonly migrations: readonly Pick<Migration, 'number' | 'name' | 'sha256'>[]
  readonly rows: Readonly<Record<string, { readonly before: number; readonly after: number }>>
}

/** Rehearses the pending migrations on a copy in memory and writes down what they would do. */
const database = restore('production/database.sql', ':memory:')
const pending = pendingMigrations(database)
const from = schemaVersion(database)
const before = tableStates(database)
migrate(database, pending)
const problems = integrityProblems(database)
if (problems.length > 0) throw new Error(`the rehearsal broke the data: ${problems.join('; ')}`)

const after = tableStates(database)
const names = Object.keys(after).filter((table) => table !== 'schema_migrations')
const plan: MigrationPlan = {
  from,
  to: schemaVersion(database),
  migrations: pending.map(({ number, name, sha256 }) => ({ number, name, sha256 })),
  rows: Object.fromEntries(
    names.map((name) => [name, { before: before[name]?.rows ?? 0, after: after[name]!.rows }]),
  ),
}
writeJson('production/migration-plan.json', plan)
console.log(
  `${pending.length} migrations pending, schema ${plan.from} to ${plan.to}: rehearsed without problems`,
)
output({ from: plan.from, to: plan.to, pending: pending.length })
