import { allowsWriting } from '../locks/meet.ts'
import type { ProjectRecord } from '../state.ts'
import { findRegistered, isAtWork, leaseEnd, type Registered, registeredName } from './registered.ts'

/** Why a commit in the user's repository must not be made. */
export type CommitFault =
  /** Somebody else holds these paths alone. */
  | { readonly type: 'locked'; readonly holder: string; readonly paths: readonly string[] }
  /** The agent that commits does not hold these. */
  | { readonly type: 'undeclared'; readonly agent: string; readonly paths: readonly string[] }
  /** It says to be one that is not known, is over, or has not begun. */
  | { readonly type: 'not-at-work'; readonly agent: string; readonly why: string }

/**
 * What speaks against committing these paths, by `reference`, an agent started by hand, or by a person (null). Also asked
 * where no engine runs: whoever is out of its time by `now`, ms, holds nothing.
 */
export function commitFaults(
  project: ProjectRecord,
  reference: string | null,
  paths: readonly string[],
  now: number,
): readonly CommitFault[] {
  const { folded } = project.locks
  const grants = project.locks.grants.filter(({ holder }) => !isOutOfTime(project.registered[holder], now))
  const agent = reference === null ? undefined : findRegistered(project.registered, reference)
  if (reference !== null && (agent === undefined || !isAtWork(agent) || isOutOfTime(agent, now)))
    return [{ type: 'not-at-work', agent: reference, why: whyNot(agent) }]
  const faults: CommitFault[] = []
  const strange = new Set(paths)
  for (const { holder, locks } of grants) {
    const held = paths.filter((path) => allowsWriting(locks, path, folded))
    for (const path of held) strange.delete(path)
    if (holder !== agent?.id && held.length > 0) faults.push({ type: 'locked', holder, paths: held })
  }
  if (agent !== undefined && strange.size > 0)
    faults.push({ type: 'undeclared', agent: agent.id, paths: [...strange] })
  return faults
}

function isOutOfTime(agent: Registered | undefined, now: number): boolean {
  const end = agent === undefined ? null : leaseEnd(agent)
  return end !== null && now >= end
}

function whyNot(agent: Registered | undefined): string {
  if (agent === undefined) return 'no such agent is registered'
  if (isAtWork(agent)) return `${registeredName(agent)} gave no sign of life for 10 minutes`
  const why = agent.state === 'TERMINATED' ? `: ${agent.detail}` : ''
  return `${registeredName(agent)} is ${agent.state}${why}`
}
