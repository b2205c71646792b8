import type { ClientCommand } from '../commands.ts'
import type { EventEnvelope } from '../events.ts'
import type { ProjectId } from '../ids.ts'
import type { State } from '../state.ts'
import { incidentAt } from './address.ts'
import { type Incident, isActive } from './incident.ts'
import type { Severity } from './policy.ts'
import { callOf } from './views.ts'
import { percent } from './words.ts'

/**
 * What people are told of incidents outside of the pages, whatever carries it: the desktop's notifications now, others
 * (chat, mail) from the same news. Pure, so that who was told what follows from the log.
 */
export type IncidentNews =
  | {
      readonly type: 'tell'
      /** The same for what takes it back, and for what says the same again. */
      readonly key: string
      /** Somebody has to do something. */
      readonly urgent: boolean
      readonly title: string
      readonly text: string
      readonly project: ProjectId
      readonly incident: string
      readonly severity: Severity
      /** What can be done at once by who is told, and is harmless when it comes twice. */
      readonly actions: readonly NewsAction[]
      /** The page that says more, and where everything else is decided. */
      readonly link: { readonly view: 'incidents'; readonly at: string }
    }
  /** Somebody has seen to it, or it is over. */
  | { readonly type: 'withdraw'; readonly key: string }

export interface NewsAction {
  readonly title: string
  readonly command: Extract<ClientCommand, { type: 'incident.acknowledge' }>
}

export function incidentNews({ project: id, data }: EventEnvelope, state: State): IncidentNews | undefined {
  const project = id === null ? undefined : state.projects.get(id)
  if (project === undefined || !data.type.startsWith('incident.') || !('id' in data)) return undefined
  const incident = project.incidents.find((one) => one.id === data.id)
  if (incident === undefined) return undefined
  const about = aboutOf(project.id, incident)
  const { key } = about
  switch (data.type) {
    case 'incident.called':
      return { type: 'tell', ...about, urgent: true, text: `${data.whom}: ${data.why}` }
    case 'incident.diagnosed': {
      const [top] = data.causes
      if (top === undefined || callOf(incident) === null) return undefined
      return { type: 'tell', ...about, urgent: true, text: `${top.title}, ${percent(top.confidence)}` }
    }
    case 'incident.resolved':
      return { type: 'tell', ...about, urgent: false, text: data.detail }
    case 'incident.acknowledged':
    case 'incident.decided':
    case 'incident.closed':
    case 'incident.merged':
      return { type: 'withdraw', key }
    default:
      return undefined
  }
}

function aboutOf(project: ProjectId, incident: Incident) {
  const { id, severity, title } = incident
  return {
    key: `${project}!${id}`,
    project,
    incident: id,
    severity,
    actions: actionsFor(project, incident),
    link: { view: 'incidents', at: incidentAt(project, id) } as const,
    title: `${severity} ${id}: ${title}`,
  }
}

/** Calls after that moment that nobody has answered: for who could not be told when they were made. */
export function callsSince(state: State, since: number): readonly IncidentNews[] {
  return [...state.projects.values()].flatMap(({ id, incidents }) =>
    incidents.flatMap((incident): IncidentNews[] => {
      const { called } = incident
      if (called === null || called.at <= since || !isActive(incident) || callOf(incident) === null) return []
      return [{ type: 'tell', ...aboutOf(id, incident), urgent: true, text: `${called.whom}: ${called.why}` }]
    }),
  )
}

function actionsFor(project: ProjectId, { id, state, acknowledged }: Incident): readonly NewsAction[] {
  if (state !== 'open' || acknowledged !== null) return []
  return [{ title: 'Acknowledge', command: { type: 'incident.acknowledge', project, incident: id } }]
}

/** Incidents that wait for a person: how many, and whether one was called for a P0, or none came in time. */
export function calledFor(state: State): { readonly count: number; readonly urgent: boolean } {
  const active = [...state.projects.values()].flatMap(({ incidents }) => incidents.filter(isActive))
  return {
    count: active.filter((incident) => callOf(incident) !== null).length,
    urgent: active.some(({ called, severity, overdue }) => called !== null && (severity === 'P0' || overdue)),
  }
}
