import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { StoreError } from '../engine/ports/store.ts'
import { codeOf, storeError } from './storeErrors.ts'

/** Who hosts the engine of a data folder, for people to read. The lock itself does not rest on it. */
export interface LockHolder {
  readonly pid: number
  /** Ms since 1970. */
  readonly startedAt: number
}

export type DataFolderLock =
  | { readonly ok: true; readonly release: () => void }
  /** `holder` is missing where its file cannot be read. */
  | { readonly ok: false; readonly holder?: LockHolder }

/** An empty SQLite file that is never written: only its lock counts. Never open it by other means. */
const LOCK_FILE = 'engine.lock'
const HOLDER_FILE = 'engine.json'

/** A connection that is collected as garbage would give its lock back. */
const held = new Set<Database.Database>()

/**
 * Makes this process the one that hosts the engine of `dir`, or says who does. The lock is the operating system's, on
 * an SQLite file: a process that dies, however it dies, gives it back at once. Throws StoreError `unavailable` where
 * the folder cannot be written.
 */
export function lockDataFolder(dir: string): DataFolderLock {
  const file = join(dir, LOCK_FILE)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const db = open(file)
  if (db === undefined) return refusal(dir)
  held.add(db)
  writeHolder(dir)
  return {
    ok: true,
    release: () => {
      // Releasing twice is harmless. The holder's file stays: by now it may be another's.
      held.delete(db)
      db.close()
    },
  }
}

/** Undefined: another process, or another lock of this one, is the host. */
function open(file: string): Database.Database | undefined {
  let db: Database.Database | undefined
  try {
    db = new Database(file, { timeout: 0 })
    chmodSync(file, 0o600)
    db.exec('BEGIN EXCLUSIVE')
    return db
  } catch (error) {
    db?.close()
    if (codeOf(error).startsWith('SQLITE_BUSY')) return undefined
    if (codeOf(error) === 'SQLITE_NOTADB') {
      const remedy = 'It holds no data of ours: move it away and start again.'
      throw new StoreError('unavailable', `${file} is not the lock file it should be.`, remedy, {
        cause: error,
      })
    }
    throw storeError(error, 'opening', file)
  }
}

function writeHolder(dir: string): void {
  const startedAt = Math.round(Date.now() - process.uptime() * 1000)
  const draft = join(dir, `${HOLDER_FILE}.new`)
  try {
    writeFileSync(draft, `${JSON.stringify({ pid: process.pid, startedAt })}\n`, { mode: 0o600 })
    renameSync(draft, join(dir, HOLDER_FILE))
  } catch {
    // On a full disk the engine must still start. Better no name than the last holder's.
    rmSync(join(dir, HOLDER_FILE), { force: true })
  }
}

function refusal(dir: string): DataFolderLock {
  try {
    const read: unknown = JSON.parse(readFileSync(join(dir, HOLDER_FILE), 'utf8'))
    if (isHolder(read)) return { ok: false, holder: { pid: read.pid, startedAt: read.startedAt } }
  } catch {
    // Not written yet, or damaged: the lock is what counts.
  }
  return { ok: false }
}

function isHolder(value: unknown): value is LockHolder {
  if (typeof value !== 'object' || value === null) return false
  const { pid, startedAt } = value as Partial<Record<keyof LockHolder, unknown>>
  return typeof pid === 'number' && typeof startedAt === 'number'
}
