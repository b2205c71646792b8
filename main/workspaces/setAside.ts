import type { CommitId } from '../domain/ids.ts'
import type { LeftFile, PutBackRequest, SetAside, SetAsideRequest } from '../engine/ports/strays.ts'
import type { RunRef } from '../engine/ports/workspaces.ts'
import type { ArtifactStore } from './artifacts.ts'
import { blobId, sizeOf, storeBlobs } from './blobs.ts'
import { changedTree, type StockContext } from './change.ts'
import type { CloneOwner } from './clone.ts'
import { commitTree, ENGINE, withTrailers } from './commits.ts'
import { readCutRecord } from './cut.ts'
import { permanent } from './errors.ts'
import { GitError } from './git.ts'
import { type IndexEntry, readIndex } from './gitIndex.ts'
import { type Hub, readRef, setRef, zeroId } from './hub.ts'
import { openerInside, unlessNotThere } from './inside.ts'
import { type InsideWriter, InTheWay, putInside, takeInside } from './insideWrites.ts'
import { type AttemptPaths, attemptParts, attemptPaths, runRefs } from './layout.ts'
import { pathProblem, printable } from './names.ts'
import { readLive } from './readLive.ts'
import { redactPatch, secretsOf } from './redactPatch.ts'
import { type Stray, StrayFinder } from './strays.ts'
import { foldersOf, MAX_NAMED, modeOf } from './survey.ts'
import { readBlobs } from './trees.ts'

export interface AsideContext extends StockContext {
  readonly store: ArtifactStore
  readonly owner: CloneOwner
  readonly asideLimits: AsideLimits
}

/** What is over these stays where it is, and is not committed. */
export interface AsideLimits {
  readonly maxFileBytes: number
  readonly maxTotalBytes: number
  readonly maxFiles: number
  /** A larger diff is not kept. */
  readonly maxPatchBytes: number
}

const MIB = 1024 * 1024
export const ASIDE_LIMITS: AsideLimits = {
  maxFileBytes: 16 * MIB,
  maxTotalBytes: 128 * MIB,
  maxFiles: 1_000,
  maxPatchBytes: 4 * MIB,
}

interface Clone {
  readonly paths: AttemptPaths
  readonly tracked: ReadonlyMap<string, IndexEntry>
  readonly writer: InsideWriter
}

/** Opens an attempt's clone for looking and changing while its agent may be there. */
export async function openClone(
  context: Pick<AsideContext, 'dataDir' | 'hub' | 'owner'>,
  request: RunRef & Pick<SetAsideRequest, 'attempt' | 'cut'>,
): Promise<Clone> {
  const paths = attemptPaths(context.dataDir, request, request.attempt)
  const record = await readCutRecord(paths.marker)
  const open = await unlessNotThere(openerInside(paths.work))
  if (record?.commit !== request.cut || open === undefined)
    throw permanent(`attempt ${request.attempt} has no workspace`, 'Start a new attempt.')
  const tracked = await readIndex(paths.index, context.hub.format)
  const writer = { root: paths.work, open, owner: context.owner }
  return { paths, tracked, writer }
}

export function finderOf(hub: Hub, { paths, tracked, writer }: Clone): StrayFinder {
  return new StrayFinder({ hub, work: paths.work, scratch: paths.folder, tracked, open: writer.open })
}

/**
 * Keeps all that an agent wrote outside what it may write as a commit on the cut, which nothing is ever built on, with
 * its diff in the artifact store; then, where asked, puts the files back to what was cut. Kept before anything is
 * taken away: after a crash the commit says what is still to be put back.
 */
export async function setAside(context: AsideContext, request: SetAsideRequest): Promise<SetAside> {
  const { hub } = context
  const clone = await openClone(context, request)
  const ref = asideRef(request)
  const known = await readRef(hub, ref)
  const left: LeftFile[] = []
  const commit = known ?? (await keep(context, request, clone, left))
  if (commit === null) return { commit: null, patch: null, paths: [], left: firstOf(left) }
  if (known === undefined) await setRef(hub, ref, commit)
  const changes = await changesOf(hub, request.cut, commit)
  if (request.restore) left.push(...(await restore(context, clone, changes)))
  const paths = few(changes.map(({ path }) => printable(path)))
  return { commit, patch: await patchOf(context, request.cut, commit), paths, left: firstOf(left) }
}

/** Gives the agent its strayed files back as they were set aside. */
export async function putBack(context: AsideContext, request: PutBackRequest): Promise<void> {
  const { hub } = context
  const commit = await readRef(hub, asideRef(request))
  if (commit === undefined) return
  const { writer, tracked } = await openClone(context, request)
  const folders = foldersOf(tracked.keys())
  const changes = await changesOf(hub, request.cut, commit)
  const blobs = await readBlobs(
    hub,
    changes.flatMap(({ after }) => after?.id ?? []),
  )
  for (const { path, after } of inPlaceOrder(changes, ({ after }) => after === null)) {
    await unlessInTheWay(async () => {
      if (after === null) await takeInside(writer, path, (folder) => folders.has(folder))
      else await putInside(writer, path, after.mode, blobs.get(after.id)!)
    })
  }
}

function asideRef(request: PutBackRequest | SetAsideRequest): string {
  const { task, number } = attemptParts(request, request.attempt)
  return runRefs(request.run).aside(task, number, request.count)
}

const leftFile = (path: string, reason: string): LeftFile => ({ path: printable(path), reason })

function firstOf(left: readonly LeftFile[]): readonly LeftFile[] {
  return [...left].sort((a, b) => (a.path < b.path ? -1 : 1)).slice(0, MAX_NAMED)
}

/** All of them, or the folders they lie in, as deep as keeps them few. */
function few(paths: readonly string[]): readonly string[] {
  const deepest = Math.max(0, ...paths.map((path) => path.split('/').length))
  for (let depth = deepest; ; depth -= 1) {
    const shorter = (path: string): string => {
      const steps = path.split('/')
      return steps.length <= depth ? path : `${steps.slice(0, depth).join('/')}/`
    }
    const named = [...new Set(paths.map(shorter))].sort()
    if (named.length <= MAX_NAMED || depth <= 1) return named.slice(0, MAX_NAMED)
  }
}

async function keep(
  context: AsideContext,
  request: SetAsideRequest,
  clone: Clone,
  left: LeftFile[],
): Promise<CommitId | null> {
  const { hub } = context
  const { strays, cutShort } = await finderOf(hub, clone).look([''], request.writes)
  for (const folder of cutShort) left.push(leftFile(`${folder}/`, 'it holds too much to be kept'))
  const kept = withinLimits(strays, context.asideLimits, left)
  const lines = await linesOf(hub, clone, kept, left)
  if (lines.length === 0) return null
  const tree = await changedTree(hub, clone.paths, request.attempt, lines)
  const { task } = attemptParts(request, request.attempt)
  return commitTree(hub, {
    tree,
    parents: [request.cut],
    author: ENGINE,
    seconds: request.time / 1000,
    message: withTrailers(`aside(${task}): written without being declared`, { Task: task, Run: request.run }),
  })
}

function withinLimits(strays: readonly Stray[], limits: AsideLimits, left: LeftFile[]): readonly Stray[] {
  let bytes = 0
  let files = 0
  return strays.filter((stray) => {
    const problem = stray.kind === 'new' ? pathProblem(stray.path) : undefined
    const size = stray.kind === 'gone' ? 0 : sizeOf(stray.found)
    const over = size > limits.maxFileBytes || bytes + size > limits.maxTotalBytes || files >= limits.maxFiles
    if (problem !== undefined) left.push(leftFile(stray.path, problem))
    else if (over) left.push(leftFile(stray.path, 'too much to be kept'))
    else {
      bytes += size
      files += 1
      return true
    }
    return false
  })
}

/** For `update-index --index-info`; deletions first, so that a folder may take a file's place. */
async function linesOf(
  hub: Hub,
  { paths, writer }: Clone,
  strays: readonly Stray[],
  left: LeftFile[],
): Promise<readonly string[]> {
  const found = strays.flatMap((stray) => (stray.kind === 'gone' ? [] : [stray.found]))
  const spoiled = new Set<string>()
  const ids = await storeBlobs(hub, found, (file) => readLive(paths.work, file, writer.open, spoiled))
  const gone = strays.flatMap(({ kind, path }) =>
    kind === 'gone' ? [`0 ${zeroId(hub.format)}\t${path}\0`] : [],
  )
  const there = found.flatMap((file) => {
    const id = ids.get(file.path)
    if (id !== undefined && !spoiled.has(file.path)) return [`${modeOf(file)} ${id}\t${file.path}\0`]
    left.push(leftFile(file.path, 'it could not be read'))
    return []
  })
  return [...gone, ...there]
}

interface Side {
  readonly mode: string
  readonly id: string
}

interface Change {
  readonly path: string
  /** As cut; null for a new file. */
  readonly before: Side | null
  /** As set aside; null for one that was gone. */
  readonly after: Side | null
}

async function changesOf(hub: Hub, cut: string, commit: string): Promise<readonly Change[]> {
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', cut, commit]
  const parts = (await hub.git({ args })).stdout.toString('utf8').split('\0')
  const changes: Change[] = []
  // `:<mode> <mode> <id> <id> <status>` NUL `<path>` NUL
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [wasMode, mode, wasId, id] = parts[i]!.slice(1).split(' ')
    const side = (m: string, of: string): Side | null => (Number(m) === 0 ? null : { mode: m, id: of })
    changes.push({ path: parts[i + 1]!, before: side(wasMode!, wasId!), after: side(mode!, id!) })
  }
  return changes
}

/** What is taken away comes first, deepest first: a file may be where a folder has to be, and the other way round. */
function inPlaceOrder(changes: readonly Change[], isTaken: (change: Change) => boolean): readonly Change[] {
  const depth = ({ path }: Change): number => path.split('/').length
  const taken = changes.filter(isTaken).sort((a, b) => depth(b) - depth(a))
  return [...taken, ...changes.filter((change) => !isTaken(change))]
}

/** The clone as it was cut, where it still is as it was set aside. */
async function restore(context: AsideContext, clone: Clone, changes: readonly Change[]): Promise<LeftFile[]> {
  const { hub } = context
  const { writer, tracked } = clone
  const folders = foldersOf(tracked.keys())
  const blobs = await readBlobs(
    hub,
    changes.flatMap(({ before }) => before?.id ?? []),
  )
  const looked = await finderOf(hub, clone).look(
    changes.map(({ path }) => path),
    [],
  )
  const now = new Map(looked.strays.map((stray) => [stray.path, stray]))
  const left: LeftFile[] = []
  for (const change of inPlaceOrder(changes, ({ before }) => before === null)) {
    const { path, before } = change
    const problem = await unlessInTheWay(async () => {
      if (!(await isAsAside(hub, clone, change, now.get(path))))
        throw new InTheWay('it was changed once more')
      if (before === null) await takeInside(writer, path, (folder) => folders.has(folder))
      else await putInside(writer, path, before.mode, blobs.get(before.id)!)
    })
    if (problem !== undefined) left.push(leftFile(path, problem))
  }
  return left
}

/** Only what is kept may be taken away. Put back already, by a try that was cut short, is well too. */
async function isAsAside(
  hub: Hub,
  { paths, writer }: Clone,
  { after }: Change,
  now: Stray | undefined,
): Promise<boolean> {
  if (now === undefined) return true
  if (now.kind === 'gone') return after === null
  if (after === null || modeOf(now.found) !== after.mode) return false
  const open = (file: string) => writer.open(file, 'file')
  return (await blobId(paths.work, now.found, hub.format, open)) === after.id
}

/** Why it could not be done, or undefined. */
async function unlessInTheWay(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (error instanceof InTheWay) return error.message
    throw error
  }
}

async function patchOf(context: AsideContext, cut: string, commit: string): Promise<string | null> {
  const options = ['--no-color', '--no-ext-diff', '--no-textconv', '--no-renames']
  try {
    const { stdout } = await context.hub.git({
      args: ['diff', ...options, cut, commit],
      maxOutputBytes: context.asideLimits.maxPatchBytes,
    })
    return await context.store.put([redactPatch(stdout, secretsOf(process.env))])
  } catch (error) {
    if (error instanceof GitError && error.reason === 'output') return null
    throw error
  }
}
