import { z } from 'zod'
import { CONFLICT_ACTIONS, CONFLICT_CAUSES, CONFLICT_KINDS } from './conflict.ts'

/** What happens to a project's conflicts. A party is a holder of locks: an attempt's id. */
const id = z.string()
const holder = z.string()
const level = z.union([z.literal(1), z.literal(2), z.literal(3)])
const action = z.enum(CONFLICT_ACTIONS)

const evidenceSchema = z.object({ holder, text: z.string(), patch: z.string().nullable() })

export const CONFLICT_EVENTS = [
  z.object({
    type: z.literal('conflict.raised'),
    id,
    cause: z.enum(CONFLICT_CAUSES),
    kind: z.enum(CONFLICT_KINDS),
    level,
    parties: z.array(holder).min(1),
    files: z.array(z.string()),
    text: z.string(),
    evidence: z.array(evidenceSchema),
    recommendation: z.object({ action, keep: holder.nullable(), reasons: z.array(z.string()) }),
  }),
  /** More was found of one that is open. */
  z.object({
    type: z.literal('conflict.grown'),
    id,
    files: z.array(z.string()),
    text: z.string(),
    evidence: z.array(evidenceSchema),
  }),
  z.object({ type: z.literal('conflict.voted'), id, holder, action }),
  z.object({ type: z.literal('conflict.escalated'), id, level }),
  z.object({
    type: z.literal('conflict.resolved'),
    id,
    action,
    keep: holder.nullable(),
    by: z.string(),
    detail: z.string(),
  }),
  /** The outcome was looked at in git. */
  z.object({ type: z.literal('conflict.verified'), id, clean: z.boolean(), detail: z.string() }),
] as const
