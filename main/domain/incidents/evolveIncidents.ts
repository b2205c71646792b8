import { assertNever } from '../assertNever.ts'
import type { DomainEvent, EventEnvelope, EventOf } from '../events.ts'
import type { RunId } from '../ids.ts'
import type { ProjectRecord } from '../state.ts'
import { withAlerts } from './evolveAlerts.ts'
import {
  INCIDENT_ARROWS,
  type Incident,
  type IncidentState,
  isActive,
  KEPT_ALERTS,
  KEPT_COMMENTS,
  KEPT_FIRST,
  KEPT_LAST,
  KEPT_OVER,
  type Moment,
} from './incident.ts'
import { momentOf } from './moments.ts'

export type IncidentEvent = Extract<DomainEvent, { type: `incident.${string}` | 'project.configured' }>
type OfOne = Exclude<IncidentEvent, EventOf<'project.configured' | 'incident.opened'>>

export function isIncidentEvent(data: DomainEvent): data is IncidentEvent {
  return data.type.startsWith('incident.') || data.type === 'project.configured'
}

/** Throws on an event of an incident that is not known and on an arrow the table does not have. */
export function evolveIncidents(
  project: ProjectRecord,
  data: IncidentEvent,
  { time, actor }: Pick<EventEnvelope, 'time' | 'actor'>,
): ProjectRecord {
  if (data.type === 'project.configured') return { ...project, setup: data.setup }
  const moment = momentOf(data, time, actor)
  if (data.type === 'incident.opened') {
    const opened = withMoment(fresh(data, time), moment)
    const lastIncident = Number(data.id.slice(1))
    return { ...project, lastIncident, incidents: bounded([...project.incidents, opened]) }
  }
  const at = project.incidents.findIndex(({ id }) => id === data.id)
  if (at < 0) throw new Error(`there is no incident ${data.id}`)
  const before = project.incidents[at]!
  const incidents = project.incidents.with(at, withMoment(changed(before, data, time), moment))
  if (data.type === 'incident.alerted') return withAlerts({ ...project, incidents }, data, time)
  if (data.type !== 'incident.merged') return { ...project, incidents }
  return {
    ...project,
    incidents: bounded(takeIn(incidents, before, data.into)),
    alertMarks: moved(project, data),
  }
}

function fresh(data: EventOf<'incident.opened'>, time: number): Incident {
  const { type: _, group, source, ...opened } = data
  return {
    ...opened,
    groups: group === null ? [] : [group],
    sources: [{ ...source, at: time }],
    state: 'open',
    openedAt: time,
    since: time,
    reopened: 0,
    commander: null,
    acknowledged: null,
    overdue: false,
    called: null,
    alerts: { firing: 0, resolved: 0, lastAt: null, latest: [] },
    comments: [],
    findings: [],
    choices: [],
    ...UNTOUCHED,
    impact: null,
    rootCause: null,
    report: null,
    followUps: [],
    duplicates: [],
    mergedInto: null,
    timeline: [],
  }
}

/** Where nothing has been done about it yet. */
const UNTOUCHED = {
  checks: null,
  diagnosis: null,
  decision: null,
  remedy: null,
  verification: null,
  quietSince: null,
  resolvedAt: null,
  closedAt: null,
} as const

function changed(incident: Incident, data: OfOne, time: number): Incident {
  switch (data.type) {
    case 'incident.alerted':
    case 'incident.noted':
      return incident
    case 'incident.seen-again':
      return { ...incident, sources: [...incident.sources, { ...data.source, at: time }].slice(-KEPT_FIRST) }
    case 'incident.worsened':
      return { ...incident, severity: data.severity, level: data.level }
    case 'incident.targeted':
      return { ...incident, target: data.target }
    case 'incident.called':
      return { ...incident, called: { at: time, whom: data.whom, why: data.why } }
    case 'incident.overdue':
      return { ...incident, overdue: true }
    case 'incident.acknowledged': {
      const seen = { ...incident, acknowledged: { by: data.by, at: time }, called: null }
      return incident.state === 'open' ? to(seen, 'acknowledged') : seen
    }
    case 'incident.commanded':
      return { ...incident, commander: data.by }
    case 'incident.commented': {
      const comments = [...incident.comments, { by: data.by, at: time, text: data.text }]
      return { ...incident, comments: comments.slice(-KEPT_COMMENTS) }
    }
    case 'incident.reviewed':
      return {
        ...incident,
        rootCause: data.rootCause ?? incident.rootCause,
        impact: data.impact ?? incident.impact,
      }
    case 'incident.follow-up': {
      const others = incident.followUps.filter(({ id }) => id !== data.followUp.id)
      const followUps = [...others, data.followUp].sort((a, b) => number(a.id) - number(b.id))
      return { ...incident, followUps }
    }
    case 'incident.reported':
      return { ...incident, report: { hash: data.hash, bytes: data.bytes, of: data.of } }
    default:
      return worked(incident, data, time)
  }
}

type WorkEvent = Extract<
  OfOne,
  {
    type: `incident.${'checking' | 'found' | 'diagnosed' | 'decided' | 'mitigating' | 'mitigated' | 'verifying' | 'verified' | 'resolved' | 'closed' | 'merged' | 'reopened'}`
  }
>

function worked(incident: Incident, data: WorkEvent, time: number): Incident {
  const begun = { at: time, endedAt: null, ok: null, detail: '' }
  switch (data.type) {
    case 'incident.checking': {
      const checks = { run: data.run as RunId | null, at: time, endedAt: null, leftOut: data.leftOut }
      return { ...incident, checks, findings: [], diagnosis: null }
    }
    case 'incident.found': {
      const others = incident.findings.filter(({ check }) => check !== data.finding.check)
      return { ...incident, findings: [...others, data.finding] }
    }
    case 'incident.diagnosed': {
      const { causes, choices, lead } = data
      const checks = incident.checks === null ? null : { ...incident.checks, endedAt: time }
      return { ...incident, checks, diagnosis: { at: time, causes }, choices, lead }
    }
    case 'incident.decided': {
      const { by, choice, point } = data
      return { ...incident, decision: { by, at: time, choice, point }, called: null }
    }
    case 'incident.mitigating': {
      const remedy = { ...begun, run: data.run as RunId | null }
      return to({ ...incident, remedy, verification: null }, 'mitigating')
    }
    case 'incident.mitigated': {
      const remedy = { ...incident.remedy!, endedAt: time, ok: data.ok, detail: data.detail }
      return data.ok ? { ...incident, remedy } : to({ ...incident, remedy }, 'acknowledged')
    }
    case 'incident.verifying':
      return to({ ...incident, verification: { ...begun, run: data.run as RunId | null } }, 'verifying')
    case 'incident.verified': {
      const before = incident.verification ?? { ...begun, run: null }
      const verification = { ...before, endedAt: time, ok: data.ok, detail: data.detail }
      return data.ok ? { ...incident, verification } : to({ ...incident, verification }, 'acknowledged')
    }
    case 'incident.resolved':
      return { ...to(incident, 'resolved'), resolvedAt: time, called: null }
    case 'incident.closed':
      return { ...to(incident, 'closed'), closedAt: time, called: null }
    case 'incident.merged': {
      // What fires is the other's from now on.
      const alerts = { ...incident.alerts, firing: 0 }
      return { ...to(incident, 'merged'), alerts, mergedInto: data.into, closedAt: time, called: null }
    }
    case 'incident.reopened': {
      const again = { ...to(incident, 'open'), ...UNTOUCHED, findings: [], choices: [], report: null }
      const anew = { since: time, acknowledged: null, overdue: false, called: null }
      return { ...again, ...anew, reopened: incident.reopened + 1 }
    }
    default:
      return assertNever(data, 'unknown event')
  }
}

function to(incident: Incident, state: IncidentState): Incident {
  if (!INCIDENT_ARROWS[incident.state].includes(state))
    throw new Error(`${incident.id} cannot become ${state}: it is ${incident.state}`)
  return { ...incident, state }
}

function withMoment(incident: Incident, moment: Moment | null): Incident {
  if (moment === null) return incident
  const all = [...incident.timeline, moment]
  if (all.length <= KEPT_FIRST + KEPT_LAST) return { ...incident, timeline: all }
  return { ...incident, timeline: [...all.slice(0, KEPT_FIRST), ...all.slice(-KEPT_LAST)] }
}

/** What is told of an incident that is merged into another is told of that one from then on. */
function takeIn(all: readonly Incident[], gone: Incident, into: string): readonly Incident[] {
  return all.map((incident) => {
    if (incident.id !== into) return incident
    const { alerts } = incident
    return {
      ...incident,
      duplicates: [...incident.duplicates, gone.id],
      groups: [...new Set([...incident.groups, ...gone.groups])],
      sources: [...incident.sources, ...gone.sources].slice(0, KEPT_FIRST),
      alerts: {
        firing: alerts.firing + gone.alerts.firing,
        resolved: alerts.resolved + gone.alerts.resolved,
        lastAt: Math.max(alerts.lastAt ?? 0, gone.alerts.lastAt ?? 0) || null,
        latest: [...alerts.latest, ...gone.alerts.latest]
          .toSorted((a, b) => a.startsAt - b.startsAt)
          .slice(-KEPT_ALERTS),
      },
      quietSince: gone.alerts.firing > 0 ? null : incident.quietSince,
    }
  })
}

function moved(
  project: ProjectRecord,
  { id, into }: EventOf<'incident.merged'>,
): ProjectRecord['alertMarks'] {
  const marks = Object.entries(project.alertMarks)
  if (!marks.some(([, mark]) => mark.incident === id)) return project.alertMarks
  return Object.fromEntries(
    marks.map(([name, mark]) => [name, mark.incident === id ? { ...mark, incident: into } : mark]),
  )
}

/** All that are not over, and the newest of the others. */
function bounded(all: readonly Incident[]): readonly Incident[] {
  let over = all.filter((incident) => !isActive(incident)).length - KEPT_OVER
  if (over <= 0) return all
  return all.filter((incident) => isActive(incident) || incident.state === 'resolved' || --over < 0)
}

const number = (id: string): number => Number(id.slice(1))
