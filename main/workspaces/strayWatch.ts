import type { WatchRequest, WorkspaceWatch } from '../engine/ports/strays.ts'
import { type FolderWatches, watchFolders } from './folderWatches.ts'
import { type AsideContext, finderOf, openClone } from './setAside.ts'
import type { Looked, OnFolder } from './strays.ts'

/** Watches an attempt's clone until it is closed. What was written before it began is found, too. */
export async function watchStrays(
  context: Pick<AsideContext, 'dataDir' | 'hub' | 'owner'>,
  request: WatchRequest,
): Promise<StrayWatch> {
  const clone = await openClone(context, request)
  const finder = finderOf(context.hub, clone)
  return new StrayWatch({
    work: clone.paths.work,
    look: (paths, onFolder) => finder.look(paths, request.writes(), onFolder),
    found: request.found,
    trouble: request.trouble,
  })
}

export interface StrayWatchParts {
  readonly work: string
  /** Looks at these paths, and at what is below them: '' is everything. */
  readonly look: (paths: readonly string[], onFolder: OnFolder) => Promise<Looked>
  readonly found: (paths: readonly string[]) => void
  readonly trouble: (message: string) => void
}

/** After the first event: what comes and goes within it is never looked at. */
const FIRST_LOOK_MS = 60
/** A stray counts when it still is one after so long: temporary files that are renamed into place are none. */
const CONFIRM_MS = 100
/** Without watches (too many events, no watches left): between two looks at everything. No rest is longer. */
const REST_MS = 2_000
/** Events can get lost: everything is looked at once more so long after the last such look, where any came. */
const ASSURE_MS = 30_000
/**
 * A look is followed by a rest this many times as long, up to `REST_MS`, so that an agent cannot keep the engine busy;
 * one that is to confirm a stray waits once as long only.
 */
const REST_FACTOR = 4
/** More changed paths than this are everything. */
const MAX_DIRTY = 2_000

/**
 * Watches one clone. States: *looking* (a look is under way), *armed* (a timer is set for the next), *idle* (neither;
 * the next event arms it), *closed*. Events are gathered in every state but closed.
 */
class StrayWatch implements WorkspaceWatch {
  readonly #parts: StrayWatchParts
  readonly #watches: FolderWatches
  /** Changed since the last look began; '' where everything is to be looked at. */
  #dirty = new Set<string>([''])
  /** Strays seen once, and when (monotonic ms); not yet told. */
  readonly #suspects = new Map<string, number>()
  /** Told, and not seen to be clean since. */
  readonly #told = new Set<string>()
  /** Undefined while idle, looking or closed. */
  #timer: NodeJS.Timeout | undefined
  #looking = false
  #closed = false
  /** When no look may begin before (monotonic ms). */
  #restUntil = 0
  #lastFullLook = Number.NEGATIVE_INFINITY
  /** The last trouble told of; empty before the first. */
  #said = ''

  constructor(parts: StrayWatchParts) {
    this.#parts = parts
    this.#watches = watchFolders(parts.work, {
      changed: (path) => this.#changed(path),
      overrun: (reason) => this.#overrun(reason),
    })
    this.#arm(0)
  }

  /** How many folders are watched. */
  get size(): number {
    return this.#watches.size
  }

  again(): void {
    this.#told.clear()
    this.#changed('')
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#watches.close()
  }

  #changed(path: string): void {
    if (this.#closed || path === '.git' || path.startsWith('.git/')) return
    if (this.#dirty.size < MAX_DIRTY) this.#dirty.add(path)
    else this.#dirty = new Set([''])
    this.#arm(FIRST_LOOK_MS)
  }

  #overrun(reason: string | null): void {
    if (this.#closed) return
    if (reason !== null) this.#trouble(reason)
    this.#dirty = new Set([''])
    this.#restUntil = Math.max(this.#restUntil, performance.now() + REST_MS)
    this.#arm(REST_MS)
  }

  /** No later than in so many ms, but for the rest that is due. */
  #arm(ms: number): void {
    if (this.#closed || this.#looking || this.#timer !== undefined) return
    const rest = this.#restUntil - performance.now()
    this.#timer = setTimeout(() => void this.#round(), Math.max(ms, rest))
    this.#timer.unref()
  }

  async #round(): Promise<void> {
    this.#timer = undefined
    this.#looking = true
    const began = performance.now()
    const dirty = this.#take(began)
    try {
      const strays = await this.#look(dirty)
      if (!this.#closed) this.#judge(dirty, strays)
    } catch (error) {
      // Nothing was learned: the same again, after a rest.
      for (const path of dirty) this.#dirty.add(path)
      this.#restUntil = performance.now() + REST_MS
      this.#trouble((error as Error).message)
    }
    this.#looking = false
    const tookMs = performance.now() - began
    this.#rest(this.#suspects.size > 0 ? tookMs : tookMs * REST_FACTOR)
    if (this.#suspects.size > 0) this.#arm(CONFIRM_MS)
    else if (this.#dirty.size > 0) this.#arm(FIRST_LOOK_MS)
  }

  async #look(paths: readonly string[]): Promise<ReadonlySet<string>> {
    const entered = new Set<string>()
    const { strays, cutShort } = await this.#parts.look(paths, (folder, through) => {
      entered.add(folder)
      if (!this.#closed) this.#watches.add(folder, through)
    })
    if (paths.includes('')) this.#watches.retain(entered)
    return new Set([...strays.map(({ path }) => path), ...cutShort.map((folder) => `${folder}/`)])
  }

  #take(now: number): readonly string[] {
    const full = this.#dirty.has('') || (this.#dirty.size > 0 && now - this.#lastFullLook > ASSURE_MS)
    const dirty = full ? [''] : [...this.#dirty, ...this.#suspects.keys()]
    if (full) this.#lastFullLook = now
    this.#dirty = new Set()
    for (const path of dirty) if (path !== '') this.#watches.drop(path)
    return [...new Set(dirty)]
  }

  #judge(looked: readonly string[], strays: ReadonlySet<string>): void {
    const now = performance.now()
    const isLookedAt = (path: string): boolean =>
      looked.some((top) => top === '' || path === top || path.startsWith(`${top}/`))
    for (const known of [...this.#told, ...this.#suspects.keys()]) {
      if (strays.has(known) || !isLookedAt(known)) continue
      this.#told.delete(known)
      this.#suspects.delete(known)
    }
    const sure: string[] = []
    for (const path of strays) {
      if (this.#told.has(path)) continue
      const since = this.#suspects.get(path)
      if (since === undefined) this.#suspects.set(path, now)
      else if (now - since >= CONFIRM_MS) sure.push(path)
    }
    for (const path of sure) {
      this.#suspects.delete(path)
      this.#told.add(path)
    }
    if (sure.length > 0) this.#parts.found(sure.sort())
  }

  /** Once for the same again and again. */
  #trouble(message: string): void {
    if (!this.#closed && message !== this.#said) this.#parts.trouble(message)
    this.#said = message
  }

  #rest(ms: number): void {
    this.#restUntil = Math.max(this.#restUntil, performance.now() + Math.min(ms, REST_MS))
  }
}
