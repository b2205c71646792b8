import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, opendir, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * A folder inside an agent's exchange folder, where everything is the agent's to write: names, links, pipes, devices,
 * and the folder itself. It is reached by an open descriptor, never twice by its path, and nothing in it is followed,
 * waited for, or believed. Only Linux has such paths; elsewhere the path is checked and then used.
 */

/** Who agents are on the host; null where that is us. */
export type Owner = { readonly uid: number; readonly gid: number } | null

/** Names read at one look. More lie there only when an agent wants them to. */
const MOST_NAMES = 10_000

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

export type OpenedFile =
  | { readonly ok: true; readonly file: FileHandle; readonly bytes: number }
  /** `gone`: there is none. `odd`: it is no regular file of the agent's own, which `reason` says. */
  | { readonly ok: false; readonly why: 'gone' }
  | { readonly ok: false; readonly why: 'odd'; readonly reason: string }

export class SpoolFolder {
  readonly #handle: FileHandle
  readonly #base: string
  readonly #owner: Owner

  private constructor(handle: FileHandle, path: string, owner: Owner) {
    this.#handle = handle
    this.#base = process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : path
    this.#owner = owner
  }

  /** Makes the folder unless it is there. Undefined where something else stands in its place. */
  static async open(exchange: string, name: string, owner: Owner): Promise<SpoolFolder | undefined> {
    const outer = await openFolder(exchange)
    if (outer === undefined) return undefined
    try {
      const base = process.platform === 'linux' ? `/proc/self/fd/${outer.fd}` : exchange
      const path = join(base, name)
      await mkdir(path, { mode: 0o700 }).catch(() => undefined)
      const handle = await openFolder(path)
      if (handle === undefined) return undefined
      if (owner !== null && (await handle.stat()).uid === process.getuid!())
        await handle.chown(owner.uid, owner.gid)
      return new SpoolFolder(handle, join(exchange, name), owner)
    } finally {
      await outer.close()
    }
  }

  /** Where to watch it. */
  get path(): string {
    return this.#base
  }

  /** False when another folder has its name now, or none. */
  async isAt(path: string): Promise<boolean> {
    try {
      const [here, there] = await Promise.all([this.#handle.stat(), lstat(path)])
      return here.ino === there.ino && here.dev === there.dev
    } catch {
      return false
    }
  }

  async names(): Promise<readonly string[]> {
    const found: string[] = []
    const folder = await opendir(this.#base, { bufferSize: 256 })
    for await (const { name } of folder) if (found.push(name) >= MOST_NAMES) break
    return found
  }

  /** `name` has no slash in it; the caller has seen to that. */
  async file(name: string): Promise<OpenedFile> {
    let file: FileHandle
    try {
      file = await open(join(this.#base, name), FILE)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return { ok: false, why: 'gone' }
      return {
        ok: false,
        why: 'odd',
        reason: code === 'ELOOP' ? 'it is a link' : `it cannot be read (${code})`,
      }
    }
    const stat = await file.stat()
    const reason = oddity(stat, this.#owner)
    if (reason === null) return { ok: true, file, bytes: stat.size }
    await file.close()
    return { ok: false, why: 'odd', reason }
  }

  async has(name: string): Promise<boolean> {
    return lstat(join(this.#base, name)).then(
      () => true,
      () => false,
    )
  }

  /** What cannot be removed stays. */
  async remove(name: string): Promise<void> {
    await unlink(join(this.#base, name)).catch(() => undefined)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

/** A file of somebody else's may have been linked in to be read by us, who may read more. */
function oddity(stat: Stats, owner: Owner): string | null {
  if (!stat.isFile()) return 'it is not a regular file'
  if (stat.nlink > 1) return 'it has a second name'
  if (process.platform !== 'win32' && stat.uid !== (owner?.uid ?? process.getuid!())) return 'it is not yours'
  return null
}

async function openFolder(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, DIRECTORY)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // ELOOP, ENOTDIR: something else stands there. ENOENT: it was removed meanwhile.
    if (code === 'ELOOP' || code === 'ENOTDIR' || code === 'ENOENT' || code === 'EACCES') return undefined
    throw error
  }
}

/** All of a file, undefined when it is larger than it was allowed to be; it may grow while it is read. */
export async function readAll(file: FileHandle, most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(64 * 1024), 0, 64 * 1024, null)
    if (bytesRead === 0) return Buffer.concat(chunks)
    bytes += bytesRead
    if (bytes > most) return undefined
    chunks.push(buffer.subarray(0, bytesRead))
  }
}
