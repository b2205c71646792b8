import { z } from 'zod'
import { MEASURES } from './policy.ts'

/** What happens to a project's health. Values are telemetry; only crossings and what is done about them are events. */
export const HEALTH_EVENTS = [
  z.object({
    type: z.literal('health.crossed'),
    measure: z.enum(MEASURES),
    role: z.string().nullable(),
    /** False: it is well again. */
    bad: z.boolean(),
    value: z.number(),
    /** The limit it crossed. */
    limit: z.number(),
    /** It is not bad any more because there is nothing left to judge by. */
    expired: z.boolean().optional(),
  }),
  /** Agents at once; null: as many as the project allows again. */
  z.object({
    type: z.literal('health.slots'),
    agents: z.number().int().min(1).nullable(),
    was: z.number().int().min(1).nullable(),
    reason: z.string(),
  }),
  /** Something came to grief again and again, and is left alone until a person has said what to do. */
  z.object({ type: z.literal('health.paused'), what: z.string(), reason: z.string() }),
] as const
