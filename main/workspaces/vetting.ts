import { sizeOf } from './blobs.ts'
import type { IndexEntry } from './gitIndex.ts'
import { followLink } from './links.ts'
import { caseKey, isGitModules, pathProblem } from './names.ts'
import { isByProduct, type WritePatterns } from './patterns.ts'
import { foldersOf, type Refusal } from './survey.ts'
import type { Found } from './walk.ts'

export interface VetInput {
  readonly tracked: ReadonlyMap<string, IndexEntry>
  /** Links of the cut with their targets. */
  readonly links: ReadonlyMap<string, string>
  readonly touched: readonly Found[]
  readonly deleted: readonly string[]
  readonly patterns: WritePatterns
  readonly maxFileBytes: number
}

export interface Vetted {
  readonly files: readonly Found[]
  readonly deleted: readonly string[]
  readonly refused: readonly Refusal[]
}

/**
 * Which of the declared changes may enter a commit. git's own checks are not enough: it accepts device names,
 * streams, backslashes, names that differ in case only, and drops what stands in the way of a new path.
 * Pure; every rule is one function below.
 */
export function vet(input: VetInput): Vetted {
  const refused: Refusal[] = []
  const refuse = (path: string, reason: string): void => void refused.push({ path, reason })
  const deleted = input.deleted.filter((path) => {
    if (!isGitModules(path)) return true
    refuse(path, FROZEN)
    return false
  })
  const keepIf = (files: readonly Found[], problemOf: (found: Found) => string | undefined): Found[] =>
    files.filter((found) => {
      const problem = problemOf(found)
      if (problem !== undefined) refuse(found.path, problem)
      return problem === undefined
    })
  let files = keepIf(input.touched, (found) => fileProblem(found, input))
  files = withoutEscapes(files, deleted, input, refuse)
  files = keepIf(files, placeProblem(input.tracked, new Set(deleted), files))
  files = keepIf(files, caseProblem(input.tracked, new Set(deleted), files))
  return { files, deleted: withoutReplaced(deleted, files, input), refused }
}

const FROZEN = 'submodules are frozen'
/** git reads these as rules; as links they could be read from elsewhere. */
const RULE_FILE = /^(?:\.gitattributes|\.gitignore|\.mailmap)$/i

function fileProblem(found: Found, input: VetInput): string | undefined {
  const name = found.path.slice(found.path.lastIndexOf('/') + 1)
  if (isGitModules(name)) return FROZEN
  if (!input.tracked.has(found.path)) {
    const problem = pathProblem(found.path)
    if (problem !== undefined) return problem
  }
  if (found.target !== null && RULE_FILE.test(name)) return 'a link where git expects a file'
  if (
    found.target !== null &&
    pathProblem(found.target.split('/').filter(plain).join('/') || 'x') === CONTROL
  ) {
    return `${CONTROL} of the link's target`
  }
  if (isByProduct(found.path) && !input.patterns.names(found.path))
    return 'never committed unless `writes` names it'
  if (sizeOf(found) > input.maxFileBytes) return `larger than ${input.maxFileBytes} bytes`
  return undefined
}

const CONTROL = 'control characters in the name'
const plain = (segment: string): boolean => segment !== '' && segment !== '.' && segment !== '..'

/** Follows every link of the tree to be; a change that makes one leave the workspace is refused. */
function withoutEscapes(
  files: readonly Found[],
  deleted: readonly string[],
  input: VetInput,
  refuse: (path: string, reason: string) => void,
): Found[] {
  const changed = new Map(
    files.flatMap((found) => (found.target === null ? [] : [[found.path, found.target]])),
  )
  if (changed.size === 0) return [...files]
  const after = new Map(input.links)
  for (const path of deleted) after.delete(path)
  for (const found of files) after.delete(found.path)
  for (const [path, target] of changed) after.set(path, target)
  const bad = new Set([...changed.keys()].filter((path) => followLink(path, after) === 'outside'))
  for (const path of bad) after.delete(path)
  for (const path of bad) if (input.links.has(path)) after.set(path, input.links.get(path)!)
  // An unchanged link may lead out through a changed one; which is to blame cannot be told, so none may pass.
  const outside = [...after.keys()].some((path) => followLink(path, after) === 'outside')
  return files.filter((found) => {
    if (found.target === null || !(bad.has(found.path) || outside)) return true
    refuse(found.path, 'link leaves the workspace')
    return false
  })
}

/** git would silently drop what stands at or above a new path; that takes a declared deletion. */
function placeProblem(
  tracked: ReadonlyMap<string, IndexEntry>,
  deleted: ReadonlySet<string>,
  files: readonly Found[],
): (found: Found) => string | undefined {
  if (files.every((found) => tracked.has(found.path))) return () => undefined
  const stays = (path: string): boolean => tracked.has(path) && !deleted.has(path)
  const folders = foldersOf([...tracked.keys()].filter((path) => !deleted.has(path)))
  return ({ path }) => {
    for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
      if (stays(path.slice(0, end))) return `${path.slice(0, end)} is in its way and may not be removed`
    }
    return folders.has(path) ? 'files below it are in its way and may not be removed' : undefined
  }
}

/** New paths, and their folders, may not differ from another path in case or composition only. */
function caseProblem(
  tracked: ReadonlyMap<string, IndexEntry>,
  deleted: ReadonlySet<string>,
  files: readonly Found[],
): (found: Found) => string | undefined {
  if (files.every((found) => tracked.has(found.path))) return () => undefined
  const spelled = new Map<string, string>()
  const staying = [...tracked.keys()].filter((path) => !deleted.has(path))
  for (const path of [...foldersOf(staying), ...staying]) spelled.set(caseKey(path), path)
  return ({ path }) => {
    if (tracked.has(path)) return undefined
    const parts = [path, ...foldersOf([path])]
    for (const part of parts) {
      const other = spelled.get(caseKey(part))
      if (other !== undefined && other !== part) return `differs from ${other} in case only`
    }
    for (const part of parts) spelled.set(caseKey(part), part)
    return undefined
  }
}

/** What was refused in place of a deleted path leaves that path as it was. */
function withoutReplaced(deleted: readonly string[], files: readonly Found[], input: VetInput): string[] {
  const passed = new Set(files)
  const lost = input.touched.filter((found) => !passed.has(found)).map((found) => found.path)
  if (lost.length === 0) return [...deleted]
  const lostFolders = foldersOf(lost)
  const lostPaths = new Set(lost)
  const entered = foldersOf(files.map((found) => found.path))
  return deleted.filter((path) => {
    if (entered.has(path)) return true
    // A refused file stands where a folder of the cut was, or refused files below where a file was.
    const under = [...foldersOf([path])].some((folder) => lostPaths.has(folder))
    return !under && !lostFolders.has(path)
  })
}
