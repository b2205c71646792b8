import { existsSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { StoreError } from '../engine/ports/store.ts'
import { createDatabase } from './createDatabase.ts'
import { migrate, newestShape, shapeOf } from './migrate.ts'
import { APPLICATION_ID } from './migrations/0001-initial.ts'
import type { Migration } from './migrations/migration.ts'
import { corruptDatabase, newerDatabase, storeError } from './storeErrors.ts'
import { assertWalHeader, preallocateWal, syncWal, walSize } from './writeAheadLog.ts'

export interface DatabaseOptions {
  readonly file: string
  /** `full`: a commit is on the disk when it returns. `normal`: a power loss may take the last ones, in order. */
  readonly durability: 'full' | 'normal'
  /** Size the write-ahead log is brought to at open; 0 leaves it as it is. */
  readonly walBytes: number
  /** How long to wait for another process's lock, ms. */
  readonly busyTimeoutMs: number
  readonly migrations: readonly Migration[]
}

/**
 * Opens, or makes where there is none, and leaves nothing undecided: what is read afterwards is durable.
 * `again`: after an I/O error, when only a checkpoint tells for sure what the disk holds.
 * Throws StoreError; the files are changed only after they were found to be sound and of a known shape.
 */
export function openDatabase(options: DatabaseOptions, again = false): Database.Database {
  try {
    if (!existsSync(options.file)) {
      if (again) throw corruptDatabase(options.file, 'it was removed while it was in use')
      createDatabase(options.file, options.migrations)
    }
    const unclean = inspect(options)
    const db = new Database(options.file, { fileMustExist: true, timeout: options.busyTimeoutMs })
    try {
      configure(db, options)
      migrate(db, options.migrations, options.file)
      if (unclean) settle(db, options.file, again)
      preallocateWal(options.file, options.walBytes)
      return db
    } catch (error) {
      db.close()
      throw error
    }
  } catch (error) {
    throw storeError(error, 'opening', options.file)
  }
}

/**
 * Looks at an existing database through a read-only connection, which leaves file and log byte for byte as they are.
 * Answers whether the last process left without closing it; only then the content is checked, for it costs a pass
 * over the file.
 */
function inspect(options: DatabaseOptions): boolean {
  const { file } = options
  if (statSync(file).size === 0) throw corruptDatabase(file, 'it is empty, and a database never is')
  const unclean = walSize(file) > 0
  assertWalHeader(file)
  const db = new Database(file, { readonly: true, fileMustExist: true, timeout: options.busyTimeoutMs })
  try {
    const shape = shapeOf(db)
    const owner = db.pragma('application_id', { simple: true })
    if (owner !== APPLICATION_ID) throw corruptDatabase(file, 'it belongs to another program')
    const newest = newestShape(options.migrations)
    if (shape > newest) throw newerDatabase(file, shape, newest)
    if (unclean) quickCheck(db, file)
  } finally {
    db.close()
  }
  return unclean
}

/** About 1 ms a megabyte; above this only the tables that stay small are checked, the log when it is read. */
const WHOLE_CHECK_BYTES = 256 << 20

function quickCheck(db: Database.Database, file: string): void {
  const whole = statSync(file).size <= WHOLE_CHECK_BYTES
  for (const what of whole ? ['1'] : ['meta', 'runs', 'command_outcomes']) {
    const verdict = db.pragma(`quick_check(${what})`, { simple: true })
    if (verdict !== 'ok') throw corruptDatabase(file, String(verdict))
  }
}

function configure(db: Database.Database, options: DatabaseOptions): void {
  const mode = db.pragma('journal_mode = WAL', { simple: true })
  if (mode !== 'wal') {
    throw new StoreError(
      'unavailable',
      `The folder of ${options.file} cannot hold a write-ahead log.`,
      'Put the data folder on a local disk (AMPHITHEATRE_DATA).',
    )
  }
  db.pragma(`synchronous = ${options.durability === 'full' ? 'FULL' : 'NORMAL'}`)
  // macOS: without it a sync stops at the drive's cache. No effect elsewhere.
  db.pragma('fullfsync = ON')
  db.pragma('cache_size = -32000')
  db.pragma('temp_store = MEMORY')
  db.pragma('trusted_schema = OFF')
  db.pragma('cell_size_check = ON')
}

interface CheckpointResult {
  readonly log: number
  readonly checkpointed: number
}

/**
 * After a crash the log may hold commits that no sync has covered yet. They are read as committed, so they are made
 * durable first. On a full disk syncing the log is enough; after a failed sync it is not, for the system may have
 * forgotten the pages: then the checkpoint must succeed.
 */
function settle(db: Database.Database, file: string, again: boolean): void {
  syncWal(file)
  try {
    const [result] = db.pragma('wal_checkpoint(RESTART)') as [CheckpointResult]
    if (!again || result.checkpointed === result.log) return
  } catch (error) {
    if (!again) return
    throw error
  }
  throw new StoreError(
    'unavailable',
    `Another program reads ${file}, so it cannot be brought up to date after the I/O error.`,
    'Close the other program; the database is opened again with the next try.',
  )
}
