import { z } from 'zod'
import type { ProjectId, RunId } from '../ids.ts'

/** What people ask of targets, beside what tasks of runs do there. */
const project = z
  .string()
  .min(1)
  .transform((value) => value as ProjectId)

export const TARGET_COMMANDS = [
  /** Takes one out of the records that nothing is released at; what may be there is left as it is. */
  z.object({
    type: z.literal('target.forget'),
    project,
    target: z.string().min(1).max(200),
    /** Though something is released there: it is left as it is, and nobody sees to it any more. */
    anyway: z.boolean().optional(),
  }),
  /** Starts a run that stops and removes what is there. */
  z.object({
    type: z.literal('target.take-down'),
    project,
    run: z
      .string()
      .min(1)
      .transform((value) => value as RunId),
    target: z.string().min(1).max(200),
    withData: z.boolean(),
  }),
] as const
