import type { Entry, Holding, Waiting } from './entries.ts'

/** The map of the repository as rows of a tree, from the outermost folder in. */
export type LockRow =
  | { readonly kind: 'section'; readonly id: Section; readonly count: number; readonly folded: boolean }
  | {
      readonly kind: 'folder'
      readonly id: string
      readonly depth: number
      /** `src/api`: folders with nothing else in them are one row, and one row with a lock that is alone in them. */
      readonly name: string
      /** Locks that are held below it, and agents that wait for some. */
      readonly held: number
      readonly waiting: number
      readonly folded: boolean
    }
  | {
      readonly kind: 'lock'
      readonly id: string
      readonly depth: number
      /** Without the folders that have rows of their own. */
      readonly name: string
      readonly entry: Entry
      /** Null: there is nothing below it. */
      readonly folded: boolean | null
    }
  | {
      readonly kind: 'holder'
      readonly id: string
      readonly depth: number
      readonly entry: Entry
      readonly holding: Holding
    }
  | {
      readonly kind: 'waiter'
      readonly id: string
      readonly depth: number
      readonly entry: Entry
      readonly waiting: Waiting
    }

export type Section = 'files' | 'resources'

/** More holders than this stand below their lock; fewer beside it. */
const BESIDE = 1

interface Folder {
  readonly folders: Map<string, Folder>
  readonly entries: { readonly name: string; readonly entry: Entry }[]
  /** Of everything below it. */
  held: number
  readonly waiting: Set<string>
}

/** `folded`: ids of sections, folders and locks that are shut. */
export function lockRows(entries: readonly Entry[], folded: ReadonlySet<string>): readonly LockRow[] {
  const files = entries.filter(({ kind }) => kind === 'files')
  const resources = entries.filter(({ kind }) => kind === 'resource').sort(byName)
  const rows: LockRow[] = []
  const section = (id: Section, count: number): boolean => {
    if (count === 0) return false
    rows.push({ kind: 'section', id, count, folded: folded.has(id) })
    return !folded.has(id)
  }
  if (section('files', files.length)) addFolder(rows, treeOf(files), '', 0, folded)
  if (section('resources', resources.length))
    for (const entry of resources) addLock(rows, entry, entry.on, 0, folded)
  return rows
}

function byName(a: Entry, b: Entry): number {
  return a.on < b.on ? -1 : 1
}

function treeOf(entries: readonly Entry[]): Folder {
  const root = newFolder()
  for (const entry of entries) {
    const { folders, name } = placeOf(entry.on)
    let at = root
    count(at, entry)
    for (const folder of folders) {
      const next = at.folders.get(folder) ?? newFolder()
      at.folders.set(folder, next)
      at = next
      count(at, entry)
    }
    at.entries.push({ name, entry })
  }
  return root
}

function newFolder(): Folder {
  return { folders: new Map(), entries: [], held: 0, waiting: new Set() }
}

function count(folder: Folder, { holders, waiters }: Entry): void {
  if (holders.length > 0) folder.held += 1
  for (const { holder } of waiters) folder.waiting.add(holder)
}

/** Where a glob stands in the repository: the folders that are spelled out, and the rest of it. */
export function placeOf(on: string): { readonly folders: readonly string[]; readonly name: string } {
  const steps = on.split('/')
  const plain = steps.findIndex((step) => /[*?[\]{}()!+@\\]/.test(step))
  const folders = steps.slice(0, plain === -1 ? -1 : plain)
  return { folders, name: steps.slice(folders.length).join('/') }
}

function addFolder(
  rows: LockRow[],
  folder: Folder,
  path: string,
  depth: number,
  folded: ReadonlySet<string>,
): void {
  for (const [first, child] of [...folder.folders].sort(([a], [b]) => (a < b ? -1 : 1))) {
    let [name, at] = [first, child]
    while (at.entries.length === 0 && at.folders.size === 1) {
      const [step, only] = [...at.folders][0]!
      name = `${name}/${step}`
      at = only
    }
    const [only] = at.entries
    if (only !== undefined && at.entries.length === 1 && at.folders.size === 0) {
      addLock(rows, only.entry, `${name}/${only.name}`, depth, folded)
      continue
    }
    const id = `${path}${name}/`
    const shut = folded.has(id)
    rows.push({ kind: 'folder', id, depth, name, held: at.held, waiting: at.waiting.size, folded: shut })
    if (!shut) addFolder(rows, at, id, depth + 1, folded)
  }
  for (const { name, entry } of folder.entries.toSorted((a, b) => byName(a.entry, b.entry)))
    addLock(rows, entry, name, depth, folded)
}

function addLock(
  rows: LockRow[],
  entry: Entry,
  name: string,
  depth: number,
  folded: ReadonlySet<string>,
): void {
  const { key, holders, waiters } = entry
  const below = holders.length > BESIDE ? holders : []
  const hasMore = below.length + waiters.length > 0
  const shut = hasMore ? folded.has(key) : null
  rows.push({ kind: 'lock', id: key, depth, name, entry, folded: shut })
  if (shut === true) return
  for (const holding of below)
    rows.push({ kind: 'holder', id: `${key} ${holding.holder}`, depth: depth + 1, entry, holding })
  for (const waiting of waiters)
    rows.push({ kind: 'waiter', id: `${key} ${waiting.holder} waits`, depth: depth + 1, entry, waiting })
}

/** The agent a row is about: the one that holds it, waits for it, or is first in its line; undefined for folders. */
export function agentOfRow(row: LockRow): string | undefined {
  switch (row.kind) {
    case 'holder':
      return row.holding.holder
    case 'waiter':
      return row.waiting.holder
    case 'lock':
      return (row.entry.holders[0] ?? row.entry.waiters[0])?.holder
    default:
      return undefined
  }
}

export interface LockFilter {
  readonly text: string
  /** Only what somebody waits for. */
  readonly contested: boolean
}

/** `words`: what else an agent is known by, its role say. */
export function matches(
  { on, holders, waiters }: Entry,
  { text, contested }: LockFilter,
  words: (holder: string) => string,
): boolean {
  if (contested && waiters.length === 0) return false
  if (text.trim() === '') return true
  const all = [...holders, ...waiters].map(({ holder }) => `${holder} ${words(holder)}`)
  const said = [on, ...all].join(' ').toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((part) => said.includes(part))
}
