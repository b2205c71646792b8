import type { EventOf } from '../events.ts'
import type { ProjectRecord } from '../state.ts'
import {
  type AlertMark,
  type AlertView,
  type Incident,
  isActive,
  KEPT_ALERTS,
  KEPT_GROUPS,
  KEPT_MARKS,
} from './incident.ts'

/** Alerts of an incident that fire anew or are resolved: counts, what is shown, and what is remembered of each. */
export function withAlerts(
  project: ProjectRecord,
  data: EventOf<'incident.alerted'>,
  time: number,
): ProjectRecord {
  const marks: Record<string, AlertMark> = { ...project.alertMarks }
  let [began, ended] = [0, 0]
  const moved = new Map<string, number>()
  for (const { fingerprint, startsAt, endsAt } of data.marks) {
    const known = Object.hasOwn(marks, fingerprint) ? marks[fingerprint] : undefined
    const fired = known?.endsAt === null && known.incident === data.id
    if (endsAt === null && !fired) began++
    if (endsAt !== null && fired) ended++
    // It fires in one incident only: the one it was known to fire in may have been closed meanwhile.
    if (known?.endsAt === null && !fired) moved.set(known.incident, (moved.get(known.incident) ?? 0) + 1)
    // Last in the order is what was told last.
    delete marks[fingerprint]
    marks[fingerprint] = { incident: data.id, startsAt, endsAt }
  }
  const incidents = project.incidents.map((incident) =>
    incident.id === data.id
      ? counted(incident, data, { began, ended, time })
      : without(incident, moved, time),
  )
  return bounded({ ...project, incidents }, marks, time)
}

function counted(
  incident: Incident,
  data: EventOf<'incident.alerted'>,
  { began, ended, time }: { readonly began: number; readonly ended: number; readonly time: number },
): Incident {
  const { alerts, groups } = incident
  const firing = Math.max(0, alerts.firing + began - ended)
  const isNew = data.group !== null && !groups.includes(data.group)
  return {
    ...incident,
    quietSince: firing > 0 ? null : (incident.quietSince ?? time),
    groups: isNew ? [...groups, data.group!].slice(-KEPT_GROUPS) : groups,
    alerts: {
      firing,
      resolved: alerts.resolved + ended,
      lastAt: began === 0 ? alerts.lastAt : time,
      latest: shown(alerts.latest, data.shown),
    },
  }
}

/** What fires first, then the newest. */
function shown(known: readonly AlertView[], told: readonly AlertView[]): readonly AlertView[] {
  const names = new Set(told.map(({ fingerprint }) => fingerprint))
  const all = [...known.filter(({ fingerprint }) => !names.has(fingerprint)), ...told]
  const over = (alert: AlertView): number => (alert.endsAt === null ? 0 : 1)
  return all.sort((a, b) => over(a) - over(b) || b.startsAt - a.startsAt).slice(0, KEPT_ALERTS)
}

/**
 * Those that ended go first, then those of incidents that are over, then those of the incident with most of them: the
 * oldest first. What is let go while it fires counts no longer, since nothing can tell any more when it ends.
 */
function bounded(
  project: ProjectRecord,
  marks: Readonly<Record<string, AlertMark>>,
  time: number,
): ProjectRecord {
  const all = Object.entries(marks)
  const over = all.length - KEPT_MARKS
  if (over <= 0) return { ...project, alertMarks: marks }
  const active = new Set(project.incidents.filter(isActive).map(({ id }) => id))
  const firing = all.filter(([, { endsAt }]) => endsAt === null)
  const most = mostOf(firing, active)
  const ranked = [
    ...all.filter(([, { endsAt }]) => endsAt !== null),
    ...firing.filter(([, { incident }]) => !active.has(incident)),
    ...firing.filter(([, { incident }]) => incident === most),
    ...firing.filter(([, { incident }]) => active.has(incident) && incident !== most),
  ]
  const going = new Map(ranked.slice(0, over))
  const lost = new Map<string, number>()
  for (const { incident, endsAt } of going.values())
    if (endsAt === null) lost.set(incident, (lost.get(incident) ?? 0) + 1)
  return {
    ...project,
    incidents: lost.size === 0 ? project.incidents : project.incidents.map((one) => without(one, lost, time)),
    alertMarks: Object.fromEntries(all.filter(([fingerprint]) => !going.has(fingerprint))),
  }
}

function mostOf(
  firing: readonly (readonly [string, AlertMark])[],
  active: ReadonlySet<string>,
): string | null {
  const counts = new Map<string, number>()
  for (const [, { incident }] of firing)
    if (active.has(incident)) counts.set(incident, (counts.get(incident) ?? 0) + 1)
  let most: string | null = null
  for (const [incident, count] of counts) if (most === null || count > counts.get(most)!) most = incident
  return most
}

function without(incident: Incident, lost: ReadonlyMap<string, number>, time: number): Incident {
  const gone = lost.get(incident.id)
  if (gone === undefined) return incident
  const firing = Math.max(0, incident.alerts.firing - gone)
  return {
    ...incident,
    alerts: { ...incident.alerts, firing },
    quietSince: firing > 0 ? null : (incident.quietSince ?? time),
  }
}
