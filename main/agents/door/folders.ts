import { createHash } from 'node:crypto'
import { chmod, copyFile, lstat, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AttemptId } from '../../domain/ids.ts'
import { RunnerError } from '../../engine/ports/runner.ts'

/** Where doors are on the host: `<base>/<install>/<attempt>`, both named by hashes, short enough for a socket. */

/** The kernel's limit is 108 bytes (104 on macOS); semantics.md keeps below 100. */
export const MAX_SOCKET_PATH_BYTES = 99
export const SOCKET = 'door.sock'

/** What clients are called inside a door's `bin/`. */
const CLIENTS = ['amphi-agent', 'amphi-mcp'] as const

/**
 * One for each user of the machine, and always the same one: agents that outlive the engine look for their door where
 * it was, also when the next engine is started by another session with another XDG_RUNTIME_DIR.
 */
export function defaultBase(): string {
  const uid = process.getuid?.()
  return uid === undefined ? join(tmpdir(), 'amphitheatre-doors') : `/tmp/amphitheatre-doors-${uid}`
}

function hash(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits)
}

export interface FolderOptions {
  readonly base: string
  readonly install: string
  /** Folder with the programs agents call; what is missing there is left out. */
  readonly clients: string
  /** The agents' user differs from ours (the engine is root): it may pass through, and list nothing. */
  readonly passable: boolean
}

export class DoorFolders {
  readonly #options: FolderOptions
  readonly #own: string

  constructor(options: FolderOptions) {
    this.#options = options
    this.#own = join(options.base, hash(`install ${options.install}`, 12))
    const longest = Buffer.byteLength(this.of('' as AttemptId)) + 1 + SOCKET.length
    if (process.platform !== 'win32' && longest > MAX_SOCKET_PATH_BYTES)
      throw new RunnerError('refused', `${options.base} is too long for sockets`, 'Choose a shorter folder.')
  }

  /** The same for an attempt in every life of the engine; nobody who does not know the install's id can tell it. */
  of(attempt: AttemptId): string {
    return join(this.#own, hash(`door ${this.#options.install} ${attempt}`, 20))
  }

  /** Makes it and what is in it. Idempotent: what is there of an agent that runs on stays. */
  async make(attempt: AttemptId): Promise<string> {
    const { passable, base, clients } = this.#options
    await makeOwn(base, passable ? 0o711 : 0o700)
    await makeOwn(this.#own, passable ? 0o711 : 0o700)
    const folder = this.of(attempt)
    await makeOwn(folder, 0o755)
    for (const name of ['bin', 'context', 'replies']) await makeOwn(join(folder, name), 0o755)
    for (const name of CLIENTS) await place(join(clients, name), join(folder, 'bin', name))
    return folder
  }

  async remove(attempt: AttemptId): Promise<void> {
    await rm(this.of(attempt), { recursive: true, force: true })
  }

  /** Lets go of the install's own folder where nothing is left in it. */
  async leave(): Promise<void> {
    await rmdir(this.#own).catch(() => undefined)
  }

  /** Removes every folder of this install that belongs to none of these attempts. */
  async sweep(live: readonly AttemptId[]): Promise<void> {
    const wanted = new Set(live.map((attempt) => this.of(attempt)))
    const names = await readdir(this.#own).catch(() => [])
    for (const name of names) {
      const folder = join(this.#own, name)
      if (!wanted.has(folder)) await rm(folder, { recursive: true, force: true })
    }
  }
}

/** Makes a folder of ours, or checks that the one there is: in /tmp somebody else may have come first. */
async function makeOwn(folder: string, mode: number): Promise<void> {
  await mkdir(folder, { recursive: true, mode })
  const stat = await lstat(folder)
  const uid = process.getuid?.()
  if (!stat.isDirectory() || (uid !== undefined && stat.uid !== uid)) {
    const why = stat.isDirectory() ? 'belongs to another user' : 'is not a folder'
    throw new RunnerError('unavailable', `${folder} ${why}, so agents get no door there.`, 'Remove it.')
  }
  if (process.platform !== 'win32' && (stat.mode & 0o777) !== mode) await chmod(folder, mode)
}

/** Put in place whole: an agent that runs on may be reading the one before. */
async function place(from: string, to: string): Promise<void> {
  const aside = `${to}.new`
  try {
    await copyFile(from, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  await chmod(aside, 0o755)
  await rename(aside, to)
}
