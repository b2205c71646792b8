import { open } from 'node:fs/promises'

/** Longer text is cut: nobody reads them to the end, and every page holds what it shows in memory. */
const MOST_BYTES = 2 * 1024 * 1024

/** The text of a stored diff or report, its beginning where it is long; null where there is none, or no more. */
export async function readPatch(
  path: string | undefined,
  redact: (text: Buffer) => Buffer,
): Promise<string | null> {
  if (path === undefined) return null
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0)
      return redact(buffer.subarray(0, bytesRead)).toString('utf8')
    } finally {
      await file.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
