import { z } from 'zod'

/**
 * What agents, people and the engine say to each other in a run. A message is numbered in its run, in the order the
 * engine took it; that order is the order of every pair of sender and receiver.
 */

export const MESSAGE_TYPES = ['REQUEST', 'RESPONSE', 'UPDATE', 'ALERT'] as const
export type MessageType = (typeof MESSAGE_TYPES)[number]

/** What a message is about, in the words of the devops framework; the engine's own are added. */
export const MESSAGE_KINDS = [
  'task_complete',
  'error',
  'request_help',
  'status_update',
  'emergency',
  'phase_report',
  'handoff',
  'question',
  'vote',
  'digest',
  'sync_point',
  'conflict',
  'notice',
] as const
export type MessageKind = (typeof MESSAGE_KINDS)[number]

/** 0 is the most urgent. Not the scale of tasks (0 to 5) nor that of incidents. */
export const MESSAGE_PRIORITIES = [0, 1, 2, 3] as const
export type MessagePriority = (typeof MESSAGE_PRIORITIES)[number]

export const ARTIFACT_TYPES = ['code', 'config', 'document'] as const
export type ArtifactType = (typeof ARTIFACT_TYPES)[number]

/** What one message may hold, in UTF-16 units or entries. Larger things travel as artifacts. */
export const MESSAGE_LIMITS = {
  subject: 200,
  content: 64 * 1024,
  payload: 64 * 1024,
  artifacts: 50,
  dependencies: 50,
  tags: 20,
  /** Of a name, path, tag, thread or reference. */
  word: 200,
  path: 1_000,
} as const

const word = z.string().min(1).max(MESSAGE_LIMITS.word)

export const artifactRefSchema = z.object({
  path: z.string().min(1).max(MESSAGE_LIMITS.path),
  type: z.enum(ARTIFACT_TYPES),
  /** SHA-256 of its bytes, 64 hex digits; null for one that is only named. */
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  bytes: z.number().int().min(0).nullable(),
})
export type ArtifactRef = z.infer<typeof artifactRefSchema>

const messageDependencySchema = z.object({
  agent: word,
  artifact: word,
  status: z.enum(['required', 'optional']),
})

/** What a sender says; the engine adds number, sender, receivers and time. */
export const messageDraftSchema = z.object({
  /** An agent, task, role, registry id, `#channel`, topic (`agent.results`), `all`, `person` or `help`. */
  to: word,
  type: z.enum(MESSAGE_TYPES),
  kind: z.enum(MESSAGE_KINDS).nullable().default(null),
  priority: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]).default(2),
  subject: z.string().max(MESSAGE_LIMITS.subject).default(''),
  /** Markdown. */
  content: z.string().max(MESSAGE_LIMITS.content).default(''),
  /** JSON, as text; null for none. */
  payload: z.string().max(MESSAGE_LIMITS.payload).nullable().default(null),
  artifacts: z.array(artifactRefSchema).max(MESSAGE_LIMITS.artifacts).default([]),
  dependencies: z.array(messageDependencySchema).max(MESSAGE_LIMITS.dependencies).default([]),
  /** The message this answers: its number, or the id its sender gave it. */
  correlation: word.nullable().default(null),
  /** Messages with one thread belong together; by default that of the message this answers, else its own. */
  thread: word.nullable().default(null),
  tags: z.array(word).max(MESSAGE_LIMITS.tags).default([]),
  beadsTaskId: word.nullable().default(null),
  /** The sender's own id for it, a UUID in most cases. */
  ref: word.nullable().default(null),
  /** For `help`: what the helper has to be able to do. */
  skills: z.array(word).max(MESSAGE_LIMITS.tags).default([]),
  /** For a question to a person: answers to choose from; empty for words of their own. */
  options: z.array(word).max(MESSAGE_LIMITS.tags).default([]),
})
export type MessageDraft = z.infer<typeof messageDraftSchema>
export type MessageDraftInput = z.input<typeof messageDraftSchema>

/** Who sent a message. Task numbers index the run's plan. */
export const partySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('task'), task: z.number().int().min(0), attempt: z.number().int().min(1) }),
  z.object({ kind: z.literal('person'), name: z.string() }),
  z.object({ kind: z.literal('engine') }),
  /** Came over a bus from outside the engine. */
  z.object({ kind: z.literal('outside'), name: z.string() }),
])
export type Party = z.infer<typeof partySchema>

/** Characters of content and payload that live state keeps; the whole text is in the log. */
export const EXCERPT = 1_000

/** A message as live state keeps it. */
export interface Message {
  readonly number: number
  /** Sequence number of the event that holds all of it. */
  readonly seq: number
  readonly at: number
  readonly from: Party
  /** As written by the sender. */
  readonly to: string
  /** Tasks it was addressed to when it was sent, by their index in the plan. */
  readonly recipients: readonly number[]
  /** It goes to the person at the control center, too. */
  readonly toPerson: boolean
  readonly type: MessageType
  readonly kind: MessageKind | null
  readonly priority: MessagePriority
  readonly subject: string
  /** The first `EXCERPT` characters. */
  readonly content: string
  readonly payload: string | null
  /** Content or payload are longer than what is here. */
  readonly isCut: boolean
  readonly artifacts: readonly ArtifactRef[]
  readonly dependencies: MessageDraft['dependencies']
  /** Number of the message this answers. */
  readonly answers: number | null
  readonly thread: string
  readonly tags: readonly string[]
  readonly beadsTaskId: string | null
  readonly ref: string | null
  readonly options: readonly string[]
  /** Recipients that have not handled it yet. */
  readonly open: readonly number[]
  /** Recipients it was handed to. */
  readonly delivered: readonly number[]
  /** Recipients that ended without handling it. */
  readonly returned: readonly number[]
  readonly personOpen: boolean
  /** When an answer is due, engine ms; null when none is expected. */
  readonly due: number | null
  /** The first answer to it. */
  readonly answer: number | null
  /** Nobody answered in time, and a person was told. */
  readonly overdue: boolean
}

/** Nobody has anything left to do with it. */
export function isClosed(message: Message): boolean {
  if (message.open.length > 0 || message.personOpen) return false
  if (message.due === null || message.answer !== null) return true
  // A person can answer what they were asked however late, also when they had put it away.
  return message.overdue && !message.toPerson
}
