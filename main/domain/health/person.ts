import type { RunId } from '../ids.ts'
import { isActive } from '../incidents/incident.ts'
import { callOf } from '../incidents/views.ts'
import { needsPerson } from '../metrics.ts'
import type { Attention, ProjectRecord, Run, State } from '../state.ts'
import { slotsOf } from './slots.ts'

/** What goes on only when a person has said something, and that recovery by itself has come to an end with. */
export type PersonNeed =
  /** Paused since it came to grief again and again; its retries are used up; how it ended is not known. */
  | { readonly kind: 'task'; readonly run: RunId; readonly task: string | null; readonly text: string }
  /** Somebody has to acknowledge it, decide on its remedy, or say that it is mended. */
  | { readonly kind: 'incident'; readonly incident: string; readonly text: string }
  /** A deployment or rollback left it half done, and no incident leads it on any more. */
  | { readonly kind: 'half'; readonly target: string; readonly text: string }
  | { readonly kind: 'schedule'; readonly schedule: string; readonly text: string }

const USED_UP: readonly Attention['kind'][] = ['flapping', 'task-failed', 'lost']

export function personNeeds(state: State, project: ProjectRecord): readonly PersonNeed[] {
  const tasks = [...state.runs.values()]
    .filter((run) => run.project === project.id)
    .flatMap((run) =>
      run.attention
        .filter(({ kind, choices }) => USED_UP.includes(kind) && choices.length > 0)
        .map(
          ({ task, text }): PersonNeed => ({
            kind: 'task',
            run: run.id,
            task: task === null ? null : run.plan.tasks[task]!.id,
            text,
          }),
        ),
    )
  const incidents = project.incidents
    .filter((one) => isActive(one) && callOf(one) !== null)
    .map(({ id, title }): PersonNeed => ({ kind: 'incident', incident: id, text: title }))
  return [...tasks, ...incidents, ...leftAlone(project)]
}

/** Those of them that nobody is asked about anywhere else. */
export function leftAlone(project: ProjectRecord): readonly PersonNeed[] {
  const half = Object.values(project.targets)
    .filter(({ state, busy }) => state === 'half' && busy === null)
    .filter(({ spec }) => !project.incidents.some((one) => one.target === spec.name && isActive(one)))
    .map(({ spec, reason }): PersonNeed => {
      const text = `${spec.name}: ${reason ?? 'it is half way between two states'}`
      return { kind: 'half', target: spec.name, text }
    })
  const schedules = Object.values(project.schedules.items).flatMap(({ spec, waiting }): PersonNeed[] =>
    waiting?.on === 'ask' || waiting?.on === 'trouble'
      ? [{ kind: 'schedule', schedule: spec.name, text: spec.name }]
      : [],
  )
  return [...half, ...schedules]
}

/** Does anything go on in a run without a person, with as many agents at once as there may be now? */
export function waitsForPerson(state: State, run: Run): boolean {
  return needsPerson(run, slotsOf(state, run))
}
