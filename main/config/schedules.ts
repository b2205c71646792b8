import type { Epic, ProjectSchedule } from '../domain/project.ts'
import { asMap, asText, draftTask, type EpicDraft } from './drafts.ts'
import { type Around, buildLoneTask } from './epics.ts'
import { nearest } from './nearest.ts'
import type { Path, Problem } from './problems.ts'
import type { ScheduleInput } from './schema/schedules.ts'
import type { Source } from './yaml.ts'

/** Schedules, and what is wrong with what they say they run. */

/** A task without an epic is checked as an epic of its own. */
export function draftSchedules(root: unknown): readonly EpicDraft[] {
  return Object.entries(asMap(asMap(root)?.schedules) ?? {}).flatMap(([name, schedule]) => {
    const task = asMap(asMap(schedule)?.task)
    if (task === undefined) return []
    const path: Path = ['schedules', name]
    const drafted = draftTask({ id: name, ...task }, [...path, 'task'], 0, undefined)
    return [{ id: name, path, phases: [{ name, path, modes: ['tasks'] }], tasks: [drafted] }]
  })
}

export function checkSchedules(root: unknown, source: Source): readonly Problem[] {
  const epics = Object.keys(asMap(asMap(root)?.epics) ?? {})
  return Object.entries(asMap(asMap(root)?.schedules) ?? {}).flatMap(([name, raw]) => {
    const schedule = asMap(raw)
    if (schedule === undefined) return []
    const path: Path = ['schedules', name]
    const given = ['epic', 'task'].filter((key) => Object.hasOwn(schedule, key))
    if (given.length !== 1) {
      const found = given.length === 0 ? 'neither' : 'both'
      return [source.problem(path, `a schedule has an "epic" or a "task"; this one has ${found}`)]
    }
    const epic = asText(schedule.epic)
    if (epic === undefined || epics.includes(epic)) return []
    const list = epics.length === 0 ? 'add it to "epics:"' : `there are: ${epics.join(', ')}`
    return [source.problem([...path, 'epic'], `unknown epic "${epic}"; ${list}`, nearest(epic, epics))]
  })
}

/** Expects what has passed every check. */
export function buildSchedules(
  inputs: Readonly<Record<string, ScheduleInput>>,
  epics: readonly Epic[],
  around: Around,
): readonly ProjectSchedule[] {
  return Object.entries(inputs).map(([name, input]) => {
    const epic =
      input.task === undefined
        ? epics.find(({ id }) => id === input.epic)!
        : buildLoneTask(
            name,
            { ...input.task, id: input.task.id ?? name },
            ['schedules', name, 'task'],
            around,
          )
    const { cron, title = epic.title, time_zone: timeZone = 'UTC', missed = 'skip', overlap = 'skip' } = input
    return { spec: { name, title, cron, timeZone, missed, overlap }, epic }
  })
}
