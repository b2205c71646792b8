import { z } from 'zod'
import { clientCommandSchema } from '../domain/commands.ts'
import type { AttemptId, CommandId, ProjectId, RunId } from '../domain/ids.ts'
import { TARGET_PARTS } from '../domain/points/point.ts'

/** What the server accepts on the socket. Apart from the protocol so that clients start without the schema library. */
const id = <T extends string>() =>
  z
    .string()
    .min(1)
    .max(200)
    .transform((value) => value as T)
const count = z.int().min(0)
const none = z.strictObject({})

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
  history: z.strictObject({ after: count, limit: z.int().min(1).max(100_000), run: id<RunId>().optional() }),
  runs: z.strictObject({
    project: id<ProjectId>().optional(),
    limit: z.int().min(1).max(100_000).optional(),
  }),
  tasks: z.strictObject({ run: id<RunId>() }),
  input: z.strictObject({ attempt: id<AttemptId>(), data: z.base64() }),
  resize: z.strictObject({
    attempt: id<AttemptId>(),
    columns: z.int().min(1).max(10_000),
    rows: z.int().min(1).max(10_000),
  }),
  diff: z.strictObject({ project: id<ProjectId>(), run: id<RunId>() }),
  patch: z.strictObject({ project: id<ProjectId>(), hash: z.string().max(200) }),
  targetSight: z.strictObject({
    project: id<ProjectId>(),
    target: z.string().max(200),
    aside: z.boolean().optional(),
  }),
  commitsBetween: z.strictObject({
    project: id<ProjectId>(),
    from: z.string().max(100),
    to: z.string().max(100),
  }),
  rollbackPreview: z.strictObject({
    project: id<ProjectId>(),
    target: z.string().max(200).nullable(),
    point: z.string().max(100),
    parts: z.array(z.enum(TARGET_PARTS)).optional(),
  }),
  rebuildContext: z.strictObject({ project: id<ProjectId>() }),
  usage: none,
  health: none,
  vitals: none,
  series: z.strictObject({
    project: id<ProjectId>().nullable(),
    measure: z.string().min(1).max(200),
    role: z.string().max(200).nullable(),
    from: z.number().optional(),
    limit: z.int().min(1).max(10_000).optional(),
  }),
} as const

export const streamSchemas = {
  events: z.strictObject({ from: count }),
  terminal: z.strictObject({ attempt: id<AttemptId>(), from: z.int(), follow: z.boolean() }),
} as const

export type CallArgs<C extends keyof typeof callSchemas> = z.output<(typeof callSchemas)[C]>
