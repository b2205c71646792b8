import { parseIncidentAt } from '../../../../main/domain/incidents/address.ts'
import { type Incident, isActive, type Moment } from '../../../../main/domain/incidents/incident.ts'
import { callOf } from '../../../../main/domain/incidents/views.ts'
import type { ProjectRecord, State } from '../../../../main/domain/state.ts'
import type { Mark } from '../../../../main/domain/status.ts'
import type { TargetRecord } from '../../../../main/domain/targets/target.ts'

export interface Found {
  readonly project: ProjectRecord
  readonly incident: Incident
}

/** Does the address ask for its rollback? */
export function wantsRollback(at: string | undefined): boolean {
  return parseIncidentAt(at)?.rollback === true
}

/** The incident an address means; without its project the first that is called so. */
export function findIncident(state: State, at: string | undefined): Found | undefined {
  const address = parseIncidentAt(at)
  if (address === undefined) return undefined
  for (const project of state.projects.values()) {
    if (address.project !== null && project.id !== address.project) continue
    const incident = project.incidents.find(({ id }) => id === address.incident)
    if (incident !== undefined) return { project, incident }
  }
  return undefined
}

/** How its state looks: what needs a person before what goes on by itself. */
export function markOf(incident: Incident): Mark {
  const { state, checks } = incident
  switch (state) {
    case 'resolved':
    case 'closed':
      return 'done'
    case 'merged':
      return 'waiting'
    case 'mitigating':
    case 'verifying':
      return callOf(incident) === null ? 'running' : 'needs-you'
    case 'open':
    case 'acknowledged':
      if (callOf(incident) !== null) return 'needs-you'
      return checks !== null && checks.endedAt === null ? 'running' : 'waiting'
  }
}

export type Clock =
  /** Somebody has to acknowledge it; negative `leftMs`: its time is over. */
  | { readonly kind: 'respond'; readonly openMs: number; readonly ofMs: number; readonly leftMs: number }
  | { readonly kind: 'open'; readonly openMs: number; readonly lateMs: number | null }
  | { readonly kind: 'over'; readonly tookMs: number; readonly agoMs: number }

/** How long it has been open, how long is left, or how long it took; `now` in engine ms. */
export function clockOf(incident: Incident, now: number): Clock {
  const { since, level, acknowledged, resolvedAt, closedAt } = incident
  if (!isActive(incident)) {
    const ended = resolvedAt ?? closedAt ?? incident.timeline.at(-1)?.at ?? since
    return { kind: 'over', tookMs: Math.max(0, ended - since), agoMs: Math.max(0, now - ended) }
  }
  const openMs = Math.max(0, now - since)
  const due = since + level.responseMs
  if (acknowledged === null && incident.state === 'open')
    return { kind: 'respond', openMs, ofMs: level.responseMs, leftMs: due - now }
  const late = acknowledged === null ? null : acknowledged.at - due
  return { kind: 'open', openMs, lateMs: late === null || late <= 0 ? null : late }
}

/** For a text that is typed to find it. */
export function matchesIncident(incident: Incident, text: string): boolean {
  const { id, severity, title, target, state, lead, commander, alerts } = incident
  const names = alerts.latest.map(({ name }) => name)
  const all = [id, severity, title, target ?? '', state, lead ?? '', commander ?? '', ...names]
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean)
  const whole = all.join(' ').toLowerCase()
  return wanted.every((word) => whole.includes(word))
}

export type StripKind =
  | 'release'
  | 'alert'
  | 'opened'
  | 'reopened'
  | 'acknowledged'
  | 'diagnosis'
  | 'decision'
  | 'remedy'
  | 'verification'
  | 'resolved'
  | 'closed'
  | 'merged'

/** A moment that matters, for the line at the top. */
export interface StripMoment {
  readonly kind: StripKind
  readonly at: number
  /** The version released, the alert's name; null where the word says all. */
  readonly what: string | null
}

/** Told once each, the newest of its kind; the log below has all of them. */
const ON_STRIP: readonly StripKind[] = [
  'acknowledged',
  'diagnosis',
  'decision',
  'remedy',
  'verification',
  'resolved',
  'closed',
  'merged',
]
/** More do not fit side by side. */
const MOST_ON_STRIP = 8
/** Left out first where there are too many. */
const LESS: readonly StripKind[] = ['acknowledged', 'verification', 'closed', 'alert', 'decision', 'remedy']

/** From the release before it to its end, in the order in which it happened. */
export function stripOf(incident: Incident, target: TargetRecord | undefined): readonly StripMoment[] {
  const { since, reopened, timeline, alerts } = incident
  const found: StripMoment[] = []
  const release = target?.history.find(({ at }) => at <= since)
  if (release !== undefined) found.push({ kind: 'release', at: release.at, what: release.release.version })
  const firsts = alerts.latest.filter(({ startsAt }) => startsAt <= since || alerts.latest.length === 1)
  const first = firsts.toSorted((a, b) => a.startsAt - b.startsAt)[0]
  if (first !== undefined) found.push({ kind: 'alert', at: first.startsAt, what: first.name })
  found.push({ kind: reopened > 0 ? 'reopened' : 'opened', at: since, what: incident.severity })
  for (const kind of ON_STRIP) {
    const moment = timeline.findLast((one: Moment) => one.kind === kind && one.at >= since)
    if (moment !== undefined) found.push({ kind, at: moment.at, what: null })
  }
  for (const kind of LESS) {
    if (found.length <= MOST_ON_STRIP) break
    const i = found.findIndex((one) => one.kind === kind)
    if (i >= 0) found.splice(i, 1)
  }
  return found
    .map((one, i) => ({ one, i }))
    .sort((a, b) => a.one.at - b.one.at || a.i - b.i)
    .map(({ one }) => one)
}

/** Alerts that fire at a time, from one change to the next. */
export interface Firing {
  readonly at: number
  readonly count: number
}

/** How many of the alerts that are kept fired when; empty where there are none. `until` in ms. */
export function firingOf(incident: Incident, until: number): readonly Firing[] {
  const { latest } = incident.alerts
  if (latest.length === 0) return []
  const changes = latest
    .flatMap(({ startsAt, endsAt }) => [
      { at: startsAt, by: 1 },
      ...(endsAt === null ? [] : [{ at: Math.max(endsAt, startsAt), by: -1 }]),
    ])
    .sort((a, b) => a.at - b.at || b.by - a.by)
  const series: Firing[] = [{ at: changes[0]!.at, count: 0 }]
  let count = 0
  for (const { at, by } of changes) {
    count += by
    if (series.at(-1)!.at === at && series.length > 1) series[series.length - 1] = { at, count }
    else series.push({ at, count })
  }
  series.push({ at: Math.max(until, series.at(-1)!.at), count })
  return series
}
