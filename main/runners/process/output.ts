import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Contact } from './contact.ts'
import { FILES } from './record.ts'

const PIECE_BYTES = 64 * 1024

/**
 * An agent's output from byte `from` on, as it comes, until it is over. The supervisor writes the end down after the
 * last byte, so what is in the file once the end is known is all. Ends at once where there is no such agent.
 */
export async function* followOutput(
  folder: string,
  contact: Contact,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let file: FileHandle | undefined
  let position = from
  // Also ends the waiting when the reader leaves.
  const left = new AbortController()
  const either = AbortSignal.any([signal, left.signal])
  try {
    for (;;) {
      signal.throwIfAborted()
      const ended = contact.ended ?? contact.look()
      // Listens before it reads, so that nothing comes in between unheard.
      const news = ended === undefined ? contact.news(either) : undefined
      news?.catch(() => undefined)
      file ??= await openIfThere(join(folder, FILES.output))
      for (;;) {
        const piece = file === undefined ? undefined : await readAt(file, position)
        if (piece === undefined) break
        position += piece.length
        yield piece
        signal.throwIfAborted()
      }
      if (news === undefined) return
      await news
    }
  } finally {
    left.abort()
    await file?.close()
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Undefined at the end of the file. */
async function readAt(file: FileHandle, position: number): Promise<Buffer | undefined> {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES)
  const { bytesRead } = await file.read(buffer, 0, buffer.length, position)
  return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead)
}
