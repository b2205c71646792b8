import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { schemaVersion, transaction } from '../../api/database/store.ts'
import { sha256 } from './files.ts'
import { root } from './project.ts'

export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  /** Of the SQL: an applied migration that was edited afterwards is found out by it. */
  readonly sha256: string
}

const JOURNAL = `CREATE TABLE IF NOT EXISTS schema_migrations (
  number INTEGER PRIMARY KEY,
  name   TEXT NOT NULL,
  sha256 TEXT NOT NULL
) STRICT`

/** The files of `migrations`, in order: numbered without gaps from 1. */
export function readMigrations(folder = join(root, 'migrations')): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
  return names.map((file, i) => {
    const [, digits, name] = /^(\d{3})-([\w-]+)\.sql$/.exec(file) ?? []
    if (Number(digits) !== i + 1) throw new Error(`migrations/${file}: number ${i + 1} was expected here`)
    const sql = readFileSync(join(folder, file), 'utf8')
    return { number: i + 1, name: name!, sql, sha256: sha256(sql) }
  })
}

export function latestMigration(): number {
  return readMigrations().length
}

/** What the database lacks. Throws if a migration it has was edited since. */
export function pendingMigrations(database: DatabaseSync, all = readMigrations()): Migration[] {
  if (schemaVersion(database) === 0) return [...all]
  const applied = database.prepare('SELECT number, name, sha256 FROM schema_migrations ORDER BY number').all()
  for (const row of applied) {
    const known = all.find(({ number }) => number === row.number)
    if (known?.sha256 !== row.sha256)
      throw new Error(
        `migration ${row.number} (${row.name}) is not what was applied: write a new one instead of editing it`,
      )
  }
  return all.filter(({ number }) => !applied.some((row) => row.number === number))
}

/** Applies migrations in one transaction, so that a failing one leaves the database as it was. */
export function migrate(database: DatabaseSync, migrations = pendingMigrations(database)): void {
  transaction(database, () => {
    database.exec(JOURNAL)
    const note = database.prepare('INSERT INTO schema_migrations (number, name, sha256) VALUES (?, ?, ?)')
    for (const migration of migrations) {
      database.exec(migration.sql)
      note.run(migration.number, migration.name, migration.sha256)
    }
  })
}
