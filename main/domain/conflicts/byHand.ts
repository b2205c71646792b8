import type { ProjectRecord, State } from '../state.ts'
import type { Conflict } from './conflict.ts'
import { liveAttempt } from './parties.ts'
import { openOf } from './raising.ts'

/**
 * Is it for a person to settle, and in no run that could ask? What agents started by hand have among themselves is past
 * the agents' own level, and open.
 */
export function isAskedByHand(state: State, { registered }: ProjectRecord, conflict: Conflict): boolean {
  const { level, parties, resolution } = conflict
  if (resolution !== null || level === 1) return false
  if (!parties.some((holder) => registered[holder] !== undefined)) return false
  return parties.every((holder) => liveAttempt(state, holder) === undefined)
}

/** How many of them there are in all projects. */
export function askedByHand(state: State): number {
  let count = 0
  for (const project of state.projects.values())
    for (const conflict of openOf(project)) if (isAskedByHand(state, project, conflict)) count += 1
  return count
}
