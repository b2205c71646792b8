import { z } from 'zod'
import type { CommitId } from '../ids.ts'

/** What happens to a run's merge queue; work comes into it with `work.committed`, and out of it with its attempt's end. */
const check = z.number().int().min(1)
const task = z.number().int().min(0)
const commit = z.string().transform((value) => value as CommitId)

export const MERGE_EVENTS = [
  z.object({
    type: z.literal('merge.check-started'),
    check,
    /** The first of the queue; none: the tip itself. */
    tasks: z.array(task),
    /** A person wants them merged without: no command is run. */
    unchecked: z.boolean(),
  }),
  z.object({
    type: z.literal('merge.check-ended'),
    check,
    /** `lost`: nobody knows how it would have ended; it is done again. */
    result: z.enum(['passed', 'failed', 'lost']),
    /** The tip it began from, and the tip it was about. */
    from: commit,
    to: commit,
    /** How it failed, with the end of its output; empty when it passed. */
    detail: z.string(),
  }),
  z.object({ type: z.literal('merge.advanced'), check, tip: commit }),
  z.object({ type: z.literal('merge.held'), reason: z.string() }),
  z.object({
    type: z.literal('merge.resumed'),
    /** What waits now is merged without a check. */
    unchecked: z.boolean(),
  }),
  /** The check passes without it and fails with it. */
  z.object({
    type: z.literal('work.rejected'),
    task,
    attempt: z.number().int().min(1),
    check,
    detail: z.string(),
  }),
] as const
