import type { ProjectId } from '../ids.ts'

/** What the address of a page calls an incident: ids are counted in each project. */
export function incidentAt(project: ProjectId, id: string): string {
  return `${project}~${id}`
}

/** The same, leading on to its rollback: for notifications and the tray. */
export function rollbackAt(project: ProjectId, id: string): string {
  return `${incidentAt(project, id)}!rollback`
}

const ADDRESS = /^(?:(.+)~)?(i\d+)(!rollback)?$/

export interface IncidentAddress {
  /** Null: whichever has one that is called so. */
  readonly project: ProjectId | null
  readonly incident: string
  readonly rollback: boolean
}

/** Undefined for what means no incident. */
export function parseIncidentAt(at: string | undefined): IncidentAddress | undefined {
  const match = ADDRESS.exec(at ?? '')
  if (match === null) return undefined
  const [, project = null, incident, rollback] = match
  return { project: project as ProjectId | null, incident: incident!, rollback: rollback !== undefined }
}
