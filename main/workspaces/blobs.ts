import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkspaceError } from '../engine/ports/workspaces.ts'
import { isErrno } from './git.ts'
import type { Hub, ObjectFormat } from './hub.ts'
import type { Found } from './walk.ts'

const CHUNK = 256 * 1024

type Open = (path: string) => Promise<FileHandle | undefined>

/** Not through a link, not waiting on a FIFO that took the file's place. Undefined where it may not be read. */
async function openHere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (isErrno(error) && (error.code === 'EACCES' || error.code === 'EPERM')) return undefined
    throw error
  }
}

/** What `lstat` saw is still what the open file is. */
async function isAsSeen(file: FileHandle, found: Found): Promise<boolean> {
  const now = await file.stat({ bigint: true })
  const { ino, dev, size, mtimeNs, ctimeNs } = found.stat
  return (
    now.isFile() &&
    now.ino === ino &&
    now.dev === dev &&
    now.size === size &&
    now.mtimeNs === mtimeNs &&
    now.ctimeNs === ctimeNs
  )
}

function changed(found: Found): WorkspaceError {
  const message = `${found.path} changed while it was read`
  return new WorkspaceError('transient', message, 'Make sure the agent is over, then try again.')
}

/**
 * The bytes of a file or the target of a link, exactly as many as `lstat` said; undefined if it may not be read. A file
 * that is not, or while it is read no longer, what `lstat` saw is a transient error. `open` takes a path in `work`.
 */
export async function contentOf(
  work: string,
  found: Found,
  open: Open = (path) => openHere(join(work, path)),
): Promise<AsyncIterable<Uint8Array> | undefined> {
  if (found.target !== null) return once(Buffer.from(found.target))
  const file = await open(found.path)
  if (file === undefined) return undefined
  if (await isAsSeen(file, found)) return readExactly(file, found)
  await file.close()
  throw changed(found)
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function* readExactly(file: FileHandle, found: Found): AsyncGenerator<Uint8Array> {
  try {
    let left = Number(found.stat.size)
    while (left > 0) {
      const { bytesRead, buffer } = await file.read(
        Buffer.allocUnsafe(Math.min(CHUNK, left)),
        0,
        Math.min(CHUNK, left),
      )
      if (bytesRead === 0) throw changed(found)
      left -= bytesRead
      yield buffer.subarray(0, bytesRead)
    }
    if (!(await isAsSeen(file, found))) throw changed(found)
  } finally {
    await file.close()
  }
}

export function sizeOf(found: Found): number {
  return found.target === null ? Number(found.stat.size) : Buffer.byteLength(found.target)
}

/** The id git would give the content, without storing it; undefined if it may not be read. */
export async function blobId(
  work: string,
  found: Found,
  format: ObjectFormat,
  open?: Open,
): Promise<string | undefined> {
  const content = await contentOf(work, found, open)
  if (content === undefined) return undefined
  const hash = createHash(format).update(`blob ${sizeOf(found)}\0`)
  for await (const chunk of content) hash.update(chunk)
  return hash.digest('hex')
}

/**
 * Stores the files' bytes in the hub, unconverted, and resolves to the blob id of each path (missing where it may
 * not be read). One `fast-import` for all: the engine opens the files and hands over bytes only, so no name or
 * link of an agent ever reaches git.
 */
export async function storeBlobs(
  hub: Hub,
  files: readonly Found[],
  contentOf: (found: Found) => Promise<AsyncIterable<Uint8Array> | undefined>,
): Promise<Map<string, string>> {
  const stored: string[] = []
  if (files.length === 0) return new Map()
  async function* stream(): AsyncGenerator<Uint8Array> {
    for (const found of files) {
      const content = await contentOf(found)
      if (content === undefined) continue
      stored.push(found.path)
      yield Buffer.from(`blob\nmark :${stored.length}\ndata ${sizeOf(found)}\n`)
      yield* content
      yield Buffer.from(`\nget-mark :${stored.length}\n`)
    }
    yield Buffer.from('done\n')
  }
  const out = await hub.git({
    args: ['fast-import', '--quiet', '--done'],
    input: stream(),
    timeoutMs: 15 * 60_000,
  })
  const ids = out.stdout.toString('utf8').split('\n')
  return new Map(stored.map((path, i) => [path, ids[i]!]))
}
