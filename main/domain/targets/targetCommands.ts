import { z } from 'zod'
import type { ProjectId } from '../ids.ts'

/** What people ask of targets, beside what tasks of runs do there. */
const project = z
  .string()
  .min(1)
  .transform((value) => value as ProjectId)

export const TARGET_COMMANDS = [
  /** Takes one out of the records that nothing is released at; what may be there is left as it is. */
  z.object({ type: z.literal('target.forget'), project, target: z.string().min(1).max(200) }),
] as const
