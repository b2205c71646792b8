import type { AttemptId, CommitId } from '../../domain/ids.ts'
import type { RunRef } from '../../engine/ports/workspaces.ts'
import { storeBlobs } from '../blobs.ts'
import { changedTree, changeOf, type Stock, type StockContext, takeStock } from '../change.ts'
import { commitTree, ENGINE } from '../commits.ts'
import type { Hub } from '../hub.ts'
import { openerInside } from '../inside.ts'
import { attemptPaths } from '../layout.ts'
import { readLive } from '../readLive.ts'
import type { Found } from '../walk.ts'
import { type ChangedPaths, changedPaths, NOTHING, type PathChange } from './changedPaths.ts'
import type { Work } from './forecast.ts'

export interface LiveRequest extends RunRef {
  readonly attempt: AttemptId
  readonly cut: CommitId
  readonly writes: readonly string[]
}

/** A file written to so shortly before it was read may be written to again within the same tick of its times, ms. */
const RACY_MS = 100

/**
 * What one attempt would commit if it ended now, kept up while its agent works: only files whose stat has changed since
 * the last look are read. Like a checkpoint it opens nothing outside the clone, waits on nothing, and leaves what
 * changes while it is read as it was in the cut; the next look sees it.
 */
export class LiveWork {
  readonly #context: StockContext
  readonly #hub: Hub
  /** By path: the file's stat, and the blob its content is. Racy files are not kept. */
  #blobs = new Map<string, { readonly stat: string; readonly id: string }>()
  /** Empty until the first look. */
  #last: { readonly print: string; readonly work: Work } | undefined

  /** `scratch`: where blobs and trees go. */
  constructor(context: StockContext, scratch: Hub) {
    this.#context = context
    this.#hub = scratch
  }

  /**
   * The last answer again where nothing has changed; without looking where the caller knows that (`touched` false).
   * Throws WorkspaceError where there is no clone (any more).
   */
  async look(request: LiveRequest, touched = true): Promise<Work> {
    if (!touched && this.#last !== undefined) return this.#last.work
    const { work } = attemptPaths(this.#context.dataDir, request, request.attempt)
    const open = await openerInside(work)
    const startedAt = Date.now()
    const stock = await takeStock(this.#context, request, open)
    const print = printOf(stock)
    if (this.#last?.print === print) return this.#last.work
    const before = this.#blobs
    const unread = stock.vetted.files.filter((found) => before.get(found.path)?.stat !== statOf(found))
    const spoiled = new Set<string>()
    const read = await storeBlobs(this.#hub, unread, (found) => readLive(work, found, open, spoiled))
    const ids = new Map<string, string>()
    this.#blobs = new Map()
    let settled = spoiled.size === 0
    for (const found of stock.vetted.files) {
      const [stat, known] = [statOf(found), before.get(found.path)]
      const id = known?.stat === stat ? known.id : spoiled.has(found.path) ? undefined : read.get(found.path)
      if (id === undefined) continue
      ids.set(found.path, id)
      if (isRacy(found, startedAt)) settled = false
      else this.#blobs.set(found.path, { stat, id })
    }
    const made = await this.#work(request, stock, ids)
    this.#last = settled ? { print, work: made } : undefined
    return made
  }

  async #work(request: LiveRequest, stock: Stock, ids: ReadonlyMap<string, string>): Promise<Work> {
    const { attempt: id, cut } = request
    const { lines } = await changeOf(this.#hub, stock, ids)
    if (lines.length === 0) return { id, cut, commit: cut, changed: NOTHING }
    const tree = await changedTree(this.#hub, stock.paths, id, lines)
    const commit = await commitTree(this.#hub, {
      tree,
      parents: [cut],
      author: ENGINE,
      // The same files make the same commit, so that what is known of its merges stays known.
      seconds: 0,
      message: `${id}, not yet committed\n`,
    })
    return { id, cut, commit, changed: changedIn(lines, stock) }
  }
}

function changedIn(lines: readonly string[], { tracked }: Stock): ChangedPaths {
  const changes = lines.map((line): PathChange => {
    const path = line.slice(line.indexOf('\t') + 1, -1)
    if (line.startsWith('0 ')) return ['deleted', path]
    return [tracked.has(path) ? 'changed' : 'added', path]
  })
  return changedPaths(changes)
}

/** Differs whenever anything that would be committed was touched. */
function printOf({ vetted }: Stock): string {
  const files = vetted.files.map((found) => `${found.path}\0${statOf(found)}`).sort()
  return JSON.stringify([files, [...vetted.deleted].sort()])
}

function statOf({ stat, target }: Found): string {
  const { ino, dev, size, mtimeNs, ctimeNs, mode } = stat
  return [ino, dev, size, mtimeNs, ctimeNs, mode, target ?? ''].join(' ')
}

function isRacy({ stat }: Found, readAt: number): boolean {
  return Number(stat.ctimeNs / 1_000_000n) > readAt - RACY_MS
}
