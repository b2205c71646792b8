import { assertNever } from '../assertNever.ts'
import type { ClientCommand } from '../commands.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import type { ProjectId } from '../ids.ts'
import { raiseClaims, raiseWrites } from './clashing.ts'
import { endRegistered } from './ending.ts'
import {
  findRegistered,
  isAtWork,
  isOver,
  leaseEnd,
  type ProcessRef,
  RENEW_MS,
  type Registered,
  registeredName,
} from './registered.ts'
import type { RegisteredReport, RegisteredTimer } from './registeredCommands.ts'

export type RegisteredCommand = Extract<ClientCommand, { type: `registered.${string}` }> | RegisteredReport
type Of<T extends RegisteredCommand['type']> = Extract<RegisteredCommand, { type: T }>

/** Agents at once in a project that somebody started by hand. */
const MOST = 200

export function decideRegistered(draft: Draft, command: RegisteredCommand): Verdict {
  if (!draft.state.projects.has(command.project))
    return reject('unknown', `there is no project ${command.project}`)
  // What is out of its time stands in nobody's way, whether or not its timer has had its turn.
  for (const agent of all(draft, command.project)) expire(draft, command.project, agent)
  if (command.type === 'registered.add') return add(draft, command)
  if (command.type === 'registered.reset') return reset(draft, command.project)
  const agent = findRegistered(draft.state.projects.get(command.project)!.registered, command.agent)
  if (agent === undefined)
    return reject(
      'unknown',
      `there is no agent ${command.agent}: \`amphi agent list --all\` shows those there are`,
    )
  return decideOne(draft, command, agent)
}

function decideOne(
  draft: Draft,
  command: Exclude<RegisteredCommand, { type: 'registered.add' | 'registered.reset' }>,
  agent: Registered,
): Verdict {
  const scope = { project: command.project, run: null }
  if (command.type === 'report.registered-signalled') {
    if (agent.signal !== null) draft.emit(scope, { type: 'registered.signalled', agent: agent.id })
    return undefined
  }
  if (isOver(agent)) return reject('stale', overWords(agent))
  draft.answer = { agent: agent.id }
  switch (command.type) {
    case 'registered.start':
      if (agent.state === 'REGISTERED') draft.emit(scope, { type: 'registered.waiting', agent: agent.id })
      return undefined
    case 'registered.heartbeat':
      return renew(draft, command.project, agent, command.process)
    case 'report.registered-alive':
      return renew(draft, command.project, agent, null)
    case 'registered.complete':
      return complete(draft, command, agent)
    case 'registered.stop':
      return stop(draft, command, agent)
    case 'registered.wrote':
      raiseWrites(draft, command.project, agent, command.files)
      return undefined
    case 'registered.release':
      return release(draft, command.project, agent)
    case 'report.registered-gone': {
      const detail = `its process ${agent.process?.pid ?? ''} ended without \`amphi agent complete\``
      endRegistered(draft, command.project, agent, { cause: 'lost', detail, signal: null })
      return undefined
    }
    default:
      return assertNever(command, 'unknown command')
  }
}

function all(draft: Draft, project: ProjectId): readonly Registered[] {
  return Object.values(draft.state.projects.get(project)!.registered)
}

function add(draft: Draft, command: Of<'registered.add'>): Verdict {
  const { type: _, project: id, start, after, ...declared } = command
  const project = draft.state.projects.get(id)!
  if (all(draft, id).filter((agent) => !isOver(agent)).length >= MOST)
    return reject('not-now', `this project has ${MOST} agents that are not over already`)
  const before = after.map((reference) => findRegistered(project.registered, reference))
  const missing = after.find((_, i) => before[i] === undefined)
  if (missing !== undefined)
    return reject('unknown', `there is no agent ${missing} to come after: register it first`)
  const ended = before.find((agent) => agent!.state === 'TERMINATED')
  if (ended !== undefined && declared.waits)
    return reject(
      'not-now',
      `${registeredName(ended)} was terminated and will not complete: register it again first`,
    )
  const agent = `agent-${project.lastRegistered + 1}`
  const scope = { project: id, run: null }
  const ids = [...new Set(before.map((it) => it!.id))]
  draft.emit(scope, { type: 'registered.added', agent, ...declared, after: ids })
  if (start) draft.emit(scope, { type: 'registered.waiting', agent })
  raiseClaims(draft, id, draft.state.projects.get(id)!.registered[agent]!)
  draft.answer = { agent }
  return undefined
}

function renew(draft: Draft, project: ProjectId, agent: Registered, process: ProcessRef | null): Verdict {
  const isNew = process !== null && process.pid !== agent.process?.pid
  if (!isNew && draft.now - agent.activeAt < RENEW_MS) return undefined
  draft.emit({ project, run: null }, { type: 'registered.renewed', agent: agent.id, process })
  return undefined
}

function complete(draft: Draft, command: Of<'registered.complete'>, agent: Registered): Verdict {
  const scope = { project: command.project, run: null }
  if (agent.state === 'CONFLICT')
    return reject('not-now', `${agent.id} is in a conflict: \`amphi conflicts\` shows it; resolve it first`)
  if (!isAtWork(agent))
    return reject(
      'not-now',
      `${agent.id} is ${agent.state} and has not begun: stop it, or wait until it has its locks`,
    )
  const grant = draft.state.projects
    .get(command.project)!
    .locks.grants.find(({ holder }) => holder === agent.id)
  if (command.token !== null && grant?.token !== command.token)
    return reject('stale', `${agent.id} does not hold its locks under token ${command.token} any more`)
  draft.emit(scope, { type: 'registered.completing', agent: agent.id, commit: command.commit })
  draft.emit(scope, { type: 'registered.completed', agent: agent.id })
  return undefined
}

/** Politely, one that is at work is asked and comes to its own end; one that has not begun does not begin. */
function stop(draft: Draft, { project, force }: Of<'registered.stop'>, agent: Registered): Verdict {
  const by = draft.envelope.actor.replace(/^person:/, '')
  if (force || !isAtWork(agent)) {
    const detail = `stopped by ${by}${isAtWork(agent) ? '' : ' before it began'}`
    endRegistered(draft, project, agent, { cause: 'stopped', detail, signal: force ? 'SIGKILL' : 'SIGTERM' })
  } else if (agent.stopAskedBy === null) {
    draft.emit({ project, run: null }, { type: 'registered.stop-asked', agent: agent.id, by })
  }
  return undefined
}

function release(draft: Draft, project: ProjectId, agent: Registered): Verdict {
  const { locks } = draft.state.projects.get(project)!
  if (![...locks.grants, ...locks.waiters].some(({ holder }) => holder === agent.id))
    return reject('not-now', `${agent.id} holds no locks and waits for none`)
  endRegistered(draft, project, agent, {
    cause: 'stopped',
    detail: 'its locks were taken',
    signal: 'SIGTERM',
  })
  return undefined
}

function reset(draft: Draft, project: ProjectId): Verdict {
  const end = { cause: 'stopped', detail: 'the project was reset', signal: 'SIGTERM' } as const
  for (const agent of all(draft, project)) endRegistered(draft, project, agent, end)
  return undefined
}

export function decideRegisteredTimer(draft: Draft, timer: RegisteredTimer): Verdict {
  const agent = draft.state.projects.get(timer.project)?.registered[timer.agent]
  if (agent === undefined || isOver(agent)) return reject('stale', `${timer.agent} is over`)
  const acted = timer.kind === 'registered-lease' ? expire : limit
  return acted(draft, timer.project, agent) ? undefined : reject('stale', 'its time is not up')
}

function expire(draft: Draft, project: ProjectId, agent: Registered): boolean {
  const end = leaseEnd(agent)
  if (end === null || draft.now < end) return false
  const detail = 'no sign of life for 10 minutes: others may have what it held'
  endRegistered(draft, project, agent, { cause: 'lost', detail, signal: 'SIGTERM' })
  return true
}

function limit(draft: Draft, project: ProjectId, agent: Registered): boolean {
  const { limitMs, startedAt, state, id } = agent
  if (limitMs === null || startedAt === null || state !== 'RUNNING' || draft.now < startedAt + limitMs)
    return false
  draft.emit({ project, run: null }, { type: 'registered.timed-out', agent: id, limitMs })
  const end = { cause: 'timeout', detail: 'over its time limit', signal: 'SIGTERM' } as const
  endRegistered(draft, project, draft.state.projects.get(project)!.registered[id]!, end)
  return true
}

function overWords(agent: Registered): string {
  const how = agent.state === 'COMPLETED' ? 'has completed' : `was terminated: ${agent.detail}`
  return `${registeredName(agent)} ${how}`
}
