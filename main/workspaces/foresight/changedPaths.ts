/** What one side changed since the commit it shares with the other. A renamed file is one deleted and one added. */
export interface ChangedPaths {
  /** Every path that differs: changed, added, deleted. */
  readonly all: ReadonlySet<string>
  /** Folders that hold any of them, at any depth. */
  readonly folders: ReadonlySet<string>
  readonly adds: boolean
  readonly deletes: boolean
}

export type PathChange = readonly [status: 'changed' | 'added' | 'deleted', path: string]

export const NOTHING: ChangedPaths = { all: new Set(), folders: new Set(), adds: false, deletes: false }

export function changedPaths(changes: Iterable<PathChange>): ChangedPaths {
  const all = new Set<string>()
  let adds = false
  let deletes = false
  for (const [status, path] of changes) {
    all.add(path)
    adds ||= status === 'added'
    deletes ||= status === 'deleted'
  }
  return all.size === 0 ? NOTHING : { all, folders: foldersOf(all), adds, deletes }
}

/** Of two steps one after the other: everything that may differ after both. */
export function both(first: ChangedPaths, then: ChangedPaths): ChangedPaths {
  if (first.all.size === 0) return then
  if (then.all.size === 0) return first
  return {
    all: new Set([...first.all, ...then.all]),
    folders: new Set([...first.folders, ...then.folders]),
    adds: first.adds || then.adds,
    deletes: first.deletes || then.deletes,
  }
}

/**
 * Could a merge of two sides with one common ancestor conflict? `false` is certain: git takes a path that one side left
 * alone from the other, so a conflict needs
 * - a path both changed (a rename touches its old and its new path), or
 * - a file on one side where the other has a folder, or
 * - a folder that one side moved and the other put something into: git moves the newcomer along. The one deletes then,
 *   and the other adds; since where it moved to can be anywhere, no further look is taken at which folder it was.
 * `true` says only that git has to be asked.
 */
export function mayClash(a: ChangedPaths, b: ChangedPaths): boolean {
  if (a.all.size === 0 || b.all.size === 0) return false
  if ((a.deletes && b.adds) || (b.deletes && a.adds)) return true
  return meet(a.all, b.all) || meet(a.all, b.folders) || meet(b.all, a.folders)
}

/** Paths both changed, or that stand in each other's place, sorted. */
export function sharedPaths(a: ChangedPaths, b: ChangedPaths): string[] {
  const shared = [...a.all].filter((path) => b.all.has(path) || b.folders.has(path))
  return [...new Set([...shared, ...[...b.all].filter((path) => a.folders.has(path))])].sort()
}

function meet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a]
  for (const path of few) if (many.has(path)) return true
  return false
}

function foldersOf(paths: Iterable<string>): Set<string> {
  const folders = new Set<string>()
  for (const path of paths) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end)
      if (folders.has(folder)) break
      folders.add(folder)
    }
  }
  return folders
}
