import { parseAttemptId } from '../../../main/domain/ids.ts'
import { planIndex } from '../../../main/domain/plan.ts'
import type { Run, State } from '../../../main/domain/state.ts'

/** One attempt at a task, as locks, conflicts and messages name it. */
export interface Agent {
  readonly run: Run
  /** Of its task in the plan. */
  readonly index: number
  readonly attempt: number
}

/** The agent of an attempt's id; undefined where its run is not in live state. */
export function findAgent(state: State | undefined, holder: string): Agent | undefined {
  const parts = parseAttemptId(holder)
  const run = parts === undefined ? undefined : state?.runs.get(parts.run)
  if (parts === undefined || run === undefined) return undefined
  const index = planIndex(run.plan).byId.get(parts.task)
  return index === undefined ? undefined : { run, index, attempt: parts.attempt }
}

/** Who does it: the role of that attempt, else who is meant to; null where any may that has the skill. */
export function roleOfAgent({ run, index, attempt }: Agent): string | null {
  const task = run.tasks.get(index)!
  const attempts = task.current === null ? task.past : [...task.past, task.current]
  return attempts.find(({ n }) => n === attempt)?.role ?? run.plan.tasks[index]!.role
}

/** `compile-api`, `compile-api #2`: short, as people say it where the run is known. */
export function shortName(holder: string): string {
  const parts = parseAttemptId(holder)
  if (parts === undefined) return holder
  return parts.attempt === 1 ? parts.task : `${parts.task} #${parts.attempt}`
}
