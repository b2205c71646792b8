import { assertNever } from './assertNever.ts'
import { evolveConflicts } from './conflicts/evolveConflicts.ts'
import { isLive } from './conflicts/parties.ts'
import { evolveEntities } from './context/evolveEntities.ts'
import { type DomainEvent, type EventEnvelope, type EventOf, type EventsOn, isOn } from './events.ts'
import { evolveHealth } from './health/evolveHealth.ts'
import { NO_HEALTH } from './health/health.ts'
import type { ProjectId } from './ids.ts'
import { evolveIncidents, isIncidentEvent } from './incidents/evolveIncidents.ts'
import { NO_LOCKS } from './locks/changes.ts'
import { evolveLocks } from './locks/evolveLocks.ts'
import { evolvePoints } from './points/evolvePoints.ts'
import { evolveRegistered } from './registered/evolveRegistered.ts'
import { evolveSchedules } from './schedules/evolveSchedules.ts'
import { NO_SCHEDULES } from './schedules/schedule.ts'
import type { ProjectRecord, State } from './state.ts'
import { evolveTargets } from './targets/evolveTargets.ts'

const SUBJECTS = [
  'locks',
  'conflict',
  'target',
  'point',
  'health',
  'schedule',
  'incident',
  'registered',
  'risk',
  'component',
  'project',
] as const
export type ProjectEvent = EventsOn<(typeof SUBJECTS)[number]>
type OfKnown = Exclude<ProjectEvent, EventOf<'project.registered'>>

const OF_PROJECTS: ReadonlySet<string> = new Set(SUBJECTS)

/** What changes a project and no run. */
export function isProjectEvent(data: DomainEvent): data is ProjectEvent {
  return OF_PROJECTS.has(data.type.slice(0, data.type.indexOf('.')))
}

/** The state with what happened to one project. */
export function evolveProject(state: State, envelope: EventEnvelope, data: ProjectEvent): State {
  const id = envelope.project!
  if (data.type === 'project.registered') return withProject(state, registered(state, id, data))
  const project = state.projects.get(id)
  if (project !== undefined) return withProject(state, changed(state, project, envelope, data))
  // One run looked at by itself has no project.
  if (isOn('target', data)) return state
  throw new Error(`event ${envelope.seq} (${data.type}) is of an unknown project ${id}`)
}

export function withProject(state: State, project: ProjectRecord): State {
  return { ...state, projects: new Map(state.projects).set(project.id, project) }
}

function changed(
  state: State,
  project: ProjectRecord,
  envelope: EventEnvelope,
  data: OfKnown,
): ProjectRecord {
  const { time, actor } = envelope
  if (isOn('locks', data)) return { ...project, locks: evolveLocks(project.locks, data, time) }
  if (isOn('conflict', data))
    return evolveConflicts(project, data, time, (holder) => isLive(state, holder, project.id))
  if (isOn('target', data)) return evolveTargets(project, data, time)
  if (isOn('point', data)) return evolvePoints(project, data, time)
  if (isOn('health', data)) return evolveHealth(project, data, time)
  if (isOn('schedule', data)) return evolveSchedules(project, data, time)
  if (isIncidentEvent(data)) return evolveIncidents(project, data, envelope)
  if (isOn('registered', data)) return evolveRegistered(project, data, time)
  if (isOn('risk', data) || isOn('component', data)) return evolveEntities(project, data, actor, time)
  return assertNever(data, 'unknown event')
}

const NEW_PROJECT: Omit<ProjectRecord, 'id' | 'name' | 'root'> = {
  runNumbers: {},
  risks: {},
  components: {},
  locks: NO_LOCKS,
  conflicts: [],
  lastConflict: 0,
  clashes: {},
  registered: {},
  lastRegistered: 0,
  targets: {},
  points: [],
  lastPoint: 0,
  deeds: [],
  timings: {},
  setup: null,
  incidents: [],
  lastIncident: 0,
  alertMarks: {},
  health: NO_HEALTH,
  schedules: NO_SCHEDULES,
}

function registered(state: State, id: ProjectId, data: EventOf<'project.registered'>): ProjectRecord {
  const known = state.projects.get(id) ?? NEW_PROJECT
  const locks = { ...known.locks, folded: data.folded ?? false }
  return { ...known, id, name: data.name, root: data.root, locks }
}
