import type { CommitId } from '../domain/ids.ts'
import type { CheckpointRequest } from '../engine/ports/workspaces.ts'
import { storeBlobs } from './blobs.ts'
import { changedTree, changeOf, type StockContext, takeStock } from './change.ts'
import { authorOf, commitTree, oneLine, withTrailers } from './commits.ts'
import { text } from './git.ts'
import { type Hub, readRef, setRef, treeOf } from './hub.ts'
import { openerInside } from './inside.ts'
import { attemptParts, attemptPaths, runRefs } from './layout.ts'
import { readLive } from './readLive.ts'

/**
 * What the agent has done so far, as a commit on the cut that nothing is built on: the task's own commit is made from
 * the cut again. The agent writes on meanwhile; what changes or vanishes while it is read is left as it was in the cut.
 */
export async function checkpoint(
  context: StockContext,
  request: CheckpointRequest,
): Promise<CommitId | null> {
  const { hub } = context
  const { task, number } = attemptParts(request, request.attempt)
  const ref = runRefs(request.run).checkpoint(task, number)
  const known = await madeBefore(hub, ref, request)
  if (known !== undefined) return known
  const { work } = attemptPaths(context.dataDir, request, request.attempt)
  const open = await openerInside(work)
  const stock = await takeStock(context, request, open)
  const spoiled = new Set<string>()
  const ids = await storeBlobs(hub, stock.vetted.files, (found) => readLive(work, found, open, spoiled))
  for (const path of spoiled) ids.delete(path)
  const { lines } = await changeOf(hub, stock, ids)
  if (lines.length === 0) return null
  const tree = await changedTree(hub, stock.paths, request.attempt, lines)
  if (tree === (await treeOf(hub, request.cut))) return null
  const made = await commitTree(hub, {
    tree,
    parents: [request.cut],
    author: authorOf(request.role),
    seconds: request.time / 1000,
    message: withTrailers(subjectOf(request), { Task: request.task, Run: request.run }),
  })
  await setRef(hub, ref, made)
  return made
}

const subjectOf = ({ role, task, count }: CheckpointRequest): string =>
  `checkpoint(${oneLine(role)}): ${oneLine(task)} ${count}`

/** The one made for this very request, if its answer was lost. */
async function madeBefore(hub: Hub, ref: string, request: CheckpointRequest): Promise<CommitId | undefined> {
  const last = await readRef(hub, ref)
  if (last === undefined) return undefined
  const facts = text(await hub.git({ args: ['log', '-1', '--format=%P%n%at%n%s', last] }))
  const seconds = Math.max(0, Math.floor(request.time / 1000))
  return facts === `${request.cut}\n${seconds}\n${subjectOf(request)}` ? last : undefined
}
