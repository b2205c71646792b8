import { DatabaseSync } from 'node:sqlite'
import { QueryStatistics } from './statistics.ts'

/** The open database and what is known about the queries it has answered. */
export interface Store {
  readonly database: DatabaseSync
  readonly statistics: QueryStatistics
}

export type Params = Readonly<Record<string, string | number | null>>

export interface OpenOptions {
  /** `name` to milliseconds from which a query counts as slow; `default` is for those not named. */
  readonly slowAfter?: Readonly<Record<string, number>>
}

export function openStore(path: string, options: OpenOptions = {}): Store {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: true })
  database.exec('PRAGMA busy_timeout = 2000')
  return { database, statistics: new QueryStatistics(options.slowAfter) }
}

/** The number of the newest migration applied; 0 for an empty database. */
export function schemaVersion(database: DatabaseSync): number {
  const known = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'").get()
  if (known === undefined) return 0
  const row = database.prepare('SELECT coalesce(max(number), 0) AS number FROM schema_migrations').get()
  return Number(row?.number)
}

/** Runs `work` in one transaction: all of it is stored, or nothing. */
export function transaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}
