import { raise } from '../attention.ts'
import type { Draft } from '../draft.ts'
import { formatDuration } from '../duration.ts'
import type { RunId } from '../ids.ts'
import type { Run } from '../state.ts'
import type { TerminationCause } from '../states.ts'

/** Somebody wanted it so, or somebody else was in its way: that is not the task's own doing. */
const NOT_ITS_OWN: readonly (TerminationCause | null)[] = [null, 'stopped', 'cancelled', 'conflict']

/** In words, how often a task came to grief lately, where that is as often as its plan allows; its last attempt is over. */
export function flapping(run: Run, task: number, now: number): string | undefined {
  const rule = run.plan.health?.flapping
  if (rule == null) return undefined
  const { past } = run.tasks.get(task)!
  const failed = past.filter(
    ({ cause, endedAt }) => !NOT_ITS_OWN.includes(cause) && now - endedAt <= rule.withinMs,
  )
  if (failed.length < rule.times) return undefined
  return `it came to grief ${failed.length} times in ${formatDuration(rule.withinMs)}`
}

/** It is not tried again until a person has said so. */
export function pauseFlapping(draft: Draft, id: RunId, task: number, reason: string): void {
  const run = draft.run(id)
  const what = run.plan.tasks[task]!.id
  draft.emitRun(id, { type: 'task.blocked', task, by: 'flapping' })
  const where = `${run.plan.epic}#${run.number} ${what}`
  draft.emit({ project: run.project, run: null }, { type: 'health.paused', what: where, reason })
  raise(draft, id, task, 'flapping', `${what} is paused: ${reason}. Try again?`, ['retry', 'skip', 'fail'])
}
