import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs'
import { corruptDatabase } from './storeErrors.ts'

/**
 * The `-wal` file beside a database, touched outside SQLite in three harmless ways. Its own descriptor may be opened
 * and closed here: SQLite keeps its locks on the database and on `-shm`. (Never do that to the database file: closing
 * any descriptor of it drops this process's POSIX locks.)
 */
function walOf(file: string): string {
  return `${file}-wal`
}

/** Bytes, 0 when there is none. Above 0 before opening: the last process did not close the database. */
export function walSize(file: string): number {
  return statSync(walOf(file), { throwIfNoEntry: false })?.size ?? 0
}

const WAL_HEADER_BYTES = 32
/** Big-endian; the last bit tells the byte order of the checksums (SQLite file format, 4.1). */
const WAL_MAGICS = [0x377f0682, 0x377f0683]

/**
 * SQLite takes a log with a garbled header for an empty one, and what was acknowledged would be gone without a word.
 * Zeros are fine: that is our own preallocation. Throws StoreError `corrupt`.
 */
export function assertWalHeader(file: string): void {
  if (walSize(file) === 0) return
  const header = Buffer.alloc(WAL_HEADER_BYTES)
  withFile(walOf(file), 'r', (fd) => readSync(fd, header, 0, WAL_HEADER_BYTES, 0))
  if (header.every((byte) => byte === 0) || WAL_MAGICS.includes(header.readUInt32BE(0))) return
  throw corruptDatabase(file, 'its write-ahead log does not begin as one')
}

/** What a killed process wrote and had not yet synced becomes durable before anyone acts on it. */
export function syncWal(file: string): void {
  withFile(walOf(file), 'r+', fsyncSync)
}

const PIECE = Buffer.alloc(1 << 20)

/**
 * Fills the log with zeros up to `bytes`, so that commits overwrite blocks that exist: no size to update, a lone
 * durable commit a third cheaper, and room for some thousand of them when the disk is full. SQLite ignores what
 * follows its last commit. Answers false where the disk had no room: slower, not wrong.
 */
export function preallocateWal(file: string, bytes: number): boolean {
  try {
    withFile(walOf(file), 'r+', (fd) => {
      for (let at = fstatSync(fd).size; at < bytes; ) {
        at += writeSync(fd, PIECE, 0, Math.min(PIECE.length, bytes - at), at)
      }
      fdatasyncSync(fd)
    })
    return true
  } catch {
    return false
  }
}

function withFile(path: string, flags: string, use: (fd: number) => void): void {
  const fd = openSync(path, flags)
  try {
    use(fd)
  } finally {
    closeSync(fd)
  }
}
