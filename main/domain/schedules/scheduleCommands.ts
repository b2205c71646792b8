import { z } from 'zod'
import type { ProjectId, RunId } from '../ids.ts'
import type { Plan } from '../plan.ts'
import type { ScheduleSpec } from './schedule.ts'

/** What people ask of schedules. */
export const SCHEDULE_COMMANDS = [
  z.object({
    type: z.literal('schedule.answer'),
    project: z
      .string()
      .min(1)
      .transform((value) => value as ProjectId),
    name: z.string().min(1).max(200),
    /** `run`: what waits, or once more now; `skip`: what waits is left out. */
    choice: z.enum(['run', 'skip']),
  }),
] as const

/** What is run at a due time: found out when it has come. */
export type PlannedRun =
  | { readonly ok: true; readonly runner: string; readonly plan: Plan }
  | { readonly ok: false; readonly detail: string; readonly remedy: string }

export type ScheduleReport =
  /** All there are of one source, read at `at`; null: they cannot be read. */
  | {
      readonly type: 'report.schedules'
      readonly project: ProjectId
      readonly source: string
      readonly at: number
      readonly specs: readonly { readonly spec: ScheduleSpec; readonly next: number | null }[] | null
      readonly trouble: { readonly detail: string; readonly remedy: string } | null
    }
  | {
      readonly type: 'report.schedule-due'
      readonly project: ProjectId
      readonly name: string
      readonly due: number
      /** The wall clock. */
      readonly at: number
      readonly next: number | null
      readonly run: RunId
      /** Null where nothing is to be run. */
      readonly planned: PlannedRun | null
    }
