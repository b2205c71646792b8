import { z } from 'zod'
import { clientCommandSchema } from '../main/domain/commands.ts'
import type { AttemptId, CommandId, RunId } from '../main/domain/ids.ts'
import { CHECK_IDS, type MessageName, type Messages, type RequestName, VIEWS } from './contract.ts'
import { count, historyUpTo, id, none, queries, resizeUpTo, runsUpTo } from './queries.ts'

/** The two maps as schemas: the host checks what pages ask, the pages check what they are told. */
const stream = z.int().min(1)
const path = z.string().min(1).max(4_096)

/** Longest text that can be typed or pasted into a terminal at once. */
const MAX_INPUT = 1_000_000

export const requestSchemas = {
  host: none,
  snapshot: none,
  dispatch: z.strictObject({ command: clientCommandSchema, id: id<CommandId>().optional() }),
  history: historyUpTo(20_000),
  runs: runsUpTo(10_000),
  ...queries,
  input: z.strictObject({ attempt: id<AttemptId>(), data: z.string().max(MAX_INPUT) }),
  resize: resizeUpTo(1_000),
  follow: z.strictObject({ stream, from: count }),
  output: z.strictObject({ stream, attempt: id<AttemptId>(), from: z.int(), follow: z.boolean() }),
  ack: z.strictObject({ stream, weight: count }),
  close: z.strictObject({ stream }),
  checks: none,
  mend: z.strictObject({ check: z.enum(CHECK_IDS) }),
  browse: z.strictObject({ path: path.nullable() }),
  project: z.strictObject({ path }),
  init: z.strictObject({ path }),
  start: z.strictObject({
    root: path,
    epic: z.string().min(1).max(200),
    runner: z.string().max(20).optional(),
    maxAgents: z.int().min(1).max(9_999).optional(),
  }),
  spawn: z.strictObject({
    root: path,
    role: z.string().min(1).max(200),
    command: z.string().min(1).max(100_000),
    writes: z.array(z.string().max(1_000)).max(1_000).optional(),
  }),
} as const satisfies Readonly<Record<RequestName, z.ZodType>>

const failure = z.object({
  name: z.string(),
  message: z.string(),
  kind: z.string().optional(),
  remedy: z.string().optional(),
})

/** Envelopes only: what is inside events was checked when it was made. */
export const messageSchemas = {
  events: z.object({
    stream,
    events: z.array(z.custom<Messages['events']['events'][number]>(isEnvelope)),
  }),
  output: z.object({ stream, offset: count, data: z.instanceof(Uint8Array) }),
  ended: z.object({ stream, error: failure.nullable() }),
  connection: z.discriminatedUnion('status', [
    z.object({ status: z.literal('connected'), enginePid: z.int() }),
    z.object({ status: z.literal('lost'), reason: z.string(), remedy: z.string() }),
  ]),
  progress: z.object({ of: z.string(), line: z.string() }),
  goto: z.object({
    view: z.enum(VIEWS),
    run: id<RunId>().optional(),
    task: z.string().optional(),
    at: z.string().optional(),
  }),
} as const satisfies Readonly<Record<MessageName, z.ZodType>>

export const replySchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({ ok: z.literal(false), error: failure }),
])

function isEnvelope(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'seq' in value && 'data' in value
}

export function isRequestName(name: string): name is RequestName {
  return Object.hasOwn(requestSchemas, name)
}

export function isMessageName(name: string): name is MessageName {
  return Object.hasOwn(messageSchemas, name)
}
