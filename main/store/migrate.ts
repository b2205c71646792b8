import type { Database } from 'better-sqlite3'
import type { Migration } from './migrations/migration.ts'
import { newerDatabase } from './storeErrors.ts'

/** `user_version`: the number of the last migration applied, 0 in a new file. */
export function shapeOf(db: Database): number {
  return db.pragma('user_version', { simple: true }) as number
}

export function newestShape(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.number ?? 0
}

/**
 * Applies what is missing, each step in a transaction of its own. Processes that migrate at the same time wait for
 * each other's write lock and look at the version again once they hold it.
 * Throws StoreError `newer`, having changed nothing, for a shape this program does not know.
 */
export function migrate(db: Database, migrations: readonly Migration[], file: string): void {
  const newest = newestShape(migrations)
  while (shapeOf(db) !== newest) {
    db.transaction(() => {
      const shape = shapeOf(db)
      if (shape > newest) throw newerDatabase(file, shape, newest)
      if (shape === newest) return
      const next = migrations.find((migration) => migration.number === shape + 1)
      if (next === undefined)
        throw new Error(`There is no migration ${shape + 1}; they are numbered 1, 2, 3 …`)
      next.up(db)
      db.pragma(`user_version = ${next.number}`)
    }).immediate()
  }
}
