import { type Draft, reject, type Verdict } from '../draft.ts'
import type { ProjectId, RunId } from '../ids.ts'
import { type ComponentChange, MAX_COMPONENTS, MAX_RISKS, type RiskChange } from './entities.ts'

/** Where a change was made: a run, or the project as a whole. */
interface Scope {
  readonly project: ProjectId
  readonly id: RunId | null
}

export function recordRisk(draft: Draft, scope: Scope, change: RiskChange): Verdict {
  const project = draft.state.projects.get(scope.project)
  if (project === undefined) return reject('unknown', `project ${scope.project} is not registered`)
  const before = Object.hasOwn(project.risks, change.id) ? project.risks[change.id] : undefined
  const title = change.title ?? before?.title
  if (title === undefined) return reject('invalid', `risk ${change.id} is new and needs a title`)
  if (before === undefined && Object.keys(project.risks).length >= MAX_RISKS)
    return reject('not-now', `the project has ${MAX_RISKS} risks already`)
  const next = {
    id: change.id,
    title,
    level: change.level ?? before?.level ?? 'medium',
    status: change.status ?? before?.status ?? 'open',
    impact: change.impact ?? before?.impact ?? '',
    mitigation: change.mitigation ?? before?.mitigation ?? '',
    owner: change.owner === undefined ? (before?.owner ?? null) : change.owner,
  } as const
  if (before !== undefined && same(before, next)) return undefined
  draft.emit({ project: scope.project, run: scope.id }, { type: 'risk.recorded', ...next })
  return undefined
}

export function recordComponent(draft: Draft, scope: Scope, change: ComponentChange): Verdict {
  const project = draft.state.projects.get(scope.project)
  if (project === undefined) return reject('unknown', `project ${scope.project} is not registered`)
  const before = Object.hasOwn(project.components, change.name) ? project.components[change.name] : undefined
  if (before === undefined && Object.keys(project.components).length >= MAX_COMPONENTS)
    return reject('not-now', `the project has ${MAX_COMPONENTS} components already`)
  const next = {
    name: change.name,
    status: change.status ?? before?.status ?? 'planned',
    description: change.description ?? before?.description ?? '',
    owners: [...(change.owners ?? before?.owners ?? [])],
  }
  if (before !== undefined && change.change === undefined && same(before, next)) return undefined
  draft.emit(
    { project: scope.project, run: scope.id },
    { type: 'component.recorded', ...next, change: change.change ?? null },
  )
  return undefined
}

/** Does `before` say all that `next` says? */
function same(before: object, next: object): boolean {
  return Object.entries(next).every(
    ([key, value]) => JSON.stringify((before as Record<string, unknown>)[key]) === JSON.stringify(value),
  )
}
