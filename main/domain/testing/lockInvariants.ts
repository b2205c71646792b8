import type { EventEnvelope } from '../events.ts'
import { setsConflict } from '../locks/meet.ts'
import { declaredLocks, holderOf } from '../locks/taskLocks.ts'
import { isAtWork, isOver, locksOf } from '../registered/registered.ts'
import type { State } from '../state.ts'

/** A stale token never commits: what is committed or merged is of one who holds all it declared. */
export function checkFencing(state: State, { data, run: id }: EventEnvelope): void {
  if (data.type !== 'work.committed' && data.type !== 'work.merged') return
  const run = state.runs.get(id!)!
  const holder = holderOf(run, data.task, data.attempt)
  const held = state.projects.get(run.project)!.locks.grants.find((grant) => grant.holder === holder)
  for (const { on, mode } of declaredLocks(run, data.task)) {
    const holds = held?.locks.some((one) => one.on === on && (one.mode === mode || one.mode === 'exclusive'))
    if (holds !== true) throw new Error(`${holder} ${data.type} without ${on}`)
  }
}

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
    each.plan.tasks.forEach((_, i) => {
      const attempt = each.tasks.get(i)!.current
      if (attempt === null) return
      const holder = holderOf(each, i, attempt.n)
      live.add(holder)
      if (declaredLocks(each, i).length === 0) return
      // Within a decision one of the two comes a moment before the other.
      if (attempt.state === 'WAITING' && attempt.startedAt === null) return
      // Taken from it: it is being ended, and what it commits is checked below.
      if (attempt.stopping !== null || (attempt.state === 'RUNNING' && event.type === 'locks.released'))
        return
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
