import type { EventOf } from '../events.ts'
import type { RunId, TaskId } from '../ids.ts'
import type { ProjectRecord, Run } from '../state.ts'
import type { TaskAction } from '../targets/target.ts'

/** What a task did that goes beyond its run. It counts from when the task began: whether it got so far is not known. */
export interface Deed {
  readonly kind: 'migrate' | 'irreversible'
  readonly target: string | null
  readonly run: RunId
  readonly task: TaskId
  readonly attempt: number
  readonly at: number
  /** What was done, as the project says it. */
  readonly text: string
}

const MAX_DEEDS = 200
/** Of one action; the median of them is what it is expected to take. */
const MAX_TIMINGS = 5

export function withDeed(
  project: ProjectRecord,
  run: Run,
  data: EventOf<'agent.started'>,
  at: number,
): ProjectRecord {
  const spec = run.plan.tasks[data.task]!
  const { id: task, target = null, irreversible } = spec
  const added: Deed[] = []
  const base = { target, run: run.id, task, attempt: data.attempt, at }
  if (spec.kind === 'migrate') added.push({ ...base, kind: 'migrate', text: spec.title })
  if (irreversible !== undefined) added.push({ ...base, kind: 'irreversible', text: irreversible })
  if (added.length === 0) return project
  return { ...project, deeds: [...project.deeds, ...added].slice(-MAX_DEEDS) }
}

/** What two times of the same thing are known by. */
function timingKey(target: string | null, action: TaskAction): string {
  const part = action.do === 'restore' ? `:${action.part}` : ''
  return `${target ?? ''}:${action.do}${part}`
}

export function withTiming(
  project: ProjectRecord,
  run: Run,
  data: EventOf<'agent.exited'>,
  at: number,
): ProjectRecord {
  const { action, target = null } = run.plan.tasks[data.task]!
  const startedAt = run.tasks.get(data.task)!.current?.startedAt
  if (action === undefined || startedAt === undefined || startedAt === null || data.code !== 0) return project
  const key = timingKey(target, action)
  const known = Object.hasOwn(project.timings, key) ? project.timings[key]! : []
  const timings = { ...project.timings, [key]: [...known, Math.max(0, at - startedAt)].slice(-MAX_TIMINGS) }
  return { ...project, timings }
}

/** The median of the last times; null where it was never done. */
export function expectedMs(project: ProjectRecord, target: string | null, action: TaskAction): number | null {
  const key = timingKey(target, action)
  const known = Object.hasOwn(project.timings, key) ? [...project.timings[key]!] : []
  if (known.length === 0) return null
  return known.sort((a, b) => a - b)[Math.floor((known.length - 1) / 2)]!
}
