import { z } from 'zod'
import type { RollbackPoint } from './point.ts'

/** What happens to rollback points. They are a project's, so these events have no run. */
const point = z.string()

export const POINT_EVENTS = [
  z.object({
    type: z.literal('point.made'),
    point: z.custom<RollbackPoint>((value) => typeof value === 'object' && value !== null && 'id' in value),
  }),
  z.object({ type: z.literal('point.pinned'), point, pinned: z.boolean() }),
  /** Its files go afterwards. */
  z.object({ type: z.literal('point.removed'), point, why: z.enum(['person', 'number', 'age']) }),
  z.object({
    type: z.literal('point.tested'),
    point,
    ok: z.boolean(),
    detail: z.string(),
    /** How long the restore took. */
    ms: z.number().nullable(),
  }),
  z.object({
    type: z.literal('point.copied'),
    point,
    /** Null: it could not be copied, for the reason in `trouble`. */
    to: z.string().nullable(),
    trouble: z.string().nullable(),
  }),
] as const
