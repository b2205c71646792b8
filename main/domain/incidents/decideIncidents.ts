import { assertNever } from '../assertNever.ts'
import type { ClientCommand } from '../commands.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import type { ProjectId } from '../ids.ts'
import type { AgentCommand } from '../talk/agentCommands.ts'
import { call, ofProject, policyOf, recordOf } from './access.ts'
import { answerCalls } from './answered.ts'
import { openingRefused } from './authority.ts'
import { type Incident, isActive, respondBy } from './incident.ts'
import type { IncidentReport, IncidentTimer } from './incidentCommands.ts'
import { openByHand, raiseIncident, targetFlaw, worsen } from './raising.ts'
import { receiveAlerts } from './receiving.ts'
import { decideRemedy } from './remedying.ts'

type Of<T extends ClientCommand['type']> = Extract<ClientCommand, { type: T }>
export type IncidentCommand =
  | Of<
      | 'project.configure'
      | 'alerts.receive'
      | 'incident.open'
      | 'incident.acknowledge'
      | 'incident.command'
      | 'incident.comment'
      | 'incident.merge'
      | 'incident.decide'
      | 'incident.close'
      | 'incident.review'
    >
  | IncidentReport

export function decideIncidents(draft: Draft, command: IncidentCommand): Verdict {
  const { project } = command
  const record = draft.state.projects.get(project)
  if (record === undefined) return reject('unknown', `project ${project} is not registered`)
  switch (command.type) {
    case 'project.configure': {
      const { setup } = command
      if (JSON.stringify(record.setup) === JSON.stringify(setup)) return undefined
      draft.emit(ofProject(project), { type: 'project.configured', setup })
      return undefined
    }
    case 'alerts.receive':
      return receiveAlerts(draft, project, command.from, command.alerts)
    case 'incident.open':
      return openByHand(draft, project, command.incident)
    default: {
      const incident = record.incidents.find(({ id }) => id === command.incident)
      if (incident === undefined) return reject('unknown', `there is no incident ${command.incident}`)
      return ofOne(draft, project, incident, command)
    }
  }
}

type OneCommand = Exclude<IncidentCommand, Of<'project.configure' | 'alerts.receive' | 'incident.open'>>

function ofOne(draft: Draft, project: ProjectId, incident: Incident, command: OneCommand): Verdict {
  const { id, state } = incident
  const by = draft.envelope.actor
  const over = isActive(incident) ? undefined : reject('stale', `${id} is ${state}`)
  switch (command.type) {
    case 'incident.acknowledge':
      if (over !== undefined || incident.acknowledged !== null) return over
      draft.emit(ofProject(project), { type: 'incident.acknowledged', id, by })
      return undefined
    case 'incident.command':
      if (over !== undefined) return over
      if (incident.acknowledged === null)
        draft.emit(ofProject(project), { type: 'incident.acknowledged', id, by })
      if (incident.commander !== by) draft.emit(ofProject(project), { type: 'incident.commanded', id, by })
      return undefined
    case 'incident.comment':
      draft.emit(ofProject(project), { type: 'incident.commented', id, by, text: command.text })
      return undefined
    case 'incident.decide':
      return (
        over ?? decideRemedy(draft, project, id, { choice: command.choice, point: command.point ?? null, by })
      )
    case 'incident.merge':
      return merge(draft, project, incident, command.into)
    case 'incident.close':
      return close(draft, project, incident, command.reason)
    case 'incident.review':
      return review(draft, project, incident, command)
    case 'report.incident-report': {
      const { of, hash, bytes } = command
      if (state !== of) return reject('stale', `${id} is ${state}`)
      draft.emit(ofProject(project), { type: 'incident.reported', id, hash, bytes, of })
      return undefined
    }
    default:
      return assertNever(command, 'unknown command')
  }
}

function merge(draft: Draft, project: ProjectId, incident: Incident, into: string): Verdict {
  const { id, state } = incident
  const other = recordOf(draft, project).incidents.find((one) => one.id === into)
  if (other === undefined) return reject('unknown', `there is no incident ${into}`)
  if (into === id) return reject('invalid', `${id} cannot be merged into itself`)
  if (!isActive(other)) return reject('not-now', `${into} is ${other.state}`)
  if (state !== 'open' && state !== 'acknowledged' && state !== 'resolved')
    return reject('not-now', `${id} is ${state}`)
  draft.emit(ofProject(project), { type: 'incident.merged', id, into, by: draft.envelope.actor })
  if (!isActive(incident)) return undefined
  // What is wrong does not become less so, nor about nothing, by being told of elsewhere.
  if (other.target === null && incident.target !== null)
    draft.emit(ofProject(project), { type: 'incident.targeted', id: into, target: incident.target })
  worsen(draft, project, into, incident.severity, `${id} was merged into it`)
  return undefined
}

function close(draft: Draft, project: ProjectId, incident: Incident, reason: string): Verdict {
  const { id, state } = incident
  switch (state) {
    case 'closed':
      return undefined
    case 'merged':
      return reject('stale', `${id} was merged`)
    case 'mitigating':
    case 'verifying': {
      const isByHand = state === 'mitigating' && incident.remedy?.run === null
      const end = isByHand
        ? 'say first that it is mended: decide on "fixed"'
        : 'let that end, or stop its run, first'
      return reject('not-now', `${id} is ${state}; ${end}`)
    }
    case 'open':
    case 'acknowledged':
      if (reason === '') return reject('invalid', `${id} is not resolved: say why it is closed`)
      break
    case 'resolved':
      break
    default:
      return assertNever(state, 'unknown state')
  }
  draft.emit(ofProject(project), { type: 'incident.closed', id, by: draft.envelope.actor, reason })
  answerCalls(draft, incident)
  return undefined
}

function review(
  draft: Draft,
  project: ProjectId,
  incident: Incident,
  command: Of<'incident.review'>,
): Verdict {
  const { id } = incident
  const by = draft.envelope.actor
  const { rootCause, impact, prevention, done } = command
  if ([rootCause, impact, prevention, done].every((one) => one === undefined))
    return reject('invalid', 'say what is known: the root cause, the impact, a prevention, or what is done')
  const task = incident.followUps.find((one) => one.id === done)
  if (done !== undefined && task === undefined) return reject('unknown', `${id} has no follow-up ${done}`)
  const cause = rootCause ?? incident.rootCause
  if (task?.kind === 'post-mortem' && cause === null)
    return reject('not-now', `${task.id} is the post-mortem: say the root cause first`)
  if (rootCause !== undefined || impact !== undefined) {
    const known = { rootCause: rootCause ?? null, impact: impact ?? null }
    draft.emit(ofProject(project), { type: 'incident.reviewed', id, by, ...known })
  }
  if (prevention !== undefined) {
    const number = Math.max(0, ...incident.followUps.map((one) => Number(one.id.slice(1)))) + 1
    const followUp = { id: `f${number}`, kind: 'prevention' as const, text: prevention, done: null }
    draft.emit(ofProject(project), { type: 'incident.follow-up', id, followUp })
  }
  if (task !== undefined && task.done === null) {
    const followUp = { ...task, done: { by, at: draft.now } }
    draft.emit(ofProject(project), { type: 'incident.follow-up', id, followUp })
  }
  return undefined
}

/** Nobody has acknowledged it in its time: who leads at that level is called. */
export function responseDue(draft: Draft, timer: IncidentTimer): Verdict {
  const record = draft.state.projects.get(timer.project)
  const incident = record?.incidents.find(({ id }) => id === timer.incident)
  const due = incident === undefined ? null : respondBy(incident)
  if (due === null || incident!.overdue || incident!.since !== timer.since || due > draft.now)
    return reject('stale', 'nobody is late')
  const { id, severity, level } = incident!
  draft.emit(ofProject(timer.project), { type: 'incident.overdue', id })
  const minutes = Math.round(level.responseMs / 60_000)
  call(draft, timer.project, id, `nobody acknowledged this ${severity} within ${minutes} minutes`)
  return undefined
}

/** An agent saw trouble. Whether its role may open one of that level, the project says. */
export function openByAgent(
  draft: Draft,
  command: Extract<AgentCommand, { type: 'agent.incident' }>,
): Verdict {
  const run = draft.run(command.run)
  const record = recordOf(draft, run.project)
  const { severity, title, text, target } = command.incident
  const attempt = run.tasks.get(command.task)!.current!
  const role = run.plan.roles.find(({ name }) => name === attempt.role)
  const level = policyOf(record).levels[severity]
  const refused = role === undefined ? undefined : openingRefused(level, role, run.plan.roles)
  if (refused !== undefined) return reject('forbidden', refused)
  const flaw = targetFlaw(record, target)
  if (flaw !== undefined) return reject('unknown', flaw)
  const { id } = run.plan.tasks[command.task]!
  const incident = raiseIncident(draft, run.project, {
    severity,
    title,
    text,
    target,
    labels: {},
    group: null,
    source: { kind: 'agent', ref: `${run.id}/${id}#${attempt.n}` },
    role: attempt.role,
  })
  draft.answer = { incident }
  return undefined
}
