import type { Place } from '../../preload/contract.ts'
import { incidentAt, parseIncidentAt, rollbackAt } from '../domain/incidents/address.ts'
import type { Incident } from '../domain/incidents/incident.ts'
import { SEVERITIES } from '../domain/incidents/policy.ts'
import { callOf, incidentBoard } from '../domain/incidents/views.ts'
import type { ProjectRecord, Run, State } from '../domain/state.ts'

/** Is there a point to go back to, and nothing under way already? */
export function canGoBack({ choices, state }: Incident): boolean {
  const isOpen = state === 'open' || state === 'acknowledged'
  return isOpen && choices.some(({ id, barred }) => id === 'rollback' && barred === null)
}

/** The worst incident that is not over, for the tray. */
export interface IncidentEntry {
  readonly title: string
  readonly place: Place
  /** Null where there is nothing to go back to. */
  readonly rollback: Place | null
}

export function worstIncident(state: State): IncidentEntry | null {
  let worst: { readonly project: ProjectRecord; readonly incident: Incident } | undefined
  for (const project of state.projects.values()) {
    const [incident] = incidentBoard(project).active.toSorted((a, b) => rank(a) - rank(b))
    if (incident === undefined) continue
    if (worst === undefined || rank(incident) < rank(worst.incident)) worst = { project, incident }
  }
  if (worst === undefined) return null
  const { project, incident } = worst
  return {
    title: `${incident.severity} ${incident.id}: ${incident.title}`,
    place: { view: 'incidents', at: incidentAt(project.id, incident.id) },
    rollback: canGoBack(incident) ? { view: 'incidents', at: rollbackAt(project.id, incident.id) } : null,
  }
}

/** Those that wait for a person come before those of the same severity that do not. */
function rank(incident: Incident): number {
  return SEVERITIES.indexOf(incident.severity) * 2 + (callOf(incident) === null ? 1 : 0)
}

/** The board shows all of them, a page its own. */
export function isIncidentOnScreen(told: Place, shown: Place): boolean {
  if (shown.view !== 'incidents') return false
  return shown.at === undefined || parseIncidentAt(shown.at)?.incident === parseIncidentAt(told.at)?.incident
}

/** A run in which an incident is looked into: what it came to is told of the incident. */
export function isLookedInto(state: State, { id, project }: Run): boolean {
  const all = state.projects.get(project)?.incidents ?? []
  return all.some(({ checks, verification }) => checks?.run === id || verification?.run === id)
}
