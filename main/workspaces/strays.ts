import type { BigIntStats } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { blobId } from './blobs.ts'
import { breathe, eachOf } from './files.ts'
import { type IndexEntry, isUntouched } from './gitIndex.ts'
import type { Hub } from './hub.ts'
import { ignoredPaths } from './ignore.ts'
import { type OpenInside, throughHandle, unlessNotThere } from './inside.ts'
import { decodeName, isGitFolder } from './names.ts'
import { compileWrites, isByProduct, type WritePatterns } from './patterns.ts'
import { foldersOf, modeOf } from './survey.ts'
import { MODE } from './trees.ts'
import type { Found } from './walk.ts'

/**
 * What an agent wrote outside what it may write: files of the cut that are changed or gone, and new ones that are
 * neither git-ignored nor by-products, which nobody ever commits. Only content counts: a file that was touched, or
 * written with the same bytes, is none.
 */
export type Stray =
  | { readonly path: string; readonly kind: 'changed' | 'new'; readonly found: Found }
  | { readonly path: string; readonly kind: 'gone' }

export interface StrayPlace {
  readonly hub: Hub
  readonly work: string
  /** An engine-owned folder. */
  readonly scratch: string
  readonly tracked: ReadonlyMap<string, IndexEntry>
  /** The agent may be at work meanwhile: this is how its folders are opened. */
  readonly open: OpenInside
}

export interface StrayLimits {
  /** Entries looked at outside the folders of the cut, and folders entered one below the other there. */
  readonly maxEntries: number
  readonly maxDepth: number
}

const STRAY_LIMITS: StrayLimits = { maxEntries: 20_000, maxDepth: 40 }

/** Told of each folder that is entered, before its names are read: the way to set a watch without a gap. */
export type OnFolder = (path: string, through: string) => void

export interface Looked {
  readonly strays: readonly Stray[]
  /** Folders of the agent's own that were not looked into any more, for they hold too much. */
  readonly cutShort: readonly string[]
}

const FOLDERS_AT_ONCE = 4
const ENTRIES_AT_ONCE = 32

/** Looks for strays in an attempt's clone, at all of it or at some paths and what is below them. */
export class StrayFinder {
  readonly #place: StrayPlace
  readonly #folders: ReadonlySet<string>
  readonly #limits: StrayLimits

  constructor(place: StrayPlace, limits: StrayLimits = STRAY_LIMITS) {
    this.#place = place
    this.#folders = foldersOf(place.tracked.keys())
    this.#limits = limits
  }

  async look(paths: readonly string[], writes: readonly string[], onFolder?: OnFolder): Promise<Looked> {
    const round = new Round(this.#place, this.#folders, compileWrites(writes), this.#limits, onFolder)
    return await round.run(paths)
  }
}

/** What lies at a path: its own facts and, for a link, where it points. */
interface Seen {
  readonly path: string
  readonly stat: BigIntStats
  readonly target: string | null
}

class Round {
  readonly #place: StrayPlace
  readonly #folders: ReadonlySet<string>
  readonly #patterns: WritePatterns
  readonly #limits: StrayLimits
  readonly #onFolder: OnFolder
  readonly #strays = new Map<string, Stray>()
  readonly #cutShort: string[] = []
  /** Untracked, and not declared: git's ignore rules decide about them. */
  #unknown: Seen[] = []
  /** To be read next. */
  #next: string[] = []
  #entries = 0

  constructor(
    place: StrayPlace,
    folders: ReadonlySet<string>,
    patterns: WritePatterns,
    limits: StrayLimits,
    onFolder: OnFolder = () => undefined,
  ) {
    this.#place = place
    this.#folders = folders
    this.#patterns = patterns
    this.#limits = limits
    this.#onFolder = onFolder
  }

  async run(paths: readonly string[]): Promise<Looked> {
    await this.#lookAt(paths.filter((path) => !isGits(path)))
    for (let depth = 0; this.#next.length + this.#unknown.length > 0; depth += 1) {
      await this.#judge(depth)
      const folders = this.#next
      this.#next = []
      await eachOf(folders, FOLDERS_AT_ONCE, (folder) => this.#enter(folder))
    }
    return { strays: [...this.#strays.values()], cutShort: this.#cutShort }
  }

  /** Paths anywhere, each by its own folder. */
  async #lookAt(paths: readonly string[]): Promise<void> {
    const byFolder = new Map<string, string[]>()
    for (const path of paths) {
      if (path === '') this.#next.push('')
      else byFolder.set(folderOf(path), [...(byFolder.get(folderOf(path)) ?? []), path])
    }
    await eachOf(byFolder, FOLDERS_AT_ONCE, async ([folder, children]) => {
      const handle = await this.#place.open(folder, 'folder')
      if (handle === undefined) {
        for (const path of children) this.#missing(path)
        return
      }
      try {
        const base = throughHandle(handle, join(this.#place.work, folder))
        await eachOf(children, ENTRIES_AT_ONCE, (path) => this.#seeAt(base, path))
      } finally {
        await handle.close()
      }
    })
  }

  async #enter(folder: string): Promise<void> {
    const handle = await this.#place.open(folder, 'folder')
    if (handle === undefined) return
    try {
      const base = throughHandle(handle, join(this.#place.work, folder))
      this.#onFolder(folder, base)
      const raw = (await unlessNotThere(readdir(base, { encoding: 'buffer' }))) ?? []
      if (!this.#folders.has(folder) && folder !== '') this.#entries += raw.length
      if (this.#entries > this.#limits.maxEntries) {
        this.#cutShort.push(folder)
        return
      }
      const prefix = folder === '' ? '' : `${folder}/`
      // A name that is no text cannot be committed either.
      const names = raw.map(decodeName).filter((name) => name !== undefined && !isGitFolder(name))
      await eachOf(names, ENTRIES_AT_ONCE, (name) => this.#seeAt(base, `${prefix}${name}`))
      this.#missingFrom(folder, new Set(names as string[]))
      await breathe()
    } finally {
      await handle.close()
    }
  }

  /** Files of the cut that belong into this folder and are not there. */
  #missingFrom(folder: string, names: ReadonlySet<string>): void {
    if (folder !== '' && !this.#folders.has(folder)) return
    for (const path of this.#childrenOf(folder)) {
      if (!names.has(path.slice(folder === '' ? 0 : folder.length + 1))) this.#missing(path)
    }
  }

  #childrenOf(folder: string): readonly string[] {
    return childrenOf(this.#place.tracked, this.#folders).get(folder) ?? []
  }

  async #seeAt(base: string, path: string): Promise<void> {
    const full = join(base, path.slice(path.lastIndexOf('/') + 1))
    const stat = await unlessNotThere(lstat(full, { bigint: true }))
    if (stat === undefined) return this.#missing(path)
    if (stat.isDirectory()) return this.#seeFolder({ path, stat, target: null })
    if (this.#folders.has(path)) this.#missingBelow(path)
    if (stat.isSymbolicLink()) {
      const target = await unlessNotThere(readlink(full, { encoding: 'buffer' }))
      const text = target === undefined ? undefined : decodeName(target)
      if (text !== undefined) await this.#seeFile({ path, stat, target: text })
    } else if (stat.isFile()) await this.#seeFile({ path, stat, target: null })
    // A FIFO, a socket or a device has no content and is never committed; what it took the place of is gone.
    else if (this.#place.tracked.has(path)) this.#missing(path)
  }

  #seeFolder(seen: Seen): void {
    const { path } = seen
    const entry = this.#place.tracked.get(path)
    if (entry?.mode === MODE.gitlink || this.#patterns.coversBelow(path)) return
    if (entry !== undefined) this.#gone(path)
    if (this.#folders.has(path)) this.#next.push(path)
    else this.#unknown.push(seen)
  }

  async #seeFile(seen: Seen): Promise<void> {
    const { path, stat } = seen
    if (this.#patterns.matches(path)) return
    const entry = this.#place.tracked.get(path)
    if (entry === undefined) this.#unknown.push(seen)
    else if (entry.mode !== MODE.gitlink && !isUntouched(entry, stat) && (await this.#differs(entry, seen)))
      this.#strays.set(path, { path, kind: 'changed', found: seen })
  }

  async #differs(entry: IndexEntry, found: Found): Promise<boolean> {
    if (modeOf(found) !== entry.mode) return true
    if (entry.size !== Number(found.stat.size & 0xffffffffn)) return true
    const { work, open, hub } = this.#place
    // One that is being written right now is looked at again when it is done.
    const id = await blobId(work, found, hub.format, (path) => open(path, 'file')).catch(() => entry.id)
    return id !== undefined && id !== entry.id
  }

  #missing(path: string): void {
    if (this.#folders.has(path)) this.#missingBelow(path)
    else if (this.#place.tracked.has(path)) this.#gone(path)
  }

  #missingBelow(folder: string): void {
    for (const path of this.#childrenOf(folder)) this.#missing(path)
  }

  #gone(path: string): void {
    const isLink = this.#place.tracked.get(path)?.mode === MODE.gitlink
    if (!isLink && !this.#patterns.matches(path)) this.#strays.set(path, { path, kind: 'gone' })
  }

  /** Which of the unknown are ignored; new folders that are not are entered next. */
  async #judge(depth: number): Promise<void> {
    const unknown = this.#unknown.filter(({ path, stat }) => stat.isDirectory() || !isByProduct(path))
    this.#unknown = []
    const { hub, tracked, scratch } = this.#place
    const asked = unknown.map(({ path, stat }) => (stat.isDirectory() ? `${path}/` : path))
    const ignored = await ignoredPaths(hub, tracked, asked, scratch)
    for (const [i, seen] of unknown.entries()) {
      const { path } = seen
      if (ignored.has(asked[i]!)) continue
      if (!seen.stat.isDirectory()) this.#strays.set(path, { path, kind: 'new', found: seen })
      else if (depth < this.#limits.maxDepth) this.#next.push(path)
      else this.#cutShort.push(path)
    }
  }
}

/** In the clone's own `.git`, or a repository an agent has put into its files: both are never committed. */
function isGits(path: string): boolean {
  return path.split('/').some(isGitFolder)
}

export function folderOf(path: string): string {
  const end = path.lastIndexOf('/')
  return end === -1 ? '' : path.slice(0, end)
}

const children = new WeakMap<ReadonlySet<string>, ReadonlyMap<string, readonly string[]>>()

/** Files and folders of the cut by the folder they lie in. Worked out once a cut. */
function childrenOf(
  tracked: ReadonlyMap<string, unknown>,
  folders: ReadonlySet<string>,
): ReadonlyMap<string, readonly string[]> {
  const known = children.get(folders)
  if (known !== undefined) return known
  const made = new Map<string, string[]>()
  for (const path of [...tracked.keys(), ...folders]) {
    const siblings = made.get(folderOf(path))
    if (siblings === undefined) made.set(folderOf(path), [path])
    else siblings.push(path)
  }
  children.set(folders, made)
  return made
}
