import type { LockTable } from '../../../../main/domain/locks/changes.ts'
import { isOver, type Registered } from '../../../../main/domain/registered/registered.ts'
import type { ProjectRecord, State } from '../../../../main/domain/state.ts'
import { shortName } from '../../state/agents.ts'
import { blockersOf, keyOf } from '../locks/entries.ts'

/** Ended ones are shown for so long, ms: who looks wants to see how it went. */
const SHOWN_MS = 30 * 60_000

/** Agents of a project that somebody started by hand: those that are not over, then those that ended lately. */
export function agentsByHand(project: ProjectRecord, now: number): readonly Registered[] {
  const all = Object.values(project.registered)
  const ended = all.filter((agent) => isOver(agent) && now - (agent.endedAt ?? 0) < SHOWN_MS)
  return [...all.filter((agent) => !isOver(agent)), ...ended.toReversed()]
}

/** All projects' where no run says which one is meant. */
export function projectsByHand(state: State): readonly ProjectRecord[] {
  return [...state.projects.values()].filter(({ registered }) => Object.keys(registered).length > 0)
}

/** What it waits for and because of whom, null where it waits for no lock; and where that is in the map of locks. */
export function placeInLine(
  table: LockTable,
  { id }: Pick<Registered, 'id'>,
): { readonly what: string; readonly behind: string } | null {
  const waiter = table.waiters.find(({ holder }) => holder === id)
  const blocker = waiter === undefined ? undefined : blockersOf(table, waiter)[0]
  const wanted = blocker?.over[0]?.wants
  return blocker === undefined || wanted === undefined
    ? null
    : { what: wanted.on, behind: shortName(blocker.holder) }
}

/** The first of its locks, as the map of locks knows it; undefined where it declared none. */
export function firstLockOf({ files, reads, uses }: Registered): string | undefined {
  const file = files[0] ?? reads[0]
  if (file !== undefined) return keyOf({ kind: 'files', on: file })
  return uses[0] === undefined ? undefined : keyOf({ kind: 'resource', on: uses[0] })
}
