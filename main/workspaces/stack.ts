import type { CommitId, RunId } from '../domain/ids.ts'
import type { AdvanceRequest, StackItem, StackRequest, StackResult } from '../engine/ports/workspaces.ts'
import { mergeCommits, withTrailers } from './commits.ts'
import { permanent } from './errors.ts'
import { type Hub, hasCommit, isAncestor, moveRef, readRef, setRef } from './hub.ts'
import { runRefs } from './layout.ts'

/** Merges on the tip as it is, by plumbing: no ref moves and no work tree is touched. */
export async function stack(hub: Hub, request: StackRequest): Promise<StackResult> {
  const from = await tipOf(hub, request.run)
  const made = await stackOn(hub, from, request)
  return Array.isArray(made)
    ? { status: 'stacked', from, to: made.at(-1) ?? from }
    : { status: 'conflict', item: made.item, files: made.files }
}

/** The old value of the tip is checked. Each task keeps the tip before it as its rollback point. */
export async function advance(hub: Hub, request: AdvanceRequest): Promise<void> {
  const { from, to, items } = request
  const refs = runRefs(request.run)
  const tip = await tipOf(hub, request.run)
  if (tip !== from && (await isAncestor(hub, to, tip))) return
  const made = await stackOn(hub, from, request)
  if (!Array.isArray(made) || (made.at(-1) ?? from) !== to) {
    throw permanent(`${to} is not what was checked on ${from}`, 'Check again.')
  }
  for (const [i, { task, commit }] of items.entries())
    await setRef(hub, refs.beforeMerge(task, commit), i === 0 ? from : made[i - 1]!)
  await moveRef(hub, refs.tip, to, from)
}

async function tipOf(hub: Hub, run: RunId): Promise<CommitId> {
  const tip = await readRef(hub, runRefs(run).tip)
  if (tip === undefined) throw permanent(`run ${run} has no branch in the hub`, 'Start the run anew.')
  return tip
}

/** The commit after each item, or the first that conflicts. */
async function stackOn(
  hub: Hub,
  from: CommitId,
  { run, items }: { readonly run: RunId; readonly items: readonly StackItem[] },
): Promise<CommitId[] | { readonly item: number; readonly files: readonly string[] }> {
  const made: CommitId[] = []
  for (const [item, { task, commit, message, time }] of items.entries()) {
    if (!(await hasCommit(hub, commit)))
      throw permanent(`commit ${commit} is not in the project's hub`, `Run ${task} again.`)
    const text = withTrailers(message, { Task: task, Run: run })
    const merged = await mergeCommits(hub, made.at(-1) ?? from, commit, text, time / 1000)
    if (merged.status === 'conflict') return { item, files: merged.files }
    if (merged.status === 'unrelated')
      throw permanent(`commit ${commit} is not of run ${run}`, 'This is a defect; please report it.')
    made.push(merged.commit)
  }
  return made
}
