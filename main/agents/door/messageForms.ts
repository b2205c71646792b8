import { z } from 'zod'
import { MESSAGE_KINDS, type MESSAGE_TYPES, type MessageKind } from '../../domain/talk/message.ts'

/**
 * The forms in which agents say a message, made into the flat one: that of the devops framework (`type` says the kind,
 * `payload` holds anything), that of the coordination framework (header, body, metadata), and the phase report.
 */

export interface Speaker {
  /** Is it one of the sender's own names? */
  readonly isSelf: (name: string) => boolean
  /** Does this number or id name a message of the run? */
  readonly isKnown: (reference: string) => boolean
}

type Fields = Readonly<Record<string, unknown>>

/** Still with who says it. */
interface Flat {
  readonly fields: Fields
}

export type Form =
  | { readonly ok: true; readonly draft: Fields }
  | {
      readonly ok: false
      readonly code: 'bad-request' | 'not-allowed'
      readonly reason: string
      readonly remedy: string
    }

/** What the devops framework's types mean here; `to` is who gets it when nobody is named. */
const KINDS: Readonly<
  Record<string, { type: (typeof MESSAGE_TYPES)[number]; priority: number; to: string }>
> = {
  emergency: { type: 'ALERT', priority: 0, to: 'all' },
  error: { type: 'ALERT', priority: 1, to: 'person' },
  task_complete: { type: 'UPDATE', priority: 2, to: 'agent.results' },
  request_help: { type: 'REQUEST', priority: 1, to: 'help' },
  status_update: { type: 'UPDATE', priority: 3, to: 'agent.results' },
  phase_report: { type: 'UPDATE', priority: 2, to: 'agent.results' },
}

export function draftOf(args: unknown, speaker: Speaker): Form {
  if (!isFields(args))
    return bad('a message is a JSON object', 'Send one with to, type and content; see docs/agents.md.')
  const flat = 'header' in args || 'body' in args ? fromSections(args, speaker) : fromFlat(args)
  if (!('fields' in flat)) return flat
  const { from, ...draft } = flat.fields
  if (from !== undefined && (typeof from !== 'string' || !speaker.isSelf(from)))
    return {
      ok: false,
      code: 'not-allowed',
      reason: 'from names somebody else',
      remedy: 'Leave it out: whose door it is says who sends.',
    }
  return { ok: true, draft: clean(draft) }
}

function fromFlat(args: Fields): Flat | Form {
  if ('phase' in args && ('agent' in args || 'checkpoint_validated' in args)) return phaseReport(args)
  const { type, payload, ...rest } = args
  const kind = typeof type === 'string' ? type.toLowerCase().replaceAll('-', '_') : ''
  if (!Object.hasOwn(KINDS, kind)) {
    const word = typeof type === 'string' ? type.toUpperCase() : type
    return { fields: { ...rest, type: word, ...withPayload(payload) } }
  }
  const { to, ...meaning } = KINDS[kind]!
  const skills = isFields(payload) && Array.isArray(payload['skills']) ? { skills: payload['skills'] } : {}
  const said = { subject: subjectOf(kind, payload), content: contentOf(payload), to }
  return { fields: { ...said, ...skills, ...meaning, kind, ...withPayload(payload), ...rest } }
}

/** The fifth seed's report at the end of a phase: all of it is the payload. */
function phaseReport({ agent, to, ...report }: Fields): Flat | Form {
  const { phase } = report
  if (typeof phase !== 'string' || phase === '')
    return bad('phase: a report names its phase in words', 'Say it like "phase_8_complete".')
  const { type, priority, to: topic } = KINDS['phase_report']!
  const ready = report['checkpoint_validated']
  const checked = typeof ready === 'boolean' ? ` (checkpoint ${ready ? 'validated' : 'not validated'})` : ''
  const said = { subject: `${phase.slice(0, 150)}${checked}`, payload: JSON.stringify(report) }
  return { fields: { from: agent, to: to ?? topic, type, priority, kind: 'phase_report', ...said } }
}

/** Header, body and metadata. Its time is when the engine takes it; `id` is how the sender calls it. */
function fromSections(args: Fields, speaker: Speaker): Flat | Form {
  const { header, body = {}, metadata = {}, ...rest } = args
  const sections: readonly (readonly [string, unknown, readonly string[]])[] = [
    ['header', header, ['id', 'from', 'to', 'timestamp', 'priority', 'type']],
    ['body', body, ['subject', 'content', 'artifacts', 'dependencies', 'payload']],
    ['metadata', metadata, ['correlation_id', 'thread_id', 'tags', 'beadsTaskId']],
  ]
  for (const [name, section, known] of sections) {
    if (!isFields(section)) return bad(`${name}: it has to be an object`, `It holds: ${known.join(', ')}.`)
    const odd = Object.keys(section).find((key) => !known.includes(key))
    if (odd !== undefined)
      return bad(`${name}.${odd}: there is no such field`, `It holds: ${known.join(', ')}.`)
  }
  const { id, timestamp: _, ...head } = header as Fields
  const { payload, ...said } = body as Fields
  const { correlation_id: correlation, thread_id: thread, tags, beadsTaskId } = metadata as Fields
  const about = { tags, beadsTaskId, ...correlationOf(id, correlation, thread, head['type'], speaker) }
  return { fields: { ...rest, ...head, ...said, ...withPayload(payload), ...about } }
}

/** An answer names what it answers. Anything else brings the id by which its own answer will name it. */
function correlationOf(
  id: unknown,
  correlation: unknown,
  thread: unknown,
  type: unknown,
  { isKnown }: Speaker,
): Fields {
  if (typeof correlation !== 'string') return { ref: id, correlation, thread }
  const isAnswer = typeof type === 'string' && type.toUpperCase() === 'RESPONSE'
  if (isAnswer || isKnown(correlation)) return { ref: id, correlation, thread }
  return { ref: correlation, thread: thread ?? correlation }
}

function withPayload(payload: unknown): Fields {
  if (payload === undefined || payload === null) return {}
  return { payload: JSON.stringify(payload) }
}

function subjectOf(kind: string, payload: unknown): string {
  const named = isFields(payload) ? (payload['subject'] ?? payload['title']) : undefined
  return typeof named === 'string' ? named.slice(0, 200) : kind.replaceAll('_', ' ')
}

/** A text that is there anyway is shown as such. */
function contentOf(payload: unknown): string {
  if (typeof payload === 'string') return payload
  const message = isFields(payload) ? (payload['message'] ?? payload['text']) : undefined
  return typeof message === 'string' ? message : ''
}

const PRIORITY_WORDS = ['urgent', 'high', 'normal', 'low'] as const

/** `P0`, `p0`, `0` and words to 0 to 3; anything else stays for the schema to refuse. */
function priorityOf(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const digit = /^p?([0-3])$/i.exec(value.trim())?.[1]
  if (digit !== undefined) return Number(digit)
  const at = (PRIORITY_WORDS as readonly string[]).indexOf(value.trim().toLowerCase())
  return at < 0 ? value : at
}

function artifactOf(value: unknown): unknown {
  if (typeof value === 'string') return { path: value, type: 'document', hash: null, bytes: null }
  if (!isFields(value)) return value
  const type = value['type'] === 'doc' ? 'document' : value['type']
  return { hash: null, bytes: null, ...value, type }
}

/** Numbers name messages as well as texts do; what is undefined is left out; names of types in any case. */
function clean(draft: Fields): Fields {
  const cleaned = Object.entries(draft).flatMap(([key, value]): [string, unknown][] => {
    if (value === undefined) return []
    if (key === 'priority') return [[key, priorityOf(value)]]
    if (key === 'artifacts' && Array.isArray(value)) return [[key, value.map(artifactOf)]]
    if (key === 'correlation' && typeof value === 'number') return [[key, String(value)]]
    if (key === 'kind' && typeof value === 'string') return [[key, value.toLowerCase()]]
    if (key === 'type' && typeof value === 'string') return [[key, value.toUpperCase()]]
    return [[key, value]]
  })
  return Object.fromEntries(cleaned)
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function bad(reason: string, remedy: string): Form {
  return { ok: false, code: 'bad-request', reason, remedy }
}

const lenientArtifact = z.preprocess(
  artifactOf,
  z.object({
    path: z.string(),
    type: z.enum(['code', 'config', 'document']),
    hash: z.string().nullable(),
    bytes: z.number().nullable(),
  }),
)

/** Fields of a message that verbs other than `send` take beside their own. */
export const draftFields = {
  kind: z.enum(MESSAGE_KINDS as unknown as readonly [MessageKind, ...MessageKind[]]).optional(),
  priority: z.preprocess(
    priorityOf,
    z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]).default(2),
  ),
  subject: z.string().default(''),
  payload: z.preprocess(
    (value) => (value === undefined || value === null ? null : JSON.stringify(value)),
    z.string().nullable().default(null),
  ),
  artifacts: z.array(lenientArtifact).default([]),
  thread: z.string().nullable().default(null),
  tags: z.array(z.string()).default([]),
  ref: z.string().nullable().default(null),
  options: z.array(z.string()).default([]),
}
