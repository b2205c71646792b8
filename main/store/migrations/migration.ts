import type { Database } from 'better-sqlite3'

/**
 * One numbered step of the database's shape. Runs inside a transaction that also sets `user_version`; never edited
 * once released, for databases of every released shape must open for ever.
 */
export interface Migration {
  /** 1, 2, 3 … without a gap: the `user_version` a database has after it. */
  readonly number: number
  readonly name: string
  readonly up: (db: Database) => void
}
