import type { Draft } from '../draft.ts'
import type { ProjectId } from '../ids.ts'
import type { TerminationCause } from '../states.ts'
import { isOver, type Registered, type Signal } from './registered.ts'

export interface End {
  readonly cause: TerminationCause
  readonly detail: string
  /** What its process is sent, where it told one. */
  readonly signal: Signal | null
}

/** RUNNING → CONFLICT, for one that is not in another already. */
export function conflictRegistered(
  draft: Draft,
  project: ProjectId,
  agent: Registered,
  conflict: string,
): void {
  if (agent.state !== 'RUNNING') return
  draft.emit({ project, run: null }, { type: 'registered.conflicted', agent: agent.id, conflict })
}

/** CONFLICT → RUNNING, for one that was in this conflict. */
export function reconcileRegistered(
  draft: Draft,
  project: ProjectId,
  agent: Registered,
  conflict: string,
): void {
  if (agent.state !== 'CONFLICT' || agent.conflict !== conflict) return
  draft.emit({ project, run: null }, { type: 'registered.reconciled', agent: agent.id })
}

/** Ends one that is not over: at once, and what it held goes to others. */
export function endRegistered(draft: Draft, project: ProjectId, agent: Registered, end: End): void {
  if (isOver(agent)) return
  draft.emit({ project, run: null }, { type: 'registered.terminated', agent: agent.id, ...end })
}
