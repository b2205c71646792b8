import type { RoleName } from '../../../../main/domain/ids.ts'
import { type Attempt, hasNoProcess, type PastAttempt, type Run } from '../../../../main/domain/state.ts'

/** Why nothing can be typed to an agent. */
export type ReadOnly = 'notStarted' | 'over' | 'paused' | 'held' | 'finishing' | 'away'

export interface AttemptView {
  readonly n: number
  readonly role: RoleName
  /** Set while it is under way. */
  readonly current: Attempt | undefined
  /** Set once it is over. */
  readonly past: PastAttempt | undefined
  /** Null where the agent's terminal takes what is typed. */
  readonly readOnly: ReadOnly | null
}

/** All attempts of a task that has any, oldest first. */
export function attemptsOf(run: Run, index: number): readonly number[] {
  const { past, current } = run.tasks.get(index)!
  const numbers = past.map((attempt) => attempt.n)
  return current === null ? numbers : [...numbers, current.n]
}

/** The chosen attempt, or else the newest; undefined where there is none yet. */
export function attemptView(
  run: Run,
  index: number,
  chosen: number | undefined,
  connected: boolean,
): AttemptView | undefined {
  const { past, current } = run.tasks.get(index)!
  const over = past.find((attempt) => attempt.n === chosen)
  if (over !== undefined) return ended(over)
  if (current !== null) {
    const readOnly = connected ? whyReadOnly(current) : 'away'
    return { n: current.n, role: current.role, current, past: undefined, readOnly }
  }
  const last = past.at(-1)
  return last === undefined ? undefined : ended(last)
}

function ended(past: PastAttempt): AttemptView {
  return { n: past.n, role: past.role, current: undefined, past, readOnly: 'over' }
}

/** Every agent has a terminal of its own; it takes keys while its process runs. */
function whyReadOnly(attempt: Attempt): ReadOnly | null {
  if (attempt.state === 'RUNNING' || attempt.state === 'TIMEOUT') return attempt.paused ? 'paused' : null
  if (attempt.state === 'CONFLICT' && !hasNoProcess(attempt)) return 'held'
  return attempt.startedAt === null ? 'notStarted' : 'finishing'
}
