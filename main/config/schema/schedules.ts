import { z } from 'zod'
import { MISSED, OVERLAP } from '../../domain/schedules/schedule.ts'
import { CronText, ZoneText } from './clock.ts'
import { Name, Text } from './scalars.ts'
import { Task } from './tasks.ts'

/** What is run by the clock, as it is written. */

const Schedule = z
  .strictObject({
    title: Text.optional(),
    epic: Text.optional().meta({ description: 'What is run: an epic of this file.' }),
    task: z
      .strictObject({ ...Task.shape, id: Name.optional() })
      .optional()
      .meta({ description: 'Or one task, by the name of the schedule unless it has an id.' }),
    cron: CronText.meta({
      description: 'Minute, hour, day, month, weekday: "0 2 * * *"; or @daily and the like.',
    }),
    time_zone: ZoneText.optional().meta({ description: 'Such as Europe/Berlin; UTC unless set.' }),
    missed: z.enum(MISSED).optional().meta({
      description: 'A time that passed while the program was off: skip (unless set), run once, or ask.',
    }),
    overlap: z.enum(OVERLAP).optional().meta({
      description: 'While the run before is under way: skip (unless set), or queue one behind it.',
    }),
  })
  .meta({ id: 'Schedule' })
export const Schedules = z.record(Name, Schedule)

export type ScheduleInput = z.output<typeof Schedule>
