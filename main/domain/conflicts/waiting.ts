import type { ProjectId } from '../ids.ts'
import { circleFrom, type Waits } from '../locks/circle.ts'
import { waitsFor } from '../locks/table.ts'
import type { ProjectRecord, State } from '../state.ts'
import { talkWaits } from '../talk/talkWaits.ts'
import type { Conflict } from './conflict.ts'
import { liveAttempt, nameOfHolder, partyInfo } from './parties.ts'

/** Who stands still until another is over, by which settlement. */
export interface Held {
  readonly holder: string
  readonly keep: string
  readonly conflict: Conflict
}

export function heldFor(state: State, { conflicts }: ProjectRecord): readonly Held[] {
  return conflicts.flatMap((conflict) => {
    const { id, parties, resolution } = conflict
    const keep = resolution?.action === 'wait' ? resolution.keep : null
    if (keep === null) return []
    const still = parties.filter((holder) => liveAttempt(state, holder)?.attempt.conflict?.id === id)
    return still.map((holder) => ({ holder, keep, conflict }))
  })
}

/**
 * Who waits for whom for reasons that are no locks; and of those that have not begun, whom they wait for in line, where
 * somebody waits for them or they are `asked`. `now`: engine ms.
 */
export function otherWaits(state: State, project: ProjectId, now: number, asked?: string): Waits {
  const waits = new Map(talkWaits(state, project, now, asked))
  for (const { holder, keep } of heldFor(state, state.projects.get(project)!))
    waits.set(holder, [...(waits.get(holder) ?? []), keep])
  return waits
}

/** Why this one cannot stand still until that one is over; undefined when it can. */
export function cannotWaitFor(
  state: State,
  project: ProjectId,
  keep: string,
  others: readonly string[],
): string | undefined {
  const name = nameOfHolder(keep)
  if (others.includes(keep)) return `${name} has nobody to wait for`
  const { live, blocked } = partyInfo(state, keep, project)
  if (!live) return `${name} is over: nobody waits for it any more`
  if (blocked) return `${name} has not begun; nobody can wait for it`
  const record = state.projects.get(project)!
  const held = otherWaits(state, project, state.time)
  const graph = new Map(held)
  for (const waiter of record.locks.waiters)
    graph.set(waiter.holder, [...(held.get(waiter.holder) ?? []), ...waitsFor(record.locks, waiter)])
  const caught = others.find((holder) => circleFrom(graph, holder, [keep]) !== undefined)
  return caught === undefined ? undefined : `${name} waits for ${nameOfHolder(caught)} already`
}
