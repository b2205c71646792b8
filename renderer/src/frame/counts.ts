import { leftAlone } from '../../../main/domain/health/person.ts'
import type { RunId } from '../../../main/domain/ids.ts'
import { type Incident, isActive } from '../../../main/domain/incidents/incident.ts'
import { callOf } from '../../../main/domain/incidents/views.ts'
import { isSettled, type Run, type State } from '../../../main/domain/state.ts'
import { type Mark, taskStatus } from '../../../main/domain/status.ts'
import { isAsking } from '../state/asking.ts'
import type { Destination } from '../state/place.ts'

/** Tasks of open runs by how they look. */
export type Counts = Readonly<Record<Mark, number>>

const NONE: Counts = {
  running: 0,
  waiting: 0,
  blocked: 0,
  conflict: 0,
  failed: 0,
  done: 0,
  'needs-you': 0,
}

const known = new WeakMap<Run, Counts>()

/** Worked out once for each state of a run, so that any number of places may ask. */
export function countMarks(run: Run): Counts {
  const before = known.get(run)
  if (before !== undefined) return before
  const counts = { ...NONE }
  for (let index = 0; index < run.tasks.length; index++) {
    const task = run.tasks.get(index)!
    // What is settled or has not begun needs no closer look.
    if (isSettled(task)) counts[taskStatus(run, index, 0).mark] += 1
    else if (task.current === null && task.state !== 'BLOCKED') counts.waiting += 1
    else counts[taskStatus(run, index, 0).mark] += 1
  }
  known.set(run, counts)
  return counts
}

export function countAll(state: State): Counts {
  const sum = { ...NONE }
  for (const run of state.runs.values()) {
    if (run.endedAt !== null) continue
    const counts = countMarks(run)
    for (const mark of Object.keys(sum) as Mark[]) sum[mark] += counts[mark]
  }
  return sum
}

/** Questions that wait for a person; notices without a choice are not among them. */
export function attentionCount(state: State): number {
  let count = 0
  for (const run of state.runs.values()) {
    for (const item of run.attention) if (isAsking(item)) count += 1
  }
  return count
}

/** The run after `from` that asks a person something, round and round; undefined when none does. */
export function nextAsking(state: State, from: RunId | undefined): RunId | undefined {
  const asking = [...state.runs.values()].filter(({ attention }) => attention.some(isAsking))
  const at = asking.findIndex((run) => run.id === from)
  return asking[(at + 1) % asking.length]?.id
}

/** Where what waits for a person is answered: the next run that asks, else what no run asks about. */
export function whereAsked(state: State, from: RunId | undefined): Destination {
  const run = nextAsking(state, from)
  if (run !== undefined) return { view: 'house', run, task: undefined }
  if (incidentCount(state) > 0) return { view: 'incidents', at: undefined }
  return healthCount(state) > 0 ? { view: 'health' } : { view: 'conflicts' }
}

/** Messages to the person that they have not seen, of all runs that are here. */
export function unreadCount(state: State): number {
  let count = 0
  for (const { talk } of state.runs.values()) count += talk.personInbox.length
  return count
}

/** Conflicts that nobody has settled yet, of all projects. */
export function conflictCount(state: State): number {
  let count = 0
  for (const { conflicts } of state.projects.values())
    for (const { resolution } of conflicts) if (resolution === null) count += 1
  return count
}

/** Incidents in which a person has something to do now, of all projects. */
export function incidentCount(state: State): number {
  return countIncidents(state, (incident) => callOf(incident) !== null)
}

/** Incidents that are not over. */
export function openIncidents(state: State): number {
  return countIncidents(state, () => true)
}

/** What waits for a person and is asked about in the health view alone: schedules, what was left half done. */
export function healthCount(state: State): number {
  let count = 0
  for (const project of state.projects.values()) count += leftAlone(project).length
  return count
}

/** Measures that are not well, of all projects. */
export function alarmCount(state: State): number {
  let count = 0
  for (const { health } of state.projects.values()) count += Object.keys(health.alarms).length
  return count
}

function countIncidents(state: State, counts: (incident: Incident) => boolean): number {
  let count = 0
  for (const { incidents } of state.projects.values())
    for (const incident of incidents) if (isActive(incident) && counts(incident)) count += 1
  return count
}
