import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { schemaVersion } from '../../api/database/store.ts'
import { dump, restore } from '../lib/dump.ts'
import { readJson, writeJson } from '../lib/files.ts'
import { migrate, pendingMigrations } from '../lib/migrations.ts'
import { output } from '../lib/output.ts'
import { version } from '../lib/project.ts'
import { differences, readManifest } from '../lib/snapshots.ts'
import { integrityProblems, tableStates } from '../lib/tables.ts'
import type { MigrationPlan } from './prep-migration.ts'

interface JournalEntry {
  readonly version: string
  readonly from: number
  readonly to: number
  readonly migrations: readonly string[]
  /** What brings the data back as they were. */
  readonly snapshot: string
}

const DATABASE = 'var/production.db'
const JOURNAL = 'production/journal.json'

/** Migrates production as it was planned, and only with a snapshot of exactly these data at hand. */
const plan = readJson<MigrationPlan>('production/migration-plan.json')
const snapshot = readManifest('backups/production', `before-${version}`)
mkdirSync('var', { recursive: true })
rmSync(DATABASE, { force: true })
const database = restore('production/database.sql', DATABASE)

const unsaved = differences(snapshot.tables, tableStates(database))
if (unsaved.length > 0)
  throw new Error(`snapshot ${snapshot.name} is of other data (${unsaved.join(', ')}): take a new one`)
const pending = pendingMigrations(database)
const planned = plan.migrations.map(({ sha256 }) => sha256).join()
if (pending.map(({ sha256 }) => sha256).join() !== planned)
  throw new Error('the migrations are not those that were planned: plan again')

migrate(database, pending)
const problems = integrityProblems(database)
if (problems.length > 0) throw new Error(`the migration broke the data: ${problems.join('; ')}`)

const to = schemaVersion(database)
writeFileSync('production/database.sql', dump(database))
database.close()
const journal = existsSync(JOURNAL) ? readJson<JournalEntry[]>(JOURNAL) : []
const entry = {
  version,
  from: plan.from,
  to,
  migrations: pending.map(({ name }) => name),
  snapshot: snapshot.sha256,
}
if (pending.length > 0) writeJson(JOURNAL, [...journal, entry])
console.log(`production is at schema ${to}: ${entry.migrations.join(', ') || 'nothing was pending'}`)
output({ schema: to, applied: pending.length })
