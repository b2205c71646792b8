import { randomUUID } from 'node:crypto'
import { readdir, readFile, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { CommitId } from '../domain/ids.ts'
import type { CutRequest, CutResult } from '../engine/ports/workspaces.ts'
import { type PlacedFile, placeArtifacts, statPlaced } from './artifactPlacing.ts'
import type { ArtifactStore } from './artifacts.ts'
import { type CloneOwner, makeClone } from './clone.ts'
import { mergeCommits, withTrailers } from './commits.ts'
import { permanent } from './errors.ts'
import { makePrivateFolder, readIfThere, removeTree, unlessMissing, writeAtomically } from './files.ts'
import type { Hub } from './hub.ts'
import { hasCommit, setRef } from './hub.ts'
import { type AttemptPaths, attemptParts, attemptPaths, pathsIn, runRefs } from './layout.ts'
import { escapingLinks } from './links.ts'
import { linksOf, listTree } from './trees.ts'

/** Written last into an attempt's folder: the clone is whole. `commit` reads it. */
export interface CutRecord {
  readonly commit: CommitId
  readonly artifacts: readonly string[]
  /** A clone may be half on disk after the machine went down; one of another boot that no agent used is remade. */
  readonly boot: string | null
  readonly links: readonly (readonly [path: string, target: string])[]
  readonly placed: readonly PlacedFile[]
  readonly leftOut: readonly string[]
}

export interface CutContext {
  readonly dataDir: string
  readonly hub: Hub
  readonly owner: CloneOwner
  readonly store: ArtifactStore
}

export async function readCutRecord(marker: string): Promise<CutRecord | undefined> {
  const file = await readIfThere(marker)
  return file === undefined ? undefined : (JSON.parse(file.toString('utf8')) as CutRecord)
}

export async function cut(context: CutContext, request: CutRequest): Promise<CutResult> {
  const { hub } = context
  const paths = attemptPaths(context.dataDir, request, request.attempt)
  const { task, number } = attemptParts(request, request.attempt)
  const start = await mergeInputs(hub, request, task)
  if (start.status !== 'merged') return start
  const commit = start.commit
  const answer = (leftOut: readonly string[]): CutResult => ({
    status: 'cut',
    commit,
    path: paths.work,
    readOnlyMounts: [hub.objects],
    ...(leftOut.length === 0 ? {} : { leftOut }),
  })

  const boot = await bootId()
  const known = await readCutRecord(paths.marker)
  if (known !== undefined && known.boot === boot) {
    if (known.commit === commit && known.artifacts.join() === request.artifacts.join())
      return answer(known.leftOut)
    throw permanent(
      `attempt ${request.attempt} was cut before, from ${known.commit} and not from ${commit}`,
      'Start a new attempt; this one keeps its files.',
    )
  }
  await setRef(hub, runRefs(request.run).cut(task, number), commit)
  const entries = await listTree(hub, commit)
  const links = await linksOf(hub, entries)
  refuseEscapes(links)
  const leftOut = await inNewFolder(paths, async (making) => {
    const place = () =>
      placeArtifacts(context.store, request.artifacts, { hub, entries, links, paths: making })
    const placement = await makeClone(hub, { paths: making, commit, task, owner: context.owner, fill: place })
    const record: CutRecord = {
      commit,
      artifacts: request.artifacts,
      boot,
      links: [...links],
      placed: await statPlaced(making.work, placement.files),
      leftOut: placement.leftOut,
    }
    // Not synced (the disk would have to write the whole clone first): after a power loss `boot` tells.
    await writeAtomically(making.marker, JSON.stringify(record), false)
    return placement.leftOut
  })
  return answer(leftOut)
}

/**
 * Lets an attempt's folder be made aside and moves it into place whole. A git that outlived a killed engine may
 * still be writing into the folder of its own try; it never meets the next one.
 */
async function inNewFolder<T>(paths: AttemptPaths, make: (aside: AttemptPaths) => Promise<T>): Promise<T> {
  const [run, name] = [dirname(paths.folder), basename(paths.folder)]
  const prefix = `.making-${name}-`
  await makePrivateFolder(run)
  for (const left of await readdir(run)) if (left.startsWith(prefix)) await removeTree(join(run, left))
  const making = pathsIn(join(run, `${prefix}${randomUUID()}`))
  try {
    await makePrivateFolder(making.folder)
    const made = await make(making)
    await removeTree(paths.folder)
    await rename(making.folder, paths.folder)
    return made
  } catch (error) {
    await removeTree(making.folder).catch(() => undefined)
    throw error
  }
}

type Start =
  | { readonly status: 'merged'; readonly commit: CommitId }
  | { readonly status: 'conflict'; readonly files: readonly string[] }

/** The base and the inputs in their order; the same request always gives the same commit. */
async function mergeInputs(hub: Hub, request: CutRequest, task: string): Promise<Start> {
  for (const input of [request.base, ...request.from]) {
    if (await hasCommit(hub, input)) continue
    throw permanent(
      `commit ${input} is not in the project's hub`,
      'Start the run anew; the hub has lost objects.',
    )
  }
  let commit = request.base
  for (const input of request.from) {
    const message = withTrailers(`chore: merge the inputs of ${task}`, { Task: task, Run: request.run })
    const merged = await mergeCommits(hub, commit, input, message)
    if (merged.status === 'conflict') return merged
    if (merged.status === 'unrelated') {
      throw permanent(`commit ${input} is not of this run`, 'This is a defect; please report it.')
    }
    commit = merged.commit
  }
  return { status: 'merged', commit }
}

function refuseEscapes(links: ReadonlyMap<string, string>): void {
  const escaping = escapingLinks(links)
  if (escaping.length === 0) return
  const named = escaping.slice(0, 5).map((path) => `${path} -> ${links.get(path)}`)
  throw permanent(
    `link leaves the workspace: ${named.join(', ')}${escaping.length > 5 ? ` and ${escaping.length - 5} more` : ''}`,
    'Commit a link that stays inside the repository, or the file itself.',
  )
}

async function bootId(): Promise<string | null> {
  const id = await unlessMissing(readFile('/proc/sys/kernel/random/boot_id', 'utf8'))
  return id?.trim() ?? null
}
