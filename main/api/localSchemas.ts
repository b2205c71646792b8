import { z } from 'zod'
import { count, historyUpTo, id, none, queries, resizeUpTo, runsUpTo } from '../../preload/queries.ts'
import { clientCommandSchema } from '../domain/commands.ts'
import type { AttemptId, CommandId, ProjectId } from '../domain/ids.ts'

/** What the server accepts on the socket. Apart from the protocol so that clients start without the schema library. */
export const requestSchema = z.object({ id: z.int().min(1), call: z.string(), args: z.unknown() })

export const callSchemas = {
  dispatch: z
    .strictObject({
      command: clientCommandSchema,
      actor: z
        .string()
        .regex(/^(?:person|hook):.{1,100}$/, 'must be person:<name>')
        .optional(),
      id: id<CommandId>().optional(),
    })
    // Another process may take alerts in for the engine. Whoever sends those says nothing else.
    .refine(({ actor, command }) => !actor?.startsWith('hook:') || command.type === 'alerts.receive', {
      path: ['actor'],
      error: 'must be person:<name>; hook:<name> sends alerts only',
    }),
  snapshot: none,
  history: historyUpTo(100_000),
  runs: runsUpTo(100_000),
  ...queries,
  input: z.strictObject({ attempt: id<AttemptId>(), data: z.base64() }),
  resize: resizeUpTo(10_000),
  rebuildContext: z.strictObject({ project: id<ProjectId>() }),
} as const

export const streamSchemas = {
  events: z.strictObject({ from: count }),
  terminal: z.strictObject({ attempt: id<AttemptId>(), from: z.int(), follow: z.boolean() }),
} as const

export type CallArgs<C extends keyof typeof callSchemas> = z.output<(typeof callSchemas)[C]>
