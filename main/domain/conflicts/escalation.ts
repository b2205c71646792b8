import type { State } from '../state.ts'
import type { Conflict } from './conflict.ts'
import { type ConflictPolicies, policyOf } from './matrix.ts'
import { liveAttempt } from './parties.ts'

/** When an open conflict goes to the next level, engine ms; undefined at the last one. */
export function escalatesAt(state: State, conflict: Conflict): number | undefined {
  if (conflict.level === 3 || conflict.resolution !== null) return undefined
  const { slaMs } = policyOf(conflict.kind, policiesOf(state, conflict.parties))
  return slaMs === 0 ? undefined : conflict.levelSince + slaMs
}

/** What the project of the parties says beside the matrix: frozen with the plan of the first that is at work. */
export function policiesOf(state: State, parties: readonly string[]): ConflictPolicies | undefined {
  for (const holder of parties) {
    const own = liveAttempt(state, holder)?.run.plan.conflicts
    if (own !== undefined) return own
  }
  return undefined
}
