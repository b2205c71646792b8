import type { Draft } from '../draft.ts'
import type { ProjectId } from '../ids.ts'
import type { ProjectRecord } from '../state.ts'
import { whomToCall } from './authority.ts'
import type { Incident } from './incident.ts'
import { DEFAULT_INCIDENTS, type IncidentPolicy } from './policy.ts'

/** What all parts that decide about incidents read and say. */

export function ofProject(project: ProjectId): { readonly project: ProjectId; readonly run: null } {
  return { project, run: null }
}

export function recordOf(draft: Draft, project: ProjectId): ProjectRecord {
  return draft.state.projects.get(project)!
}

export function policyOf(project: ProjectRecord): IncidentPolicy {
  return project.setup?.incidents ?? DEFAULT_INCIDENTS
}

/** The incident as it now is; it must be there. */
export function incidentOf(draft: Draft, project: ProjectId, id: string): Incident {
  return recordOf(draft, project).incidents.find((incident) => incident.id === id)!
}

/** A person is asked for: who leads at that level, by name where the project says who that is. */
export function call(draft: Draft, project: ProjectId, id: string, why: string): void {
  const { level } = incidentOf(draft, project, id)
  const whom = whomToCall(level, recordOf(draft, project).setup?.people ?? {})
  draft.emit(ofProject(project), { type: 'incident.called', id, whom, why })
}

export function isKnownTarget(record: ProjectRecord, target: string): boolean {
  return (
    Object.hasOwn(record.targets, target) ||
    record.setup?.targets.some(({ name }) => name === target) === true
  )
}
