import { type FSWatcher, watch } from 'node:fs'
import { decodeName } from './names.ts'

/**
 * Tells of names that change in folders an agent writes to. On Linux one watch a folder, set through an open handle,
 * so that a link an agent puts in a folder's place is not followed; folders that do not matter (git-ignored ones, say)
 * have none. Elsewhere the system watches the whole tree by itself.
 *
 * What is told are hints: they may come late, twice or for nothing, and where there are too many they end
 * (`overrun`), with all watches closed, so that whoever writes faster than can be read costs a bounded time.
 */
export interface FolderWatches {
  /** `through`: a path by which the folder is reached now. A watch of the same path before it is replaced. */
  add(folder: string, through: string): void
  /** Ends the watches of a folder and of all below it. */
  drop(folder: string): void
  /** Ends the watches of all folders but these. */
  retain(folders: ReadonlySet<string>): void
  readonly size: number
  close(): void
}

export interface WatchEvents {
  readonly changed: (path: string) => void
  /** All watches are closed: too much came at once, or the system gives no more watches (`reason`). */
  readonly overrun: (reason: string | null) => void
}

/** Events within a second after which the watches are closed: about 30 ms of work. */
const MAX_EVENTS = 10_000
const SECOND_MS = 1_000

export function watchFolders(root: string, events: WatchEvents): FolderWatches {
  const watches = new Map<string, FSWatcher>()
  const native = process.platform !== 'linux'
  let count = 0
  let countedFrom = Number.NEGATIVE_INFINITY

  const closeAll = (): void => {
    for (const watcher of watches.values()) watcher.close()
    watches.clear()
  }
  const overrun = (reason: string | null): void => {
    closeAll()
    events.overrun(reason)
  }
  const heard = (folder: string, name: Buffer | null): void => {
    const now = performance.now()
    if (now - countedFrom > SECOND_MS) {
      count = 0
      countedFrom = now
    }
    count += 1
    if (count > MAX_EVENTS) {
      overrun(null)
      return
    }
    const text = name === null ? undefined : decodeName(name)
    if (text === undefined) return
    const path = process.platform === 'win32' ? text.replaceAll('\\', '/') : text
    events.changed(folder === '' ? path : `${folder}/${path}`)
  }
  const open = (folder: string, through: string): void => {
    try {
      const options = { persistent: false, recursive: native, encoding: 'buffer' } as const
      const watcher = watch(through, options, (_, name) => {
        if (watches.get(folder) === watcher) heard(folder, name)
      })
      // The folder itself went away: its parent tells.
      watcher.on('error', () => watcher.close())
      watches.set(folder, watcher)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'ENOSPC' || code === 'EMFILE' || code === 'ENFILE' || code === 'ENOMEM') overrun(message)
    }
  }
  const dropWhere = (isOver: (path: string) => boolean): void => {
    for (const [path, watcher] of watches) {
      if (!isOver(path)) continue
      watcher.close()
      watches.delete(path)
    }
  }
  return {
    add: (folder, through) => {
      if (native && watches.has('')) return
      watches.get(folder)?.close()
      watches.delete(folder)
      if (native) open('', root)
      else open(folder, through)
    },
    drop: (folder) => {
      // What lies below a folder is watched only where the folder is.
      if (!native && watches.has(folder))
        dropWhere((path) => path === folder || path.startsWith(`${folder}/`))
    },
    retain: (folders) => {
      if (!native) dropWhere((path) => !folders.has(path))
    },
    get size() {
      return watches.size
    },
    close: closeAll,
  }
}
