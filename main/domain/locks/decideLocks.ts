import type { ClientCommand } from '../commands.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import { failAttempt } from '../failure.ts'
import type { TaskId } from '../ids.ts'
import { planIndex } from '../plan.ts'
import { hasNoProcess } from '../state.ts'
import { grantOf, lockTable } from './held.ts'
import { holderOf } from './taskLocks.ts'

/**
 * A person takes an agent's locks: at once, so that others go on, and the agent is stopped, for what it makes from here
 * on can never be merged.
 */
export function decideLocks(
  draft: Draft,
  command: Extract<ClientCommand, { type: 'locks.release' }>,
): Verdict {
  const run = draft.state.runs.get(command.run)
  if (run === undefined) return reject('unknown', `there is no run ${command.run}`)
  const index = planIndex(run.plan).byId.get(command.task as TaskId)
  if (index === undefined) return reject('unknown', `run ${run.id} has no task ${command.task}`)
  const attempt = run.tasks.get(index)!.current
  if (attempt === null) return reject('not-now', `no agent is at work on ${command.task}`)
  if (attempt.state === 'BLOCKED') {
    failAttempt(draft, run.id, index, { cause: 'stopped', detail: 'stopped before it started', code: null })
    return undefined
  }
  if (attempt.state === 'COMPLETING') return reject('not-now', 'its work is being merged')
  const holder = holderOf(run, index, attempt.n)
  if (grantOf(lockTable(draft.state, run), run, index, attempt.n) === undefined)
    return reject('not-now', `the agent of ${command.task} holds no locks`)
  if (hasNoProcess(attempt)) {
    failAttempt(draft, run.id, index, { cause: 'stopped', detail: 'its locks were taken', code: null })
    return undefined
  }
  if (attempt.stopping === null) {
    const stop = { cause: 'stopped', force: false } as const
    draft.emitRun(run.id, { type: 'agent.stopping', task: index, attempt: attempt.n, ...stop })
  }
  draft.emit(
    { project: run.project, run: null },
    { type: 'locks.released', holder, locks: null, why: 'person' },
  )
  return undefined
}
