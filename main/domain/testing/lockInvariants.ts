import type { EventEnvelope } from '../events.ts'
import { setsConflict } from '../locks/meet.ts'
import { holderOf, locksOfTask } from '../locks/taskLocks.ts'
import { isAtWork, isOver, locksOf } from '../registered/registered.ts'
import type { State } from '../state.ts'

/** Nobody holds what another holds; who is at work holds all it declared; who is over, or waits, holds nothing. */
export function checkLocks(state: State, event: EventEnvelope): void {
  const project = event.project === null ? undefined : state.projects.get(event.project)
  if (event.type === 'task.assigned' || project === undefined) return
  const { grants, waiters } = project.locks
  grants.forEach((one, i) => {
    for (const other of grants.slice(i + 1))
      if (setsConflict(one.locks, other.locks))
        throw new Error(`${one.holder} and ${other.holder} hold the same`)
  })
  const holders = new Set(grants.map(({ holder }) => holder))
  const waiting = new Set(waiters.map(({ holder }) => holder))
  const live = new Set<string>()
  for (const each of state.runs.values()) {
    each.plan.tasks.forEach((spec, i) => {
      const attempt = each.tasks.get(i)!.current
      if (attempt === null) return
      const holder = holderOf(each, i, attempt.n)
      live.add(holder)
      if (locksOfTask(spec).length === 0) return
      // Within a decision one of the two comes a moment before the other.
      if (attempt.state === 'WAITING' && attempt.startedAt === null) return
      if (attempt.state === 'BLOCKED' ? !waiting.has(holder) && !holders.has(holder) : !holders.has(holder))
        throw new Error(
          `${holder} is ${attempt.state} and ${holders.has(holder) ? 'holds' : 'does not hold'} its locks`,
        )
    })
  }
  for (const agent of Object.values(project.registered)) {
    if (isOver(agent)) continue
    live.add(agent.id)
    if (isAtWork(agent) && locksOf(agent).length > 0 && !holders.has(agent.id))
      throw new Error(`${agent.id} is ${agent.state} and does not hold its locks`)
  }
  for (const holder of [...holders, ...waiting])
    if (!live.has(holder)) throw new Error(`${holder} is over and still in the table`)
}
