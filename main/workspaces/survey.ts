import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { blobId } from './blobs.ts'
import type { CutRecord } from './cut.ts'
import { breathe, eachOf } from './files.ts'
import { isErrno } from './git.ts'
import { type IndexEntry, isUntouched } from './gitIndex.ts'
import type { Hub } from './hub.ts'
import { ignoredPaths } from './ignore.ts'
import type { OpenInside } from './inside.ts'
import { isGitFolder } from './names.ts'
import { compileWrites, type WritePatterns } from './patterns.ts'
import { MODE } from './trees.ts'
import { type Found, type Walked, type WalkRules, walkTree } from './walk.ts'

export interface Refusal {
  readonly path: string
  readonly reason: string
}

/** What an agent's files are against its cut, before anything is read or stored. */
export interface Survey {
  readonly patterns: WritePatterns
  /** Declared and not as the cut left them, new ones included; git-ignored ones are not here. */
  readonly touched: readonly Found[]
  /** Declared, in the cut, and gone. */
  readonly deleted: readonly string[]
  /** Git-ignored and declared, and not as they were placed. */
  readonly artifacts: readonly Found[]
  /** Changed, new (folders with `/` at the end) or gone, and not declared; at most `MAX_NAMED`. */
  readonly undeclared: readonly string[]
  readonly refused: readonly Refusal[]
}

export const MAX_NAMED = 50

export interface SurveyInput {
  readonly hub: Hub
  readonly work: string
  /** An engine-owned folder. */
  readonly scratch: string
  readonly tracked: ReadonlyMap<string, IndexEntry>
  readonly record: CutRecord
  readonly writes: readonly string[]
  readonly maxEntries: number
  /** The agent is at work meanwhile, and this is how its folders are opened; its undeclared changes are not looked at. */
  readonly live?: OpenInside | undefined
}

export async function survey(input: SurveyInput): Promise<Survey> {
  const patterns = compileWrites(input.writes)
  const walked = await walkTree(input.work, walkRules(input, patterns))
  const news = walked.files.filter((found) => !input.tracked.has(found.path))
  const asked = [...news.map((found) => found.path), ...walked.passedBy.map((path) => `${path}/`)]
  const ignored = await ignoredPaths(input.hub, input.tracked, asked, input.scratch)
  const placed = new Map(input.record.placed.map((file) => [file.path, file]))

  const touched: Found[] = []
  const artifacts: Found[] = []
  const undeclared: string[] = []
  const suspects: Found[] = []
  for (const [n, found] of walked.files.entries()) {
    if (n % 2000 === 1999) await breathe()
    const entry = input.tracked.get(found.path)
    if (entry !== undefined && isUntouched(entry, found.stat)) continue
    const declared = patterns.matches(found.path)
    if (entry === undefined && ignored.has(found.path)) {
      if (declared && !isAsPlaced(found, placed.get(found.path))) artifacts.push(found)
    } else if (declared) touched.push(found)
    else if (entry === undefined) undeclared.push(found.path)
    else suspects.push(found)
  }
  for (const path of walked.passedBy) if (!ignored.has(`${path}/`)) undeclared.push(`${path}/`)
  const gone = goneFrom(input.tracked, walked)
  undeclared.push(...gone.filter((path) => !patterns.matches(path)))
  if (input.live === undefined) await addChanged(undeclared, suspects, input)
  const deleted = gone.filter((path) => patterns.matches(path))
  return {
    patterns,
    touched,
    deleted: input.live === undefined ? deleted : await reallyGone(input.work, deleted),
    artifacts,
    undeclared: undeclared.sort().slice(0, MAX_NAMED),
    refused: walked.refused,
  }
}

function walkRules(input: SurveyInput, patterns: WritePatterns): WalkRules {
  const folders = foldersOf(input.tracked.keys())
  const own = (path: string): ReturnType<WalkRules['accept']> => {
    // The clone's own `.git`, whatever the agent made of it.
    if (path === '.git') return 'skip'
    if (isGitFolder(path.slice(path.lastIndexOf('/') + 1))) return { refuse: 'a nested repository' }
    return 'accept'
  }
  return {
    maxEntries: input.maxEntries,
    live: input.live,
    accept: (path) => (input.tracked.get(path)?.mode === MODE.gitlink ? { refuse: FROZEN } : own(path)),
    enter: (path) => {
      // Submodules are left empty; what an agent puts there stays there.
      if (input.tracked.get(path)?.mode === MODE.gitlink) return 'pass'
      const verdict = own(path)
      if (verdict !== 'accept') return verdict
      return folders.has(path) || patterns.mayMatchBelow(path) ? 'enter' : 'pass'
    },
  }
}

const FROZEN = 'submodules are frozen'

export function foldersOf(paths: Iterable<string>): Set<string> {
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

/** Files of the cut that are not there any more; what something refused took the place of is kept as it was. */
function goneFrom(tracked: ReadonlyMap<string, IndexEntry>, walked: Walked): string[] {
  const seen = new Set(walked.files.map((found) => found.path))
  const kept = new Set(walked.refused.map((refusal) => refusal.path))
  const gone: string[] = []
  for (const [path, entry] of tracked) {
    if (seen.has(path) || entry.mode === MODE.gitlink) continue
    if (!isAtOrBelow(path, kept)) gone.push(path)
  }
  return gone
}

/** A file that was just being replaced may be missed in a listing; one in a closed folder cannot be seen. */
async function reallyGone(work: string, paths: readonly string[]): Promise<string[]> {
  const gone = new Set<string>()
  await eachOf(paths, 16, async (path) => {
    const failure = await lstat(join(work, path)).catch((error: unknown) => error)
    if (isErrno(failure) && (failure.code === 'ENOENT' || failure.code === 'ENOTDIR')) gone.add(path)
  })
  return paths.filter((path) => gone.has(path))
}

function isAtOrBelow(path: string, roots: ReadonlySet<string>): boolean {
  if (roots.size === 0) return false
  if (roots.has(path) || roots.has('')) return true
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    if (roots.has(path.slice(0, end))) return true
  }
  return false
}

function isAsPlaced(found: Found, placed: CutRecord['placed'][number] | undefined): boolean {
  if (placed === undefined) return false
  const { mode, size, mtimeNs, ctimeNs, ino } = found.stat
  return (
    placed.mode === String(mode) &&
    placed.size === String(size) &&
    placed.mtimeNs === String(mtimeNs) &&
    placed.ctimeNs === String(ctimeNs) &&
    placed.ino === String(ino)
  )
}

/** Names those of the suspects that really differ; a file that was only touched is none. Reads no more than it must. */
async function addChanged(
  undeclared: string[],
  suspects: readonly Found[],
  input: SurveyInput,
): Promise<void> {
  for (const found of suspects) {
    if (undeclared.length >= MAX_NAMED) return
    const entry = input.tracked.get(found.path)!
    const sameShape = entry.size === Number(found.stat.size & 0xffffffffn) && modeOf(found) === entry.mode
    if (!sameShape || (await blobId(input.work, found, input.hub.format)) !== entry.id)
      undeclared.push(found.path)
  }
}

export function modeOf(found: Found): string {
  if (found.target !== null) return MODE.link
  return (found.stat.mode & 0o100n) === 0n ? MODE.file : MODE.executable
}
