import { z } from 'zod'
import { TERMINATION_CAUSES } from '../states.ts'

/** What happens to agents that were started by hand. They are a project's, so these events have no run. */
const agent = z.string()
const texts = z.array(z.string())

export const processSchema = z.object({
  pid: z.number().int().min(1),
  start: z.string().max(100),
  boot: z.string().max(100),
})

export const REGISTERED_EVENTS = [
  z.object({
    type: z.literal('registered.added'),
    agent,
    name: z.string(),
    files: texts,
    reads: texts,
    uses: texts,
    priority: z.number().int(),
    after: texts,
    waits: z.boolean(),
    session: z.string().nullable(),
    folder: z.string(),
    process: processSchema.nullable(),
    log: z.string().nullable(),
    dirty: texts,
    limitMs: z.number().nullable(),
  }),
  /** It is to begin as soon as those before it have completed and its locks are free. */
  z.object({ type: z.literal('registered.waiting'), agent }),
  z.object({ type: z.literal('registered.blocked'), agent, behind: texts }),
  z.object({ type: z.literal('registered.unblocked'), agent }),
  z.object({ type: z.literal('registered.started'), agent }),
  /** It wrote what another holds, and does not complete until that is settled. */
  z.object({ type: z.literal('registered.conflicted'), agent, conflict: z.string() }),
  z.object({ type: z.literal('registered.reconciled'), agent }),
  /** A sign of life; the process it lives in, where it was told with it. */
  z.object({ type: z.literal('registered.renewed'), agent, process: processSchema.nullable() }),
  z.object({ type: z.literal('registered.stop-asked'), agent, by: z.string() }),
  z.object({ type: z.literal('registered.timed-out'), agent, limitMs: z.number() }),
  z.object({ type: z.literal('registered.completing'), agent, commit: z.string().nullable() }),
  z.object({ type: z.literal('registered.completed'), agent }),
  z.object({
    type: z.literal('registered.terminated'),
    agent,
    cause: z.enum(TERMINATION_CAUSES),
    detail: z.string(),
    /** What its process, if it told one, is to be sent. */
    signal: z.enum(['SIGTERM', 'SIGKILL']).nullable(),
  }),
  z.object({ type: z.literal('registered.signalled'), agent }),
] as const
