/** What is done again and again, by the clock. Times here are the wall clock's, ms since 1970. */

export const MISSED = ['run', 'skip', 'ask'] as const
/** What becomes of a due time that passed while the program was off. */
export type Missed = (typeof MISSED)[number]

export const OVERLAP = ['skip', 'queue'] as const
/** What becomes of a due time while the run before is still under way. */
export type Overlap = (typeof OVERLAP)[number]

export interface ScheduleSpec {
  readonly name: string
  readonly title: string
  /** Five fields, or `@daily` and the like. */
  readonly cron: string
  /** IANA name. */
  readonly timeZone: string
  readonly missed: Missed
  readonly overlap: Overlap
}

export interface ScheduleRecord {
  readonly spec: ScheduleSpec
  /** Where it comes from: `file` is the project's file, others are parts of the engine. */
  readonly source: string
  /** Due times up to here are done with, and never looked at again. */
  readonly handled: number
  /** The next due time; null: there is none any more. */
  readonly next: number | null
  readonly waiting: Waiting | null
  readonly last: LastDue | null
}

export const WAITING_FOR = ['ask', 'overlap', 'trouble', 'approved', 'now'] as const

/** A due time that has come and is not done with. */
export interface Waiting {
  readonly due: number
  /**
   * `ask`: a person has to say; `overlap`: the run before; `trouble`: what is in the way; `approved`: a person wants it
   * all the same; `now`: a person wants it, though no time is due.
   */
  readonly on: (typeof WAITING_FOR)[number]
  readonly detail: string
  readonly remedy: string
}

export const SKIPPED_FOR = ['missed', 'overlap', 'person'] as const

export interface LastDue {
  readonly due: number
  /** Null: it was left out, for this reason. */
  readonly run: string | null
  readonly skipped: (typeof SKIPPED_FOR)[number] | null
}

export interface Schedules {
  /** By name. */
  readonly items: Readonly<Record<string, ScheduleRecord>>
  /** By source: what cannot be read, so that what is known of it may be old. */
  readonly trouble: Readonly<Record<string, ScheduleTrouble>>
}

export interface ScheduleTrouble {
  readonly detail: string
  readonly remedy: string
  readonly since: number
}

export const NO_SCHEDULES: Schedules = { items: {}, trouble: {} }

/** A due time is not missed when it is looked at this late, ms: timers and starts take a moment. */
export const PUNCTUAL_MS = 5 * 60_000
