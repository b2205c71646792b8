import type { ClientCommand } from '../commands.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import { failAttempt } from '../failure.ts'
import type { TaskId } from '../ids.ts'
import { planIndex } from '../plan.ts'
import { type Attempt, hasNoProcess, type Run, type State } from '../state.ts'
import type { Grant } from './changes.ts'
import { holderOf, locksOfTask } from './taskLocks.ts'

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
  if (grantOf(draft.state, run, holder) === undefined)
    return reject('not-now', `the agent of ${command.task} holds no locks`)
  if (hasNoProcess(attempt)) {
    failAttempt(draft, run.id, index, { cause: 'stopped', detail: 'its locks were taken', code: null })
    return undefined
  }
  draft.emit(
    { project: run.project, run: null },
    { type: 'locks.released', holder, locks: null, why: 'person' },
  )
  if (attempt.stopping === null) {
    const stop = { cause: 'stopped', force: false } as const
    draft.emitRun(run.id, { type: 'agent.stopping', task: index, attempt: attempt.n, ...stop })
  }
  return undefined
}

/** Why nothing an attempt made may be merged: it does not hold what it declared any more. Undefined when it does. */
export function lostLocks(state: State, run: Run, index: number, attempt: Attempt): string | undefined {
  const declared = locksOfTask(run.plan.tasks[index]!)
  if (declared.length === 0) return undefined
  if (grantOf(state, run, holderOf(run, index, attempt.n)) !== undefined) return undefined
  return 'its locks were taken from it while it worked, so what it made is not merged'
}

function grantOf(state: State, run: Run, holder: string): Grant | undefined {
  return state.projects.get(run.project)!.locks.grants.find((grant) => grant.holder === holder)
}
