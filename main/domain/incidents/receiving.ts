import { type Draft, reject, type Verdict } from '../draft.ts'
import type { ProjectId } from '../ids.ts'
import type { ProjectRecord } from '../state.ts'
import { incidentOf, isKnownTarget, ofProject, policyOf, recordOf } from './access.ts'
import { type AlertView, type Incident, isActive, KEPT_ALERTS } from './incident.ts'
import type { IncomingAlert } from './incidentCommands.ts'
import type { IncidentPolicy, Severity } from './policy.ts'
import { open, reopen, worsen } from './raising.ts'

/** Of what an alert carries, this is kept. */
const MOST_LABELS = 20
const LONGEST_LABEL = 200

/**
 * Alerts from outside. Each is known by its fingerprint and when it began to fire: told again, or after it was
 * resolved, it changes nothing. What fires anew goes to the incident it belongs to, or makes one.
 */
export function receiveAlerts(
  draft: Draft,
  project: ProjectId,
  from: string,
  alerts: readonly IncomingAlert[],
): Verdict {
  const record = draft.state.projects.get(project)
  if (record === undefined) return reject('unknown', `project ${project} is not registered`)
  const news = fresh(record, alerts)
  const byIncident = new Map<string, IncomingAlert[]>()
  const add = (id: string, alert: IncomingAlert): void => {
    const known = byIncident.get(id)
    if (known === undefined) byIncident.set(id, [alert])
    else known.push(alert)
  }
  for (const alert of news) {
    const id =
      alert.status === 'resolved'
        ? record.alertMarks[alert.fingerprint]!.incident
        : place(draft, project, from, alert)
    add(id, alert)
  }
  for (const [id, told] of byIncident) tell(draft, project, id, told)
  return undefined
}

/** What changes anything, once each; of several about one alert the last. */
function fresh(
  { alertMarks, incidents }: ProjectRecord,
  alerts: readonly IncomingAlert[],
): readonly IncomingAlert[] {
  const latest = new Map<string, IncomingAlert>()
  for (const alert of alerts) {
    const before = latest.get(alert.fingerprint)
    if (before === undefined || isLater(alert, before)) latest.set(alert.fingerprint, alert)
  }
  return [...latest.values()].filter((alert) => {
    const mark = Object.hasOwn(alertMarks, alert.fingerprint) ? alertMarks[alert.fingerprint] : undefined
    if (alert.status === 'firing') return mark === undefined || alert.startsAt > mark.startsAt
    const isOurs = incidents.some(({ id }) => id === mark?.incident)
    return isOurs && mark?.endsAt === null && alert.startsAt >= mark.startsAt
  })
}

/** A later beginning, or the end of the same. */
function isLater(a: IncomingAlert, b: IncomingAlert): boolean {
  if (a.startsAt !== b.startsAt) return a.startsAt > b.startsAt
  return a.status === 'resolved'
}

/** The incident an alert belongs to, made or opened again where need be. */
function place(draft: Draft, project: ProjectId, from: string, alert: IncomingAlert): string {
  const record = recordOf(draft, project)
  const policy = policyOf(record)
  const [severity, target] = [severityOf(policy, alert), targetOf(record, policy, alert)]
  const known = owner(draft, record, policy, alert, target)
  if (known === undefined) {
    const { name, summary, labels, group } = alert
    return open(draft, project, {
      severity,
      title: summary === '' ? name : summary,
      text: summary,
      target,
      labels: kept(labels),
      group,
      source: { kind: 'alert', ref: from },
      role: null,
    })
  }
  if (!isActive(known)) reopen(draft, project, known.id, `${alert.name} fires again`)
  if (known.target === null && target !== null)
    draft.emit(ofProject(project), { type: 'incident.targeted', id: known.id, target })
  worsen(draft, project, known.id, severity, alert.name)
  return known.id
}

/** One group, or one target, or what comes in a storm: one incident; targets that differ keep it apart. */
function owner(
  draft: Draft,
  { incidents }: ProjectRecord,
  policy: IncidentPolicy,
  { group }: IncomingAlert,
  target: string | null,
): Incident | undefined {
  const agrees = (one: Incident): boolean => target === null || one.target === null || one.target === target
  const active = incidents.filter((one) => isActive(one) && agrees(one))
  const sameGroup = (one: Incident): boolean => one.groups.includes(group)
  const sameTarget = (one: Incident): boolean => target !== null && one.target === target
  const inStorm = (one: Incident): boolean => {
    const last = one.alerts.lastAt ?? (one.sources[0]?.kind === 'alert' ? one.since : null)
    return last !== null && draft.now - last <= policy.stormMs
  }
  const over = incidents.filter(
    (one) =>
      (one.state === 'resolved' || one.state === 'closed') &&
      agrees(one) &&
      draft.now - (one.closedAt ?? one.resolvedAt ?? one.since) <= policy.reopenMs,
  )
  return (
    active.findLast(sameGroup) ??
    active.findLast(sameTarget) ??
    active.findLast(inStorm) ??
    over.findLast(sameGroup) ??
    over.findLast((one) => one.state === 'resolved' && sameTarget(one))
  )
}

function tell(draft: Draft, project: ProjectId, id: string, alerts: readonly IncomingAlert[]): void {
  const groups = new Set(alerts.map(({ group }) => group))
  for (const group of groups) {
    const told = alerts.filter((alert) => alert.group === group)
    const known = new Set(incidentOf(draft, project, id).alerts.latest.map(({ fingerprint }) => fingerprint))
    const shown = [
      ...told.filter(({ status, fingerprint }) => status === 'resolved' && known.has(fingerprint)),
      ...told.filter(({ status }) => status === 'firing').slice(-KEPT_ALERTS),
    ]
    draft.emit(ofProject(project), {
      type: 'incident.alerted',
      id,
      group,
      marks: told.map(({ fingerprint, startsAt, status, endsAt }) => ({
        fingerprint,
        startsAt,
        endsAt: status === 'firing' ? null : (endsAt ?? draft.now),
      })),
      shown: shown.map((alert) => viewOf(alert, draft.now)),
    })
  }
}

function viewOf(alert: IncomingAlert, now: number): AlertView {
  const { fingerprint, name, summary, labels, url, startsAt, status, endsAt } = alert
  const ended = status === 'firing' ? null : (endsAt ?? now)
  return { fingerprint, name, summary, labels: kept(labels), url, startsAt, endsAt: ended }
}

function severityOf({ severities }: IncidentPolicy, { labels }: IncomingAlert): Severity {
  const word = (labels.severity ?? labels.priority ?? '').toLowerCase()
  return Object.hasOwn(severities, word) ? severities[word]! : 'P2'
}

function targetOf(
  record: ProjectRecord,
  { targetLabels }: IncidentPolicy,
  { labels }: IncomingAlert,
): string | null {
  for (const name of targetLabels) {
    const value = Object.hasOwn(labels, name) ? labels[name]! : null
    if (value !== null && isKnownTarget(record, value)) return value
  }
  return null
}

function kept(labels: Readonly<Record<string, string>>): Record<string, string> {
  const all = Object.entries(labels).slice(0, MOST_LABELS)
  return Object.fromEntries(
    all.map(([name, value]) => [name.slice(0, LONGEST_LABEL), value.slice(0, LONGEST_LABEL)]),
  )
}
