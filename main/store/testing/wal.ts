import { readFileSync } from 'node:fs'

/** Where things are in a write-ahead log (SQLite file format, 4.1 and 4.2). */
export const WAL_HEADER = 32
export const WAL_FRAME = 24 + 4096

/** How many of the log's frames are of its present generation: those whose salts are the header's. */
export function liveFrames(walFile: string): number {
  const wal = readFileSync(walFile)
  const salts = wal.subarray(16, 24)
  let frames = 0
  for (let at = WAL_HEADER; at + WAL_FRAME <= wal.length; at += WAL_FRAME) {
    if (!wal.subarray(at + 8, at + 16).equals(salts)) break
    frames += 1
  }
  return frames
}
