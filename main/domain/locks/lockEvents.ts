import { z } from 'zod'

/** What happens to a project's locks. A holder is an attempt's id; its end releases what it holds by itself. */
export const lockSchema = z.object({
  kind: z.enum(['files', 'resource']),
  on: z.string(),
  mode: z.enum(['exclusive', 'shared']),
  fifo: z.boolean().optional(),
  writes: z.boolean().optional(),
})
const locks = z.array(lockSchema)
const holder = z.string()

export const LOCK_EVENTS = [
  z.object({
    type: z.literal('locks.asked'),
    holder,
    locks,
    priority: z.number().int(),
    begun: z.boolean(),
    /** Where it stands in the line, from 0, and whom it went ahead of. */
    place: z.number().int().min(0),
    overtakes: z.array(holder),
  }),
  z.object({
    type: z.literal('locks.granted'),
    holder,
    locks,
    overtakes: z.array(holder),
    token: z.number().int().min(1),
  }),
  /** It may not wait for them: that would close this circle, in which each waits for the next and the last for it. */
  z.object({ type: z.literal('locks.refused'), holder, locks, circle: z.array(holder) }),
  /** It waits no longer; what it holds it keeps. */
  z.object({ type: z.literal('locks.withdrawn'), holder }),
  z.object({
    type: z.literal('locks.released'),
    holder,
    /** Null: all it held, and what it waited for. */
    locks: locks.nullable(),
    why: z.enum(['asked', 'person', 'lease']),
  }),
] as const
