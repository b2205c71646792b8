import { z } from 'zod'
import type { RunId } from '../ids.ts'
import { MISSED, OVERLAP, SKIPPED_FOR, WAITING_FOR } from './schedule.ts'

/** What happens to schedules. Times are the wall clock's, ms since 1970. */
const name = z.string()
const due = z.number()
const next = z.number().nullable()
const spec = z.object({
  name: z.string(),
  title: z.string(),
  cron: z.string(),
  timeZone: z.string(),
  missed: z.enum(MISSED),
  overlap: z.enum(OVERLAP),
})

export const SCHEDULE_EVENTS = [
  /** It is new, or says something else than before: due times before `from` are not its. */
  z.object({ type: z.literal('schedule.declared'), source: z.string(), spec, from: z.number(), next }),
  z.object({ type: z.literal('schedule.removed'), name }),
  z.object({
    type: z.literal('schedule.troubled'),
    source: z.string(),
    /** Null: it can be read again. */
    detail: z.string().nullable(),
    remedy: z.string(),
  }),
  /** In the commit that starts the run. */
  z.object({
    type: z.literal('schedule.fired'),
    name,
    due,
    next,
    run: z.string().transform((value) => value as RunId),
    /** A person wanted it: no due time is done with by it. */
    byPerson: z.boolean(),
  }),
  z.object({ type: z.literal('schedule.skipped'), name, due, next, why: z.enum(SKIPPED_FOR) }),
  z.object({
    type: z.literal('schedule.waits'),
    name,
    due,
    next,
    on: z.enum(WAITING_FOR),
    detail: z.string(),
    remedy: z.string(),
  }),
] as const
