import { assertNever } from '../../../main/domain/assertNever.ts'
import { type ProjectId, parseAttemptId } from '../../../main/domain/ids.ts'
import { planIndex } from '../../../main/domain/plan.ts'
import type { Registered } from '../../../main/domain/registered/registered.ts'
import type { Run, State } from '../../../main/domain/state.ts'
import { attemptStatus, type Mark, taskStatus } from '../../../main/domain/status.ts'

/** One attempt at a task, as locks, conflicts and messages name it. */
export interface Agent {
  readonly run: Run
  /** Of its task in the plan. */
  readonly index: number
  readonly attempt: number
}

/** The agent of an attempt's id; undefined where its run is not in live state, and for what is no attempt. */
export function findAgent(state: State | undefined, holder: string): Agent | undefined {
  const parts = parseAttemptId(holder)
  const run = parts === undefined ? undefined : state?.runs.get(parts.run)
  if (parts === undefined || run === undefined) return undefined
  const index = planIndex(run.plan).byId.get(parts.task)
  return index === undefined ? undefined : { run, index, attempt: parts.attempt }
}

/** One that somebody started by hand: no run has it. */
export function findByHand(
  state: State | undefined,
  project: ProjectId,
  holder: string,
): Registered | undefined {
  return state?.projects.get(project)?.registered[holder]
}

/** Who does it: the role of that attempt, else who is meant to; null where any may that has the skill. */
export function roleOfAgent({ run, index, attempt }: Agent): string | null {
  const task = run.tasks.get(index)!
  const attempts = task.current === null ? task.past : [...task.past, task.current]
  return attempts.find(({ n }) => n === attempt)?.role ?? run.plan.tasks[index]!.role
}

/** Of that attempt: another one may be at the task by now. */
export function markOfAgent({ run, index, attempt }: Agent): Mark {
  const { current, past } = run.tasks.get(index)!
  if (current?.n === attempt || current === null) return taskStatus(run, index, 0).mark
  return past.some(({ n }) => n === attempt) ? 'failed' : attemptStatus(current, 0).mark
}

export function markOfHand({ state }: Pick<Registered, 'state'>): Mark {
  switch (state) {
    case 'REGISTERED':
    case 'WAITING':
      return 'waiting'
    case 'BLOCKED':
      return 'blocked'
    case 'RUNNING':
    case 'COMPLETING':
    case 'TIMEOUT':
      return 'running'
    case 'CONFLICT':
      return 'conflict'
    case 'COMPLETED':
      return 'done'
    case 'TERMINATED':
      return 'failed'
    default:
      return assertNever(state, 'unknown state')
  }
}

/** `compile-api`, `compile-api #2`: short, as people say it where the run is known. */
export function shortName(holder: string): string {
  const parts = parseAttemptId(holder)
  if (parts === undefined) return holder
  return parts.attempt === 1 ? parts.task : `${parts.task} #${parts.attempt}`
}
