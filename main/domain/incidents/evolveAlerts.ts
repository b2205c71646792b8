import type { EventOf } from '../events.ts'
import type { ProjectRecord } from '../state.ts'
import {
  type AlertMark,
  type AlertView,
  type Incident,
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
  for (const { fingerprint, startsAt, endsAt } of data.marks) {
    const known = Object.hasOwn(marks, fingerprint) ? marks[fingerprint] : undefined
    const fired = known?.endsAt === null && known.incident === data.id
    if (endsAt === null && !fired) began++
    if (endsAt !== null && fired) ended++
    // Last in the order is what was told last.
    delete marks[fingerprint]
    marks[fingerprint] = { incident: data.id, startsAt, endsAt }
  }
  const incidents = project.incidents.map((incident) =>
    incident.id === data.id ? counted(incident, data, { began, ended, time }) : incident,
  )
  return { ...project, incidents, alertMarks: bounded(marks) }
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

/** Those that ended go before those that fire, the oldest first. */
function bounded(marks: Record<string, AlertMark>): Readonly<Record<string, AlertMark>> {
  const all = Object.entries(marks)
  const over = all.length - KEPT_MARKS
  if (over <= 0) return marks
  const ended = all.filter(([, { endsAt }]) => endsAt !== null)
  const going = [...ended, ...all.filter(([, { endsAt }]) => endsAt === null)].slice(0, over)
  for (const [fingerprint] of going) delete marks[fingerprint]
  return marks
}
