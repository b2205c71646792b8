import { z } from 'zod'
import type { Release, TargetSpec } from './target.ts'
import { TARGET_STATES } from './target.ts'

/** What happens to a target. Events of its project; the run that caused one is in its envelope. */
const target = z.string()

export const TARGET_EVENTS = [
  /** A run that names it was started, with this for it. */
  z.object({
    type: z.literal('target.declared'),
    spec: z.custom<TargetSpec>((value) => typeof value === 'object' && value !== null && 'place' in value),
  }),
  /** `by` is at work on it from now on; null: nobody any more. */
  z.object({ type: z.literal('target.busy'), target, by: z.string().nullable() }),
  z.object({
    type: z.literal('target.released'),
    target,
    release: z.custom<Release>((value) => typeof value === 'object' && value !== null && 'version' in value),
    /** `<run>/<task>#<n>`. */
    by: z.string(),
    /** The rollback point made right before. */
    before: z.string().nullable(),
    verified: z.boolean().nullable(),
  }),
  z.object({
    type: z.literal('target.state'),
    target,
    state: z.enum(TARGET_STATES),
    reason: z.string().nullable(),
  }),
  /** Nothing of it runs any more. `by`: the attempt that took it down; `data`: its data went, too. */
  z.object({ type: z.literal('target.taken-down'), target, by: z.string(), data: z.boolean() }),
  /** A person takes it out of the project's records; what runs there is left as it is. */
  z.object({ type: z.literal('target.forgotten'), target }),
] as const
