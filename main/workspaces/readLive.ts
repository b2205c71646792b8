import { WorkspaceError } from '../engine/ports/workspaces.ts'
import { contentOf, sizeOf } from './blobs.ts'
import type { OpenInside } from './inside.ts'
import type { Found } from './walk.ts'

/** Always as many bytes as announced: git counts them. A file that did not keep still is named in `spoiled`. */
export async function readLive(
  work: string,
  found: Found,
  open: OpenInside,
  spoiled: Set<string>,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  try {
    const content = await contentOf(work, found, (path) => open(path, 'file'))
    return content === undefined ? undefined : filledUp(content, found, spoiled)
  } catch (error) {
    if (hasChanged(error)) return undefined
    throw error
  }
}

async function* filledUp(
  content: AsyncIterable<Uint8Array>,
  found: Found,
  spoiled: Set<string>,
): AsyncGenerator<Uint8Array> {
  let left = sizeOf(found)
  try {
    for await (const chunk of content) {
      left -= chunk.length
      yield chunk
    }
  } catch (error) {
    if (!hasChanged(error)) throw error
    spoiled.add(found.path)
  }
  for (; left > 0; left -= FILLING.length) yield FILLING.subarray(0, left)
}

const FILLING = new Uint8Array(64 * 1024)

const hasChanged = (error: unknown): boolean => error instanceof WorkspaceError && error.kind === 'transient'
