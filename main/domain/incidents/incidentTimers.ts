import type { EventEnvelope } from '../events.ts'
import type { State } from '../state.ts'
import type { TimerAt } from '../timers.ts'
import { respondBy } from './incident.ts'

/** Events after which somebody's time to respond runs anew. */
const SETTING: ReadonlySet<string> = new Set(['incident.opened', 'incident.reopened', 'incident.worsened'])

/** Timers that an event of an incident sets. */
export function incidentTimersAfter(state: State, { project, data }: EventEnvelope): readonly TimerAt[] {
  if (!SETTING.has(data.type) || !('id' in data)) return []
  return incidentTimers(state).filter(
    ({ timer }) =>
      timer.kind === 'incident-response' && timer.project === project && timer.incident === data.id,
  )
}

export function incidentTimers(state: State): readonly TimerAt[] {
  return [...state.projects.values()].flatMap(({ id: project, incidents }) =>
    incidents.flatMap((incident): readonly TimerAt[] => {
      const at = incident.overdue ? null : respondBy(incident)
      if (at === null) return []
      const { id, since } = incident
      return [{ at, timer: { kind: 'incident-response', project, incident: id, since } }]
    }),
  )
}
