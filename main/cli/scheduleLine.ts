import { assertNever } from '../domain/assertNever.ts'
import type { ScheduleEvent } from '../domain/schedules/evolveSchedules.ts'
import type { Mark } from '../domain/status.ts'

/** What happened to a schedule. */
export function tellSchedule(data: ScheduleEvent): readonly [mark: Mark, text: string] {
  switch (data.type) {
    case 'schedule.declared':
      return ['waiting', `scheduled: ${data.spec.cron} (${data.spec.timeZone})`]
    case 'schedule.removed':
      return ['done', 'not scheduled any more']
    case 'schedule.troubled':
      return data.detail === null
        ? ['done', 'can be read again']
        : ['needs-you', `cannot be read: ${data.detail} ${data.remedy}`]
    case 'schedule.fired':
      return ['running', `began run ${data.run}`]
    case 'schedule.skipped':
      return ['waiting', `left out: ${SKIPPED[data.why]}`]
    case 'schedule.waits':
      return [
        data.on === 'ask' || data.on === 'trouble' ? 'needs-you' : 'waiting',
        `${data.detail}. ${data.remedy}`,
      ]
    default:
      return assertNever(data, 'unknown event')
  }
}

export const SKIPPED = {
  missed: 'the program was off when it was due',
  overlap: 'the run before was still under way',
  person: 'a person said so',
} as const
