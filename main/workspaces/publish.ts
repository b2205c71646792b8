import type { FileHandle } from 'node:fs/promises'
import type { AttemptId } from '../domain/ids.ts'
import { type RunRef, type StoredArtifact, WorkspaceError } from '../engine/ports/workspaces.ts'
import type { ArtifactStore } from './artifacts.ts'
import { permanent } from './errors.ts'
import { type OpenInside, openerInside, unlessNotThere } from './inside.ts'
import { attemptPaths } from './layout.ts'
import { pathProblem, printable } from './names.ts'

/** Of these paths in an attempt's clone, those that are no readable regular files inside it. */
export async function missing(
  dataDir: string,
  run: RunRef,
  attempt: AttemptId,
  paths: readonly string[],
): Promise<readonly string[]> {
  const open = await openerOf(dataDir, run, attempt)
  const lost: string[] = []
  for (const path of paths) {
    const file = pathProblem(path) === undefined ? await open?.(path, 'file') : undefined
    if (file === undefined) lost.push(path)
    else await file.close()
  }
  return lost
}

async function openerOf(dataDir: string, run: RunRef, attempt: AttemptId): Promise<OpenInside | undefined> {
  return await unlessNotThere(openerInside(attemptPaths(dataDir, run, attempt).work))
}

export interface PublishRequest {
  readonly run: RunRef
  readonly attempt: AttemptId
  /** Relative to the clone, parts separated by `/`. */
  readonly path: string
  readonly maxBytes: number
}

/** Stores a file of a clone as it is at one moment; one that changes while it is read is a transient error. */
export async function publish(
  dataDir: string,
  store: ArtifactStore,
  { run, attempt, path, maxBytes }: PublishRequest,
): Promise<StoredArtifact> {
  const name = printable(path.slice(0, 200))
  const problem = pathProblem(path)
  if (problem !== undefined) {
    throw permanent(
      `${name} cannot be published: ${problem}`,
      'Name a file by its path inside the workspace.',
    )
  }
  const open = await openerOf(dataDir, run, attempt)
  const file = await open?.(path, 'file')
  if (file === undefined) {
    const remedy = 'Name a regular file inside the workspace; links are not followed.'
    throw permanent(`${name} is no file in the workspace that can be read`, remedy)
  }
  try {
    // Said before any of it is read: it costs an agent nothing to have a large file.
    if ((await file.stat()).size > maxBytes) throw tooLarge(name, maxBytes)
    return await put(store, wholeFile(file, name), maxBytes, name)
  } finally {
    await file.close()
  }
}

/** Stores bytes by their content; more than `maxBytes` are a permanent error. */
export async function put(
  store: ArtifactStore,
  data: AsyncIterable<Uint8Array>,
  maxBytes: number,
  name = 'the artifact',
): Promise<StoredArtifact> {
  let bytes = 0
  async function* limited(): AsyncGenerator<Uint8Array> {
    for await (const chunk of data) {
      bytes += chunk.length
      if (bytes > maxBytes) throw tooLarge(name, maxBytes)
      yield chunk
    }
  }
  const hash = await store.put(limited())
  return { hash, bytes }
}

function tooLarge(name: string, maxBytes: number): WorkspaceError {
  return permanent(`${name} is larger than ${maxBytes} bytes`, 'Publish less, or in parts.')
}

const CHUNK = 256 * 1024

async function* wholeFile(file: FileHandle, name: string): AsyncGenerator<Uint8Array> {
  const before = await file.stat({ bigint: true })
  for (let at = 0; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, at)
    if (bytesRead === 0) break
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
  const after = await file.stat({ bigint: true })
  const same =
    before.size === after.size && before.mtimeNs === after.mtimeNs && before.ctimeNs === after.ctimeNs
  if (same) return
  const remedy = 'Publish it when it is written, or a copy of it.'
  throw new WorkspaceError('transient', `${name} changed while it was read`, remedy)
}
