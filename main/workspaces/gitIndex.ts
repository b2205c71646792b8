import type { BigIntStats } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { breathe } from './files.ts'
import type { ObjectFormat } from './hub.ts'

/** What git knew of a file when it placed it: enough to tell later, without reading it, that nothing touched it. */
export interface IndexEntry {
  /** As git writes it: `100644`, `100755`, `120000`, `160000`. */
  readonly mode: string
  readonly id: string
  readonly ctimeNs: bigint
  readonly mtimeNs: bigint
  /** The lowest 32 bits, as the index keeps them. */
  readonly ino: number
  readonly size: number
}

const STAT_BYTES = 40

/**
 * Reads a git index, version 2 (what git writes unless told otherwise; anything else is an error).
 * Layout: https://git-scm.com/docs/index-format. Gives way to other work every few thousand entries.
 */
export async function readIndex(path: string, format: ObjectFormat): Promise<Map<string, IndexEntry>> {
  const data = await readFile(path)
  const version = data.length < 12 ? 0 : data.readUInt32BE(4)
  if (data.toString('latin1', 0, 4) !== 'DIRC' || version !== 2) {
    throw new Error(`${path} is not a git index of version 2`)
  }
  const idBytes = format === 'sha1' ? 20 : 32
  const count = data.readUInt32BE(8)
  const entries = new Map<string, IndexEntry>()
  let at = 12
  for (let i = 0; i < count; i += 1) {
    const nameStart = at + STAT_BYTES + idBytes + 2
    const nameEnd = data.indexOf(0, nameStart)
    entries.set(data.toString('utf8', nameStart, nameEnd), readEntry(data, at, idBytes))
    // Entries are padded with 1 to 8 NULs to a multiple of eight.
    at += ((nameEnd - at + 8) >> 3) << 3
    if (i % 2000 === 1999) await breathe()
  }
  return entries
}

function readEntry(data: Buffer, at: number, idBytes: number): IndexEntry {
  const time = (offset: number): bigint =>
    BigInt(data.readUInt32BE(at + offset)) * 1_000_000_000n + BigInt(data.readUInt32BE(at + offset + 4))
  return {
    ctimeNs: time(0),
    mtimeNs: time(8),
    ino: data.readUInt32BE(at + 20),
    mode: data.readUInt32BE(at + 24).toString(8),
    size: data.readUInt32BE(at + 36),
    id: data.toString('hex', at + STAT_BYTES, at + STAT_BYTES + idBytes),
  }
}

/** git's mode for what lies on the disk; undefined for what git does not store. */
function gitMode(stat: BigIntStats): string | undefined {
  if (stat.isSymbolicLink()) return '120000'
  if (!stat.isFile()) return undefined
  return (stat.mode & 0o100n) === 0n ? '100644' : '100755'
}

/** Mode, size, both times and inode: an agent can set the modification time, but not the change time. */
export function isUntouched(entry: IndexEntry, stat: BigIntStats): boolean {
  return (
    entry.mtimeNs === stat.mtimeNs &&
    entry.ctimeNs === stat.ctimeNs &&
    entry.size === Number(stat.size & 0xffffffffn) &&
    entry.ino === Number(stat.ino & 0xffffffffn) &&
    entry.mode === gitMode(stat)
  )
}
