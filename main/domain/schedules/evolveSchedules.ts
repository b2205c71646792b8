import { assertNever } from '../assertNever.ts'
import type { DomainEvent } from '../events.ts'
import type { ProjectRecord } from '../state.ts'
import type { ScheduleRecord, Schedules } from './schedule.ts'

export type ScheduleEvent = Extract<DomainEvent, { type: `schedule.${string}` }>

export function isScheduleEvent(data: DomainEvent): data is ScheduleEvent {
  return data.type.startsWith('schedule.')
}

export function evolveSchedules(project: ProjectRecord, data: ScheduleEvent, time: number): ProjectRecord {
  return { ...project, schedules: changed(project.schedules, data, time) }
}

function changed(schedules: Schedules, data: ScheduleEvent, time: number): Schedules {
  const { items, trouble } = schedules
  switch (data.type) {
    case 'schedule.declared': {
      const { spec, source, from, next } = data
      const last = items[spec.name]?.last ?? null
      return withItem(schedules, { spec, source, handled: from, next, waiting: null, last })
    }
    case 'schedule.removed': {
      const { [data.name]: _, ...others } = items
      return { ...schedules, items: others }
    }
    case 'schedule.troubled': {
      const { [data.source]: _, ...others } = trouble
      const { detail, remedy } = data
      if (detail === null) return { ...schedules, trouble: others }
      return { ...schedules, trouble: { ...others, [data.source]: { detail, remedy, since: time } } }
    }
    case 'schedule.fired': {
      const { due, run, next, byPerson } = data
      const item = items[data.name]!
      const handled = byPerson ? item.handled : Math.max(item.handled, due)
      return withItem(schedules, { ...item, handled, next, waiting: null, last: { due, run, skipped: null } })
    }
    case 'schedule.skipped': {
      const { due, next, why } = data
      const item = items[data.name]!
      const handled = Math.max(item.handled, due)
      const waiting = item.waiting?.due === due ? null : item.waiting
      return withItem(schedules, { ...item, handled, next, waiting, last: { due, run: null, skipped: why } })
    }
    case 'schedule.waits': {
      const { due, next, on, detail, remedy } = data
      return withItem(schedules, { ...items[data.name]!, next, waiting: { due, on, detail, remedy } })
    }
    default:
      return assertNever(data, 'unknown event')
  }
}

function withItem(schedules: Schedules, item: ScheduleRecord): Schedules {
  return { ...schedules, items: { ...schedules.items, [item.spec.name]: item } }
}
