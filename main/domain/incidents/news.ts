import type { EventEnvelope } from '../events.ts'
import type { ProjectId } from '../ids.ts'
import type { State } from '../state.ts'
import { isActive } from './incident.ts'
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
    }
  /** Somebody has seen to it, or it is over. */
  | { readonly type: 'withdraw'; readonly key: string }

export function incidentNews({ project: id, data }: EventEnvelope, state: State): IncidentNews | undefined {
  const project = id === null ? undefined : state.projects.get(id)
  if (project === undefined || !data.type.startsWith('incident.') || !('id' in data)) return undefined
  const incident = project.incidents.find((one) => one.id === data.id)
  if (incident === undefined) return undefined
  const key = `${project.id}!${incident.id}`
  const about = {
    key,
    project: project.id,
    incident: incident.id,
    title: `${incident.severity} ${incident.id}: ${incident.title}`,
  }
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

/** Incidents that wait for a person: how many, and whether one was called for a P0, or none came in time. */
export function calledFor(state: State): { readonly count: number; readonly urgent: boolean } {
  const active = [...state.projects.values()].flatMap(({ incidents }) => incidents.filter(isActive))
  return {
    count: active.filter((incident) => callOf(incident) !== null).length,
    urgent: active.some(({ called, severity, overdue }) => called !== null && (severity === 'P0' || overdue)),
  }
}
