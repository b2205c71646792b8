import type { ClientCommand } from '../commands.ts'
import { decideRun, isOver } from '../decideRun.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import type { ProjectId, RunId } from '../ids.ts'
import type { ProjectRecord, State } from '../state.ts'
import { PUNCTUAL_MS, type ScheduleRecord, type WAITING_FOR } from './schedule.ts'
import type { ScheduleReport } from './scheduleCommands.ts'

type Of<T extends ScheduleReport['type']> = Extract<ScheduleReport, { type: T }>
type Answer = Extract<ClientCommand, { type: 'schedule.answer' }>

export function decideSchedules(draft: Draft, command: ScheduleReport | Answer): Verdict {
  const project = draft.state.projects.get(command.project)
  if (project === undefined) return reject('unknown', `project ${command.project} is not registered`)
  switch (command.type) {
    case 'report.schedules':
      return declare(draft, project, command)
    case 'report.schedule-due':
      return due(draft, project, command)
    case 'schedule.answer':
      return answer(draft, project, command)
  }
}

function ofProject(project: ProjectId): { readonly project: ProjectId; readonly run: null } {
  return { project, run: null }
}

/** The clock was so far ahead that its due times are not waited for: a week, as for the engine's own clock. */
export const TOO_FAR_AHEAD_MS = 7 * 24 * 3_600_000

function declare(draft: Draft, project: ProjectRecord, command: Of<'report.schedules'>): Verdict {
  const { source, specs, trouble, at } = command
  const scope = ofProject(project.id)
  const known = project.schedules.trouble[source]
  if (trouble !== null && known?.detail !== trouble.detail)
    draft.emit(scope, { type: 'schedule.troubled', source, ...trouble })
  if (trouble === null && known !== undefined)
    draft.emit(scope, { type: 'schedule.troubled', source, detail: null, remedy: '' })
  if (specs === null) return undefined
  for (const { spec, next } of specs) {
    const item = itemOf(project, spec.name)
    if (item !== undefined && item.source !== source) continue
    const isSame = item !== undefined && JSON.stringify(item.spec) === JSON.stringify(spec)
    if (isSame && item.handled - at <= TOO_FAR_AHEAD_MS) continue
    draft.emit(scope, { type: 'schedule.declared', source, spec: { ...spec }, from: at, next })
  }
  for (const { spec, source: from } of Object.values(project.schedules.items))
    if (from === source && !specs.some((one) => one.spec.name === spec.name))
      draft.emit(scope, { type: 'schedule.removed', name: spec.name })
  return undefined
}

function itemOf({ schedules }: ProjectRecord, name: string): ScheduleRecord | undefined {
  return Object.hasOwn(schedules.items, name) ? schedules.items[name] : undefined
}

export type DueVerdict = 'fire' | 'missed' | 'overlap' | 'ask' | 'queue'

/** What becomes of a due time, looked at now (`at`, wall clock): to be run, or why not. */
export function verdictOn(state: State, item: ScheduleRecord, dueAt: number, at: number): DueVerdict {
  const { spec, waiting, last } = item
  const on = waiting?.due === dueAt ? waiting.on : undefined
  if (on === 'approved' || on === 'now') return 'fire'
  if (on === 'ask') return 'ask'
  const isMissed = at - dueAt > PUNCTUAL_MS && on !== 'overlap'
  if (isMissed && spec.missed !== 'run') return spec.missed === 'skip' ? 'missed' : 'ask'
  if (!isUnderWay(state, last?.run ?? null)) return 'fire'
  // One waits already; a second would only do the same once more.
  const isSecond = waiting !== null && on === undefined
  return spec.overlap === 'queue' && !isSecond ? 'queue' : 'overlap'
}

function isUnderWay(state: State, run: string | null): boolean {
  const live = run === null ? undefined : state.runs.get(run as RunId)
  return live !== undefined && !isOver(live)
}

function due(draft: Draft, project: ProjectRecord, command: Of<'report.schedule-due'>): Verdict {
  const { name, due: dueAt, at, next, run, planned } = command
  const item = itemOf(project, name)
  if (item === undefined) return reject('stale', `there is no schedule ${name} any more`)
  const isWaiting = item.waiting?.due === dueAt
  if (dueAt <= item.handled && !isWaiting) return reject('stale', 'this due time is done with')
  const scope = ofProject(project.id)
  const verdict = verdictOn(draft.state, item, dueAt, at)
  const waits = (on: (typeof WAITING_FOR)[number], detail: string, remedy: string): void => {
    if (isWaiting && item.waiting.on === on && item.waiting.detail === detail) return
    draft.emit(scope, { type: 'schedule.waits', name, due: dueAt, next, on, detail, remedy })
  }
  switch (verdict) {
    case 'missed':
    case 'overlap':
      draft.emit(scope, { type: 'schedule.skipped', name, due: dueAt, next, why: verdict })
      return undefined
    case 'ask':
      waits('ask', 'it was due while the program was off', `amphi schedules run ${name}, or skip ${name}`)
      return undefined
    case 'queue':
      waits('overlap', `run ${item.last?.run} is still under way`, 'It begins when that run is over.')
      return undefined
    case 'fire':
      break
  }
  if (planned === null) return reject('stale', 'it was not due when it was looked at')
  if (!planned.ok) {
    waits('trouble', planned.detail, planned.remedy)
    return undefined
  }
  const byPerson = isWaiting && item.waiting.on === 'now'
  const start = {
    type: 'run.start',
    project: project.id,
    run,
    runner: planned.runner,
    plan: planned.plan,
  } as const
  const refused = decideRun(draft, start)
  if (refused === undefined)
    draft.emit(scope, { type: 'schedule.fired', name, due: dueAt, next, run, byPerson })
  else waits('trouble', refused.reason, 'Correct the project file; it is tried again by itself.')
  return undefined
}

function answer(draft: Draft, project: ProjectRecord, { name, choice }: Answer): Verdict {
  const item = itemOf(project, name)
  if (item === undefined) {
    const names = Object.keys(project.schedules.items)
    const known = names.length === 0 ? 'there are none' : `there are: ${names.join(', ')}`
    return reject('unknown', `there is no schedule ${name}; ${known}`)
  }
  const { waiting, next } = item
  const scope = ofProject(project.id)
  if (choice === 'skip') {
    if (waiting === null) return reject('not-now', `${name} does not wait for anything`)
    draft.emit(scope, { type: 'schedule.skipped', name, due: waiting.due, next, why: 'person' })
    return undefined
  }
  const isWanted = waiting?.on === 'now' || waiting?.on === 'approved'
  if (isWanted) return undefined
  const on = waiting === null ? 'now' : 'approved'
  draft.emit(scope, {
    type: 'schedule.waits',
    name,
    due: waiting?.due ?? draft.now,
    next,
    on,
    detail: 'a person wants it',
    remedy: 'It begins in a moment.',
  })
  return undefined
}
