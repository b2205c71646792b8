import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Files of points: whole on the disk before anybody is told of them. Readable by the program alone. */
export interface Written {
  /** sha256, hex. */
  readonly hash: string
  readonly bytes: number
}

export async function writeHashed(path: string, pieces: AsyncIterable<Uint8Array>): Promise<Written> {
  const file = await open(path, 'w', 0o600)
  try {
    const hash = createHash('sha256')
    let bytes = 0
    for await (const piece of pieces) {
      hash.update(piece)
      bytes += piece.length
      await writeAll(file, piece)
    }
    await file.sync()
    return { hash: hash.digest('hex'), bytes }
  } finally {
    await file.close()
  }
}

async function writeAll(file: FileHandle, piece: Uint8Array): Promise<void> {
  let written = 0
  while (written < piece.length) written += (await file.write(piece, written)).bytesWritten
}

export async function hashFile(path: string): Promise<Written> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of createReadStream(path)) {
    hash.update(piece as Buffer)
    bytes += (piece as Buffer).length
  }
  return { hash: hash.digest('hex'), bytes }
}

export const hashText = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex')

/** Beside it first, in a file of its own: whatever stands there by that name (a link, a file that all may read) goes. */
export async function writeDurably(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const beside = `${path}.new`
  await rm(beside, { force: true })
  const file = await open(beside, 'wx', mode)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(beside, path)
  await syncFolder(dirname(path))
}

/** What a folder holds is as durable as the folder. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } catch (error) {
    // Not every file system takes it; those that need it do.
    if (!['EINVAL', 'EPERM', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    await folder.close()
  }
}
