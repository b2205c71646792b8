import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { migrate } from './migrate.ts'
import type { Migration } from './migrations/migration.ts'
import { codeOf, corruptDatabase } from './storeErrors.ts'
import { walSize } from './writeAheadLog.ts'

/**
 * Makes a new database beside `file` and links it into place when it is complete. So a file that exists is whole at
 * any moment of a crash, an empty or headless one is never ours to fill, and of two processes one wins.
 */
export function createDatabase(file: string, migrations: readonly Migration[]): void {
  if (walSize(file) > 0) {
    throw corruptDatabase(file, 'it is missing, though its write-ahead log is there')
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  removeAbandoned(file)
  const draft = `${file}.new-${process.pid}`
  try {
    fill(draft, migrations)
    chmodSync(draft, 0o600)
    publish(draft, file)
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(draft + suffix, { force: true })
  }
  syncFolder(dirname(file))
}

function fill(draft: string, migrations: readonly Migration[]): void {
  const db = new Database(draft)
  try {
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    migrate(db, migrations, draft)
  } finally {
    db.close()
  }
}

function publish(draft: string, file: string): void {
  try {
    linkSync(draft, file)
  } catch (error) {
    // Another process was first: its database is as good as ours.
    if (codeOf(error) === 'EEXIST') return
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'].includes(codeOf(error))) throw error
    // No hard links here (FAT, some network disks); the data folder's lock keeps others away meanwhile.
    if (!existsSync(file)) renameSync(draft, file)
  }
}

/** Drafts of processes that died while making one. */
function removeAbandoned(file: string): void {
  const prefix = `${basename(file)}.new-`
  for (const name of readdirSync(dirname(file))) {
    const pid = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN
    if (pid > 0 && !isAlive(pid)) rmSync(join(dirname(file), name), { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) !== 'ESRCH'
  }
}

/** Makes the new name itself durable; Windows has no such call and does it by itself. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
