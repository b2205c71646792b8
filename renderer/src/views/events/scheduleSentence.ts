import { assertNever } from '../../../../main/domain/assertNever.ts'
import type { ScheduleEvent } from '../../../../main/domain/schedules/evolveSchedules.ts'
import type { Like } from '../../words/language.ts'
import type { scheduleSentences } from './scheduleWords.ts'

export function sentenceOfSchedule(w: Like<(typeof scheduleSentences)['en']>, data: ScheduleEvent): string {
  switch (data.type) {
    case 'schedule.declared':
      return w.declared(data.spec.name, data.spec.cron, data.spec.timeZone)
    case 'schedule.removed':
      return w.removed(data.name)
    case 'schedule.troubled':
      return data.detail === null ? w.readable : w.troubled(data.detail, data.remedy)
    case 'schedule.fired':
      return w.fired(data.name)
    case 'schedule.skipped':
      return w.skipped[data.why](data.name)
    case 'schedule.waits':
      return data.on === 'trouble'
        ? w.waits.trouble(data.name, data.detail, data.remedy)
        : w.waits[data.on](data.name)
    default:
      return assertNever(data, 'unknown event')
  }
}
