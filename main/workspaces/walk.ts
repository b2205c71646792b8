import type { BigIntStats } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { WorkspaceError } from '../engine/ports/workspaces.ts'
import { eachOf } from './files.ts'
import { isErrno } from './git.ts'
import { type OpenInside, throughHandle, unlessNotThere } from './inside.ts'
import { decodeName, printable } from './names.ts'

export interface Found {
  readonly path: string
  readonly stat: BigIntStats
  /** A link's target, else null. */
  readonly target: string | null
}

export interface Walked {
  /** Regular files and links. */
  readonly files: readonly Found[]
  /** Folders that hold something and were not entered, as `enter` wished. */
  readonly passedBy: readonly string[]
  readonly refused: readonly { readonly path: string; readonly reason: string }[]
}

export interface WalkRules {
  /** Asked for every folder: walk it, name it only, or refuse it with a reason. */
  enter(path: string): 'enter' | 'pass' | 'skip' | { readonly refuse: string }
  /** Asked for everything else before it is looked at. */
  accept(path: string): 'accept' | 'skip' | { readonly refuse: string }
  readonly maxEntries: number
  /**
   * Given where the agent is at work meanwhile: how its folders are opened. What vanishes is passed over, and no
   * permission is given back, since it could be something else's by then.
   */
  readonly live?: OpenInside | undefined
}

const lstatOf = promisify(lstat) as (path: string, options: { bigint: true }) => Promise<BigIntStats>
const readNames = promisify(readdir) as (path: string, options: { encoding: 'buffer' }) => Promise<Buffer[]>
const readTarget = promisify(readlink) as (path: string, options: { encoding: 'buffer' }) => Promise<Buffer>

const FOLDERS_AT_ONCE = 4
const ENTRIES_AT_ONCE = 32
/** Below the 4096 bytes Linux takes, with room for the name of the workspace itself. */
const MAX_PATH_BYTES = 3500

/**
 * Looks at everything below a folder an agent has left behind, with `lstat` only: no link is followed, nothing is
 * opened, so no FIFO can hang it and no device be touched.
 */
export async function walkTree(root: string, rules: WalkRules): Promise<Walked> {
  const walk = new Walk(root, rules)
  await walk.run()
  return walk
}

class Walk implements Walked {
  readonly files: Found[] = []
  readonly passedBy: string[] = []
  readonly refused: { path: string; reason: string }[] = []
  readonly #root: string
  readonly #rules: WalkRules
  /** Folders found and not yet read; '' is the root. */
  #folders: string[] = ['']
  #entries = 0

  constructor(root: string, rules: WalkRules) {
    this.#root = root
    this.#rules = rules
  }

  async run(): Promise<void> {
    while (this.#folders.length > 0) {
      const level = this.#folders
      this.#folders = []
      await eachOf(level, FOLDERS_AT_ONCE, (folder) => this.#readFolder(folder))
    }
  }

  #refuse(path: string, reason: string): void {
    this.refused.push({ path, reason })
  }

  async #readFolder(folder: string): Promise<void> {
    await this.#within(folder, async (base) => {
      const names = await this.#namesIn(folder, base)
      if (names === undefined) return
      this.#entries += names.length
      if (this.#entries > this.#rules.maxEntries) {
        const message = `the workspace holds more than ${this.#rules.maxEntries} files`
        const remedy = 'Let the task remove what it does not need, or ignore it.'
        throw new WorkspaceError('permanent', message, remedy)
      }
      const look = (name: Buffer): Promise<unknown> => this.#look(folder, base, name)
      const live = this.#rules.live !== undefined
      await eachOf(
        names,
        ENTRIES_AT_ONCE,
        async (name) => void (await (live ? unlessNotThere(look(name)) : look(name))),
      )
    })
  }

  /** Hands over the path by which a folder's names are to be reached. */
  async #within(folder: string, work: (base: string) => Promise<void>): Promise<void> {
    const path = join(this.#root, folder)
    const { live } = this.#rules
    if (live === undefined) return await work(path)
    const handle = await live(folder, 'folder')
    if (handle === undefined) return
    try {
      await work(throughHandle(handle, path))
    } finally {
      await handle.close()
    }
  }

  async #look(folder: string, base: string, raw: Buffer): Promise<void> {
    const name = decodeName(raw)
    const prefix = folder === '' ? '' : `${folder}/`
    if (name === undefined) return this.#refuse(`${prefix}${printable(raw)}`, 'name is not UTF-8')
    const path = `${prefix}${name}`
    if (Buffer.byteLength(path) > MAX_PATH_BYTES) return this.#refuse(path.slice(0, 200), 'path too long')
    const full = join(base, name)
    const stat = await lstatOf(full, { bigint: true })
    if (stat.isDirectory()) return await this.#folder(path)
    const verdict = this.#rules.accept(path)
    if (verdict === 'skip') return
    if (verdict !== 'accept') return this.#refuse(path, verdict.refuse)
    if (stat.isSymbolicLink()) {
      const target = decodeName(await readTarget(full, { encoding: 'buffer' }))
      if (target === undefined) return this.#refuse(path, 'link target is not UTF-8')
      this.files.push({ path, stat, target })
    } else if (stat.isFile()) this.files.push({ path, stat: await this.#readable(full, stat), target: null })
    else this.#refuse(path, kindOf(stat))
  }

  async #folder(path: string): Promise<void> {
    const verdict = this.#rules.enter(path)
    if (verdict === 'skip') return
    if (verdict === 'enter') this.#folders.push(path)
    else if (verdict !== 'pass') this.#refuse(path, verdict.refuse)
    else
      await this.#within(path, async (base) => {
        if (((await this.#namesIn(path, base)) ?? []).length > 0) this.passedBy.push(path)
      })
  }

  /** The names in a folder; one whose permissions the agent took away gets them back if it is ours. */
  async #namesIn(folder: string, path: string): Promise<Buffer[] | undefined> {
    try {
      if (process.getuid?.() !== 0 && this.#rules.live === undefined) await this.#restore(path, 0o700n)
      return await readNames(path, { encoding: 'buffer' })
    } catch (error) {
      if (!isErrno(error) || (error.code !== 'EACCES' && error.code !== 'EPERM')) throw error
      this.#refuse(folder, 'folder cannot be read')
      return undefined
    }
  }

  async #readable(full: string, stat: BigIntStats): Promise<BigIntStats> {
    if (process.getuid?.() === 0 || (stat.mode & 0o400n) !== 0n || this.#rules.live !== undefined) return stat
    await this.#restore(full, 0o600n).catch(() => undefined)
    return await lstatOf(full, { bigint: true })
  }

  /** Never through a link: `lstat` has just said what it is, and the agent is gone. */
  async #restore(path: string, wanted: bigint): Promise<void> {
    const stat = await lstatOf(path, { bigint: true })
    if (stat.isSymbolicLink() || (stat.mode & wanted) === wanted) return
    await chmod(path, Number((stat.mode | wanted) & 0o7777n))
  }
}

function kindOf(stat: BigIntStats): string {
  if (stat.isFIFO()) return 'a FIFO'
  if (stat.isSocket()) return 'a socket'
  return 'a device'
}
