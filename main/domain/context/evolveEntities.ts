import type { EventOf } from '../events.ts'
import type { ProjectRecord } from '../state.ts'
import { type Component, KEPT_CHANGES, type Risk } from './entities.ts'

/** A project's risks and components after one of them was recorded. */
export function evolveEntities(
  project: ProjectRecord,
  data: EventOf<'risk.recorded' | 'component.recorded'>,
  by: string,
  at: number,
): ProjectRecord {
  if (data.type === 'risk.recorded') {
    const { type: _, ...fields } = data
    const risk: Risk = { ...fields, by, at }
    return { ...project, risks: { ...project.risks, [risk.id]: risk } }
  }
  const { type: _, change, ...fields } = data
  const before = Object.hasOwn(project.components, data.name) ? project.components[data.name]!.changes : []
  const changes = change === null ? before : [...before, { at, by, text: change }].slice(-KEPT_CHANGES)
  const component: Component = { ...fields, changes, by, at }
  return { ...project, components: { ...project.components, [component.name]: component } }
}
