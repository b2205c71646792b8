import { StoreError } from '../engine/ports/store.ts'

/** What the store was doing when SQLite failed: only a commit leaves open whether it took place. */
export type Phase = 'opening' | 'reading' | 'writing' | 'committing'

const KEEP_REMEDY = 'Nothing was changed. Copy the file and its -wal aside, then restore a backup.'

/** The SQLite result code (`SQLITE_FULL`, `SQLITE_IOERR_FSYNC` …) or Node's errno code; '' when there is none. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

export function corruptDatabase(file: string, what: string, cause?: unknown): StoreError {
  return new StoreError('corrupt', `The database ${file} is damaged: ${what}.`, KEEP_REMEDY, { cause })
}

export function newerDatabase(file: string, found: number, known: number): StoreError {
  return new StoreError(
    'newer',
    `The database ${file} has shape ${found}, this program knows shapes up to ${known}.`,
    'Start the newer program that wrote it, or restore a backup made before the upgrade. Nothing was changed.',
  )
}

/**
 * What a failure means to the engine. An error that is no trouble of the disk (a broken constraint, a bug) comes back
 * as it is: it is a surprise, and trying again would not help.
 */
export function storeError(error: unknown, phase: Phase, file: string): unknown {
  if (error instanceof StoreError) return error
  const code = codeOf(error)
  const detail = error instanceof Error ? error.message : String(error)
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return corruptDatabase(file, detail, error)
  }
  const remedy = remedyFor(code)
  if (remedy === undefined) return error
  const where = `${file}: ${detail} (${code})`
  if (phase === 'committing' && !isKnownRolledBack(code)) {
    return new StoreError('unknown', `A commit may or may not have reached ${where}.`, remedy, {
      cause: error,
    })
  }
  const doing = phase === 'opening' ? 'open' : phase === 'reading' ? 'read' : 'write to'
  return new StoreError('unavailable', `Could not ${doing} ${where}.`, remedy, { cause: error })
}

/**
 * A full disk stops the write of a frame, so that the commit frame, which is the last, is not whole in the log; a busy
 * database has not begun. After anything else (a failed fsync, no memory for the index) the frames may all be there.
 */
function isKnownRolledBack(code: string): boolean {
  return code === 'SQLITE_FULL' || code === 'ENOSPC' || code.startsWith('SQLITE_BUSY')
}

/** Undefined: not an error of the surroundings. */
function remedyFor(code: string): string | undefined {
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') {
    return 'Free space on this disk; work goes on by itself.'
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED') || code === 'SQLITE_PROTOCOL') {
    return 'Another program holds the database; close it.'
  }
  if (/^(SQLITE_(READONLY|CANTOPEN|PERM|AUTH)|EACCES|EPERM|EROFS|ENOTDIR|EEXIST)/.test(code)) {
    return 'Check that this user may write the folder and the file, and that the disk is not mounted read-only.'
  }
  if (code.startsWith('SQLITE_IOERR') || code === 'EIO') {
    return 'Check the disk (the system log names it); the database is opened again with the next try.'
  }
  if (code === 'SQLITE_NOMEM') return 'Free memory on this machine.'
  return undefined
}
