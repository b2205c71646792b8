import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where the engine of a data folder listens: a unix socket in a folder that only its user may enter. */

/** The kernel's limit is 108 bytes (104 on macOS); semantics.md keeps below 100. */
export const MAX_SOCKET_PATH_BYTES = 99

/** A folder that others own or may enter. Thrown instead of used: whoever owns it could read or pose as the engine. */
export class UnsafeFolderError extends Error {
  readonly remedy: string
  constructor(folder: string, why: string) {
    super(`${folder} ${why}, so it is not used for the engine's socket.`)
    this.name = 'UnsafeFolderError'
    this.remedy = `Remove it, or set XDG_RUNTIME_DIR to a short path that only you may enter.`
  }
}

/** 16 hex digits that stand for a data folder, whatever path leads to it. */
export function dataFolderHash(dataDir: string): string {
  return createHash('sha256').update(realPath(dataDir)).digest('hex').slice(0, 16)
}

function realPath(dir: string): string {
  try {
    return realpathSync.native(dir)
  } catch {
    return resolve(dir)
  }
}

/**
 * Folders the socket may be in, best first. A client looks in all of them: the engine may have been started with
 * another XDG_RUNTIME_DIR than it has itself (cron, sudo, a container).
 */
function socketFolders(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  const uid = process.getuid?.()
  if (uid === undefined) return []
  const runtime = env.XDG_RUNTIME_DIR
  const folders = [
    ...(runtime === undefined || runtime === '' ? [] : [join(runtime, 'amphitheatre')]),
    join('/run/user', String(uid), 'amphitheatre'),
    privateTempFolder(),
  ]
  return [...new Set(folders)]
}

/** This user's own folder among the temporary files; not made yet, and not checked. */
export function privateTempFolder(): string {
  const uid = process.getuid?.()
  return uid === undefined ? join(tmpdir(), 'amphitheatre') : join('/tmp', `amphitheatre-${uid}`)
}

/** Every address the engine of `dataDir` may have; all short enough to be bound. */
export function socketAddresses(dataDir: string, env: NodeJS.ProcessEnv = process.env): readonly string[] {
  const hash = dataFolderHash(dataDir)
  if (process.platform === 'win32') return [`\\\\.\\pipe\\amphitheatre-${hash}`]
  return socketFolders(env)
    .map((folder) => join(folder, `${hash}.sock`))
    .filter((path) => Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES)
}

/** Makes a folder only its user may enter. Throws UnsafeFolderError for one of another user, or a link. */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  checkOwner(folder)
  if ((lstatSync(folder).mode & 0o077) !== 0) chmodSync(folder, 0o700)
}

/** Throws UnsafeFolderError unless the folder is a real one of this user. */
export function checkOwner(folder: string): void {
  const stat = lstatSync(folder)
  if (stat.isSymbolicLink() || !stat.isDirectory()) throw new UnsafeFolderError(folder, 'is not a folder')
  const uid = process.getuid?.()
  if (uid !== undefined && stat.uid !== uid) throw new UnsafeFolderError(folder, 'belongs to another user')
}
