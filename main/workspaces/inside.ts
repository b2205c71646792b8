import { constants } from 'node:fs'
import { type FileHandle, lstat, open, readlink, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { isErrno } from './git.ts'

/**
 * Opens what lies at a path below a folder to which an agent is writing, for reading. Undefined where nothing of that
 * kind can be read there: missing, a link (also on the way to it), a FIFO, a socket, a device, no permission.
 */
export type OpenInside = (path: string, kind: 'file' | 'folder') => Promise<FileHandle | undefined>

/** macOS: fail if any part of the path is a link (`sys/fcntl.h`). Linux has no such flag for `open`. */
const O_NOFOLLOW_ANY = process.platform === 'darwin' ? 0x20000000 : 0
const NOT_THERE = new Set([
  'ENOENT',
  'ENOTDIR',
  'ELOOP',
  'EACCES',
  'EPERM',
  'ENXIO',
  'ENODEV',
  'ENAMETOOLONG',
])

/**
 * The agent may put a link to the host's files in place of any folder at any moment, so looking before opening is
 * not enough: what was opened is asked where it lies.
 */
export async function openerInside(root: string): Promise<OpenInside> {
  const real = await realpath(root)
  return async (path, kind) => {
    const flags =
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0) | O_NOFOLLOW_ANY
    const full = path === '' ? real : join(real, path)
    const handle = await unlessNotThere(open(full, flags))
    if (handle === undefined) return undefined
    try {
      const stat = await handle.stat()
      const fits = kind === 'file' ? stat.isFile() : stat.isDirectory()
      if (fits && (await liesAt(handle, full))) return handle
    } catch (error) {
      await handle.close()
      throw error
    }
    await handle.close()
    return undefined
  }
}

/** Is this file, and no other, at exactly this path, without any link on the way? */
async function liesAt(handle: FileHandle, path: string): Promise<boolean> {
  if (process.platform === 'linux') return (await readlink(`/proc/self/fd/${handle.fd}`)) === path
  const [opened, there] = [
    await handle.stat({ bigint: true }),
    await unlessNotThere(lstat(path, { bigint: true })),
  ]
  if (there === undefined || there.ino !== opened.ino || there.dev !== opened.dev) return false
  return (await unlessNotThere(realpath(path))) === path
}

/** A path by which the names in an open folder are reached whatever takes the folder's place meanwhile. */
export function throughHandle(handle: FileHandle, path: string): string {
  return process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : path
}

/** Undefined where the failure says that what was looked for is not, or no longer, of that kind. */
export async function unlessNotThere<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    if (isErrno(error) && NOT_THERE.has(error.code ?? '')) return undefined
    throw error
  }
}
