import type { IncomingMessage, ServerResponse } from 'node:http'
import type { DoorOf } from '../../engine/ports/doors.ts'

/** The door's protocol, whatever carries it: HTTP over a unix socket or TCP, or files. docs/agents.md says it to agents. */

/** Raised when what a verb takes or answers changes so that older clients break. */
export const PROTOCOL = 1

/** One attempt's way to talk back, open. */
export interface Door {
  readonly of: DoorOf
  /** On the host; the agent sees it read-only. Replies by file go to its `replies/`. */
  readonly folder: string
  /** The project's context on the host. */
  readonly context: string
  /** Aborted when nobody answers here any more: the attempt is over, or the engine stops. */
  readonly closed: AbortSignal
}

export interface DoorRequest {
  readonly verb: string
  /** JSON as it came in. Size and depth were bounded by whoever read it (`parseJson`). */
  readonly args: unknown
  /** What a repeated call is known by; needed by verbs that change something. */
  readonly requestId: string | null
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** Bytes that an agent brings; they are stored under `name` and published. */
export interface DoorUpload {
  readonly name: string
  /** `code`, `config` or `document`; guessed from the name when null. */
  readonly type: string | null
  readonly data: AsyncIterable<Uint8Array>
  readonly requestId: string | null
  readonly signal: AbortSignal
}

export type DoorBody =
  | ({ readonly ok: true } & Readonly<Record<string, unknown>>)
  | { readonly ok: false; readonly code: RefusalCode; readonly reason: string; readonly remedy: string }

export interface DoorReply {
  readonly status: number
  readonly body: DoorBody
  /** With 429 and 503: when to try again, seconds. */
  readonly retryAfter?: number
  /** Stored bytes that are the answer; `body` then says what they are. */
  readonly file?: { readonly path: string; readonly bytes: number; readonly hash: string }
}

/** Every way in leads here. Never throws. */
export interface DoorService {
  /** Counts calls beside those of verbs (MCP's own, large ones) against the agent's rate; the refusal when it is too much. */
  admit(door: Door, calls?: number): DoorReply | undefined
  call(door: Door, request: DoorRequest): Promise<DoorReply>
  upload(door: Door, upload: DoorUpload): Promise<DoorReply>
}

/** A further way in, made for each door when it opens (the spool of files). */
export type DoorTransport = (door: Door, service: DoorService) => Promise<{ close(): Promise<void> }>

/** Answers `POST /mcp`; `body` is the JSON that was sent. May throw: the connection then ends. */
export type DoorMcp = (
  door: Door,
  service: DoorService,
  request: IncomingMessage,
  response: ServerResponse,
  body: unknown,
) => Promise<void>

const STATUS_OF = {
  'bad-request': 400,
  unauthorized: 401,
  'not-allowed': 403,
  unknown: 404,
  'not-now': 409,
  over: 410,
  'too-large': 413,
  'too-many': 429,
  internal: 500,
  unavailable: 503,
} as const
export type RefusalCode = keyof typeof STATUS_OF

/** A call that is not carried out; `reason` and `remedy` are for the agent to read. */
export function refuse(code: RefusalCode, reason: string, remedy: string, retryAfter?: number): DoorReply {
  const body = { ok: false, code, reason, remedy } as const
  return { status: STATUS_OF[code], body, ...(retryAfter === undefined ? {} : { retryAfter }) }
}

export function answer(fields: Readonly<Record<string, unknown>> = {}): DoorReply {
  return { status: 200, body: { ...fields, ok: true } }
}

/** `Request-Id`: what names a call that may be repeated. */
export const REQUEST_ID = /^[A-Za-z0-9_-]{1,64}$/
