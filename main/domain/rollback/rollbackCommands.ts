import { z } from 'zod'
import type { ProjectId, RunId } from '../ids.ts'
import { TARGET_PARTS } from '../points/point.ts'

const commit = z.string().regex(/^[0-9a-f]{40,64}$/)

export const ROLLBACK_COMMANDS = [
  /** Carries out what a preview showed, if the world still is what it was then. */
  z.object({
    type: z.literal('rollback.start'),
    project: z
      .string()
      .min(1)
      .transform((value) => value as ProjectId),
    run: z
      .string()
      .min(1)
      .transform((value) => value as RunId),
    /** Null: a point of the repository alone. */
    target: z.string().min(1).max(200).nullable(),
    point: z.string().min(1).max(100),
    /** Of the preview. */
    digest: z.string().min(1).max(100),
    why: z.string().min(1).max(2_000),
    /** Without them: all that the point holds. */
    parts: z.array(z.enum(TARGET_PARTS)).min(1).optional(),
    /** Where the preview saw the user's branch, and where it is to go; null leaves it. */
    move: z
      .object({ branch: z.string().min(1).max(500), from: commit, to: commit })
      .nullable()
      .default(null),
    incident: z.string().min(1).max(100).nullable().default(null),
  }),
] as const
