import type { EventEnvelope } from '../events.ts'
import type { ProjectId } from '../ids.ts'
import type { State } from '../state.ts'
import type { TimerAt } from '../timers.ts'
import { leaseEnd, type Registered } from './registered.ts'

/** Timers that an event of an agent started by hand sets. */
export function registeredTimersAfter(state: State, { project, data }: EventEnvelope): readonly TimerAt[] {
  if (data.type !== 'registered.started' && data.type !== 'registered.renewed') return []
  const agent = state.projects.get(project!)?.registered[data.agent]
  return agent === undefined ? [] : timersOfOne(project!, agent)
}

export function registeredTimers(state: State): readonly TimerAt[] {
  return [...state.projects.values()].flatMap(({ id, registered }) =>
    Object.values(registered).flatMap((agent) => timersOfOne(id, agent)),
  )
}

function timersOfOne(project: ProjectId, agent: Registered): readonly TimerAt[] {
  const base = { project, agent: agent.id }
  const lease = leaseEnd(agent)
  const timers: TimerAt[] =
    lease === null ? [] : [{ at: lease, timer: { kind: 'registered-lease', ...base } }]
  if (agent.limitMs !== null && agent.startedAt !== null && agent.state === 'RUNNING')
    timers.push({ at: agent.startedAt + agent.limitMs, timer: { kind: 'registered-limit', ...base } })
  return timers
}
