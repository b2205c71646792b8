import { resolve } from './attention.ts'
import { isOver } from './decideRun.ts'
import type { Draft } from './draft.ts'
import type { RunId } from './ids.ts'

/** A run that is over goes on. */
export function reopenRun(draft: Draft, run: RunId): void {
  if (!isOver(draft.run(run))) return
  for (const { id, task } of draft.run(run).attention) if (task === null) resolve(draft, run, id, 'over')
  draft.emitRun(run, { type: 'run.reopened' })
}

/** Tasks cancelled only because the run could not go on get their turn again. */
export function reviveCancelled(draft: Draft, run: RunId): void {
  draft.run(run).plan.tasks.forEach((_, i) => {
    const task = draft.run(run).tasks.get(i)!
    if (task.outcome === 'cancelled' && task.tries === 0)
      draft.emitRun(run, { type: 'task.reopened', task: i })
  })
}
