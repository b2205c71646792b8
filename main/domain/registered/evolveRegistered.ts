import { assertNever } from '../assertNever.ts'
import type { DomainEvent } from '../events.ts'
import { withoutLocks } from '../locks/changes.ts'
import type { ProjectRecord } from '../state.ts'
import { AGENT_ARROWS, type AgentState } from '../states.ts'
import { isOver, KEPT_ENDED, type Registered } from './registered.ts'

export type RegisteredEvent = Extract<DomainEvent, { type: `registered.${string}` }>

export function isRegisteredEvent(data: DomainEvent): data is RegisteredEvent {
  return data.type.startsWith('registered.')
}

/** Throws on an event of an agent that is not known and on an arrow the state table does not have. */
export function evolveRegistered(project: ProjectRecord, data: RegisteredEvent, time: number): ProjectRecord {
  if (data.type === 'registered.added') return added(project, data, time)
  const before = project.registered[data.agent]
  if (before === undefined) throw new Error(`${data.agent} is not registered`)
  const agent = changed(before, data, time)
  const registered = { ...project.registered, [agent.id]: agent }
  if (!isOver(agent) || isOver(before)) return { ...project, registered }
  // Whoever is over holds nothing and waits for nothing.
  return { ...project, registered: pruned(registered), locks: withoutLocks(project.locks, agent.id) }
}

function added(
  project: ProjectRecord,
  { type: _, agent: id, ...declared }: Extract<RegisteredEvent, { type: 'registered.added' }>,
  time: number,
): ProjectRecord {
  const agent: Registered = {
    id,
    ...declared,
    state: 'REGISTERED',
    registeredAt: time,
    startedAt: null,
    activeAt: time,
    endedAt: null,
    behind: [],
    conflict: null,
    stopAskedBy: null,
    cause: null,
    detail: '',
    commit: null,
    signal: null,
  }
  return {
    ...project,
    lastRegistered: project.lastRegistered + 1,
    registered: { ...project.registered, [id]: agent },
  }
}

function changed(
  agent: Registered,
  data: Exclude<RegisteredEvent, { type: 'registered.added' }>,
  time: number,
): Registered {
  switch (data.type) {
    case 'registered.waiting':
      return { ...to(agent, 'WAITING'), activeAt: time }
    case 'registered.blocked':
      return { ...to(agent, 'BLOCKED'), behind: data.behind }
    case 'registered.unblocked':
      return { ...to(agent, 'WAITING'), behind: [] }
    case 'registered.started':
      return { ...to(agent, 'RUNNING'), startedAt: time, activeAt: time }
    case 'registered.conflicted':
      return { ...to(agent, 'CONFLICT'), conflict: data.conflict }
    case 'registered.reconciled':
      return { ...to(agent, 'RUNNING'), conflict: null }
    case 'registered.renewed':
      return { ...agent, activeAt: time, process: data.process ?? agent.process }
    case 'registered.stop-asked':
      return { ...agent, stopAskedBy: data.by }
    case 'registered.timed-out':
      return to(agent, 'TIMEOUT')
    case 'registered.completing':
      return { ...to(agent, 'COMPLETING'), commit: data.commit }
    case 'registered.completed':
      return { ...to(agent, 'COMPLETED'), endedAt: time }
    case 'registered.terminated': {
      const { cause, detail, signal } = data
      const sent = agent.process === null ? null : signal
      return { ...to(agent, 'TERMINATED'), cause, detail, signal: sent, behind: [], endedAt: time }
    }
    case 'registered.signalled':
      return { ...agent, signal: null }
    default:
      return assertNever(data, 'unknown event')
  }
}

function to(agent: Registered, state: AgentState): Registered {
  if (!AGENT_ARROWS[agent.state].includes(state))
    throw new Error(`${agent.id} cannot become ${state}: it is ${agent.state}`)
  return { ...agent, state }
}

/** Without the oldest of those that are over and that nobody who is not over comes after. */
function pruned(all: Readonly<Record<string, Registered>>): Readonly<Record<string, Registered>> {
  const agents = Object.values(all)
  const needed = new Set(agents.filter((agent) => !isOver(agent)).flatMap(({ after }) => after))
  const ended = agents.filter((agent) => isOver(agent) && agent.signal === null && !needed.has(agent.id))
  const gone = new Set(ended.slice(0, Math.max(0, ended.length - KEPT_ENDED)).map(({ id }) => id))
  return gone.size === 0 ? all : Object.fromEntries(Object.entries(all).filter(([id]) => !gone.has(id)))
}
