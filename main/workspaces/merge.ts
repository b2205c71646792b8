import type { MergeRequest, MergeResult } from '../engine/ports/workspaces.ts'
import { mergeCommits, withTrailers } from './commits.ts'
import { permanent } from './errors.ts'
import { type Hub, hasCommit, moveRef, readRef, setRef } from './hub.ts'
import { runRefs } from './layout.ts'

/** Callers see to it that one merge of a run runs at a time; the old value of the tip is checked all the same. */
export async function merge(hub: Hub, request: MergeRequest): Promise<MergeResult> {
  const refs = runRefs(request.run)
  const tip = await readRef(hub, refs.tip)
  if (tip === undefined) throw permanent(`run ${request.run} has no branch in the hub`, 'Start the run anew.')
  if (!(await hasCommit(hub, request.commit))) {
    throw permanent(`commit ${request.commit} is not in the project's hub`, 'Run the task again.')
  }
  const message = withTrailers(request.message, { Task: request.task, Run: request.run })
  const merged = await mergeCommits(hub, tip, request.commit, message, request.time / 1000)
  if (merged.status === 'conflict') return merged
  if (merged.status === 'unrelated') {
    throw permanent(
      `commit ${request.commit} is not of run ${request.run}`,
      'This is a defect; please report it.',
    )
  }
  if (merged.commit !== tip) {
    await setRef(hub, refs.beforeMerge(request.task, request.commit), tip)
    await moveRef(hub, refs.tip, merged.commit, tip)
  }
  return { status: 'merged', tip: merged.commit }
}
