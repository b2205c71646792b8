import type { Draft } from './draft.ts'
import type { RunId } from './ids.ts'
import { planIndex } from './plan.ts'
import { isSettled } from './state.ts'

/**
 * Soft needs warn and do nothing else. One that has failed warns at once: when it fails, those that started without
 * it; when a task starts, of those that had failed before. One that is merely late warns by its timer.
 */
export function warnDependents(draft: Draft, run: RunId, need: number): void {
  for (const task of planIndex(draft.run(run).plan).softDependents[need]!) warn(draft, run, task, need)
}

/** For a task that has just been assigned. */
export function warnOfFailedNeeds(draft: Draft, run: RunId, task: number): void {
  const { plan } = draft.run(run)
  for (const { task: name } of plan.tasks[task]!.needsSoft) {
    const need = planIndex(plan).byId.get(name)
    if (need !== undefined) warn(draft, run, task, need)
  }
}

function warn(draft: Draft, run: RunId, task: number, need: number): void {
  const { tasks } = draft.run(run)
  const waiting = tasks.get(task)!
  const needed = tasks.get(need)!
  if (waiting.firstAssignedAt === null || waiting.late.includes(need)) return
  if (!isSettled(needed) || needed.outcome === 'succeeded' || needed.outcome === 'skipped') return
  draft.emitRun(run, { type: 'need.late', task, need, soft: true, failed: true })
}
