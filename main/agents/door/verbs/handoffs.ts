import { z } from 'zod'
import { type Handoff, type HandoffDocument, handoffDocumentSchema } from '../../../domain/talk/handoff.ts'
import { parseHandoff } from '../../../domain/talk/handoffText.ts'
import { artifactRefSchema } from '../../../domain/talk/message.ts'
import { type Call, Refused, reused } from '../call.ts'
import { answer, type DoorReply } from '../door.ts'
import { issuesText } from '../issues.ts'
import { isOwnName, partyName, type Standing, taskNames } from '../standing.ts'
import { beginWaiting } from './mail.ts'
import { newest, type Verb, verb, waitSchema } from './verb.ts'

const handoff = z.string().regex(/^h\d+$/, 'a hand-off is named like h3')

const artifact = artifactRefSchema.extend({
  type: z.preprocess((value) => (value === 'doc' ? 'document' : value), artifactRefSchema.shape.type),
  hash: artifactRefSchema.shape.hash.default(null),
  bytes: artifactRefSchema.shape.bytes.default(null),
  status: z.enum(['final', 'draft']).default('final'),
})
const documentArgs = z.strictObject({
  ...handoffDocumentSchema.shape,
  artifacts: z.array(artifact).max(100).default([]),
})

/** Work that goes from one agent to another. */
export const HANDOFF_VERBS: Readonly<Record<string, Verb>> = {
  handoff: verb({
    about:
      'Hands work over: a document as JSON or as the Markdown template; with wait until its checks are through.',
    args: z.strictObject({
      document: z.unknown().optional(),
      markdown: z
        .string()
        .max(256 * 1024)
        .optional(),
      /** A returned one that is tried again. */
      handoff: handoff.nullable().default(null),
      wait: waitSchema,
    }),
    changes: true,
    read: nested,
    run: async (call, { document, markdown, handoff: returned, wait }) => {
      const parsed = markdown === undefined ? documentOf(document) : fromMarkdown(call.standing, markdown)
      const { handoff: id } = await call.command({
        type: 'agent.hand-off',
        handoff: returned,
        document: parsed,
      })
      if (id === undefined) throw reused()
      await call.wait(wait, (standing) => handoffOf(standing, id).state !== 'initiated' || undefined)
      return show(call, id)
    },
  }),
  handoffs: verb({
    about: 'Lists the newest hand-offs you give or get, with their documents, checks and questions.',
    args: z.strictObject({ handoff: handoff.optional() }),
    changes: false,
    run: async (call, { handoff: id }) => {
      if (id !== undefined) return show(call, id)
      const { standing } = call
      const own = standing.run.talk.handoffs.filter((one) => isParty(standing, one))
      const { items, left } = newest(own, (one) => handoffJson(standing, one))
      return answer({ handoffs: items, left })
    },
  }),
  accept: verb({
    about: 'Takes a hand-off over: it is your work now.',
    args: z.strictObject({ handoff }),
    changes: true,
    run: async (call, { handoff: id }) => {
      await call.command({ type: 'agent.accept', handoff: id })
      return show(call, id)
    },
  }),
  decline: verb({
    about: 'Gives a hand-off back, with the reason.',
    args: z.strictObject({ handoff, reason: z.string().min(1).max(2_000) }),
    changes: true,
    run: async (call, { handoff: id, reason }) => {
      await call.command({ type: 'agent.decline', handoff: id, reason })
      return show(call, id)
    },
  }),
  clarify: verb({
    about: 'Asks the giver of a hand-off something; with wait until it is answered.',
    args: z.strictObject({ handoff, question: z.string().min(1).max(4_000), wait: waitSchema }),
    changes: true,
    run: async (call, { handoff: id, question, wait }) => {
      await call.command({ type: 'agent.clarify', handoff: id, question })
      if (wait > 0 && handoffOf(call.standing, id).state === 'clarifying')
        await beginWaiting(call, id, wait, 'it was asked, but ')
      await call.wait(wait, (standing) => handoffOf(standing, id).state !== 'clarifying' || undefined)
      return show(call, id)
    },
  }),
  clarified: verb({
    about: 'Answers what the receiver of your hand-off asked.',
    args: z.strictObject({ handoff, answer: z.string().min(1).max(16_000) }),
    changes: true,
    run: async (call, { handoff: id, answer: words }) => {
      await call.command({ type: 'agent.clarified', handoff: id, answer: words })
      return show(call, id)
    },
  }),
}

/** A document may be given as it is, beside `wait` and `handoff`. */
function nested(args: unknown): unknown {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return args
  if ('document' in args || 'markdown' in args || !('title' in args)) return args
  const { wait, handoff: id, ...document } = args as Record<string, unknown>
  return { document, ...(wait === undefined ? {} : { wait }), ...(id === undefined ? {} : { handoff: id }) }
}

function documentOf(document: unknown): HandoffDocument {
  if (document === undefined)
    throw new Refused('bad-request', 'one of document and markdown is needed', 'See docs/agents.md.')
  const parsed = documentArgs.safeParse(document)
  if (parsed.success) return parsed.data
  const known = Object.keys(documentArgs.shape).join(', ')
  throw new Refused('bad-request', `document: ${issuesText(parsed.error)}`, `A document holds: ${known}.`)
}

function fromMarkdown(standing: Standing, text: string): HandoffDocument {
  const parsed = parseHandoff(text)
  if (!parsed.ok)
    throw new Refused('bad-request', `markdown, line ${parsed.line}: ${parsed.reason}`, parsed.remedy)
  if (parsed.from !== null && !isOwnName(standing, parsed.from))
    throw new Refused(
      'not-allowed',
      'markdown: From names somebody else',
      `Leave it out, or say ${standing.name}.`,
    )
  return parsed.document
}

function isParty({ task }: Standing, { from, to }: Handoff): boolean {
  return from === task || to === task
}

function handoffOf({ run }: Standing, id: string | undefined): Handoff {
  const found = run.talk.handoffs.find((one) => one.id === id)
  if (found !== undefined) return found
  throw new Refused('unknown', 'there is no such hand-off', '"handoffs" lists yours.')
}

function show(call: Call, id: string | undefined): DoorReply {
  const { standing } = call
  const found = handoffOf(standing, id)
  if (!isParty(standing, found))
    throw new Refused('not-allowed', `${found.id} is between others`, '"handoffs" lists yours.')
  return answer(handoffJson(standing, found))
}

function handoffJson({ run, task }: Standing, one: Handoff): Readonly<Record<string, unknown>> {
  return {
    handoff: one.id,
    state: one.state,
    yours: one.from === task ? 'given' : 'received',
    from: partyName(run, { kind: 'task', task: one.from, attempt: one.attempt }),
    to: taskNames(run, [one.to])[0],
    at: new Date(one.initiatedAt).toISOString(),
    document: one.document,
    checks: one.checks,
    clarifications: one.clarifications,
    reason: one.reason,
  }
}
