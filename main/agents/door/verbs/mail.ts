import { z } from 'zod'
import { messageDraftSchema } from '../../../domain/talk/message.ts'
import { find } from '../../../domain/talk/messageLog.ts'
import { correlated } from '../../../domain/talk/sending.ts'
import { type Call, Refused, reused } from '../call.ts'
import { answer, type DoorReply } from '../door.ts'
import { DOOR_LIMITS } from '../limits.ts'
import { draftFields, draftOf } from '../messageForms.ts'
import { isOwnName, type Standing, taskNames } from '../standing.ts'
import { type MessageJson, messageJson } from './messageJson.ts'
import { type Verb, verb, waitSchema, word } from './verb.ts'

const numbers = z.array(z.number().int().min(1)).min(1).max(100)

/** Messages: sending, reading, asking, answering. */
export const MAIL_VERBS: Readonly<Record<string, Verb>> = {
  send: verb({
    about: 'Sends a message, in the flat form or one of the frameworks’ own.',
    args: z.strictObject(messageDraftSchema.shape),
    changes: true,
    read: (args, call) => canonical(args, call),
    run: async (call, message) => {
      const { message: number } = await call.command({ type: 'agent.send', message })
      if (number === undefined) throw reused()
      return answer({ message: number, recipients: recipientsOf(call, number) })
    },
  }),
  inbox: verb({
    about: 'Gives the messages you have not handled, oldest first; with wait until there is one.',
    args: z.strictObject({
      wait: waitSchema,
      limit: z.number().int().min(1).max(100).default(20),
      /** Only messages with a greater number: to wait for more while some are being worked on. */
      after: z.number().int().min(0).default(0),
    }),
    changes: false,
    run: inbox,
  }),
  handled: verb({
    about: 'Says that messages are dealt with; they are not given again.',
    args: z.strictObject({
      messages: z.union([
        numbers,
        z
          .number()
          .int()
          .min(1)
          .transform((n) => [n]),
      ]),
    }),
    changes: true,
    run: async (call, { messages }) => {
      await call.again({ type: 'agent.handle', messages })
      return answer({ left: inboxOf(call.standing).length })
    },
  }),
  ask: verb({
    about: 'Sends a request and waits for its answer; repeated with the same Request-Id it waits on.',
    args: z.strictObject({
      ...draftFields,
      to: word,
      text: z.string().min(1),
      wait: waitSchema,
    }),
    changes: true,
    run: (call, { text, wait, ...draft }) =>
      request(call, { ...draft, type: 'REQUEST', kind: 'question', content: text }, wait),
  }),
  'need-human': verb({
    about: 'Asks a person, in words or with options to choose from, and waits for the answer.',
    args: z.strictObject({
      question: z.string().min(1).max(4_000),
      options: z.array(word).max(20).default([]),
      priority: draftFields.priority,
      wait: waitSchema,
    }),
    changes: true,
    run: (call, { question, options, priority, wait }) =>
      request(
        call,
        { to: 'person', type: 'REQUEST', kind: 'question', content: question, options, priority },
        wait,
      ),
  }),
  answer: verb({
    about: 'Answers a message, which is then handled.',
    args: z.strictObject({
      ...draftFields,
      message: z.union([z.number().int().min(1), word]),
      text: z.string().default(''),
    }),
    changes: true,
    run: async (call, { message, text, ...draft }) => {
      const { message: number } = await call.command({
        type: 'agent.send',
        message: { ...draft, to: 'sender', type: 'RESPONSE', correlation: String(message), content: text },
      })
      return answer({ message: number, recipients: recipientsOf(call, number) })
    },
  }),
  join: verb({
    about: 'Joins a channel (#name) or topic (name.name): its messages come to your inbox.',
    args: z.strictObject({ channel: word }),
    changes: true,
    run: async (call, { channel }) => {
      await call.command({ type: 'agent.join', channel })
      return answer({ channel })
    },
  }),
  leave: verb({
    about: 'Leaves a channel or topic.',
    args: z.strictObject({ channel: word }),
    changes: true,
    run: async (call, { channel }) => {
      await call.command({ type: 'agent.leave', channel })
      return answer({ channel })
    },
  }),
}

function canonical(args: unknown, call: Call): unknown {
  const { standing } = call
  const form = draftOf(args, {
    isSelf: (name) => isOwnName(standing, name),
    isKnown: (reference) => correlated(standing.run, reference) !== undefined,
  })
  if (form.ok) return form.draft
  throw new Refused(form.code, form.reason, form.remedy)
}

function inboxOf({ run, task }: Standing): readonly number[] {
  return run.tasks.get(task)!.inbox
}

function recipientsOf(call: Call, number: number | undefined): readonly string[] {
  const { run } = call.standing
  const message = number === undefined ? undefined : find(run.talk.messages, number)
  if (message === undefined) return []
  return [...taskNames(run, message.recipients), ...(message.toPerson ? ['person'] : [])]
}

async function inbox(
  call: Call,
  { wait, limit, after }: { readonly wait: number; readonly limit: number; readonly after: number },
): Promise<DoorReply> {
  await call.wait(wait, (standing) => inboxOf(standing).some((number) => number > after) || undefined)
  const { standing } = call
  const { run, task } = standing
  const waiting = inboxOf(standing)
  const wanted = waiting.filter((number) => number > after).slice(0, limit)
  const messages: MessageJson[] = []
  let bytes = 0
  for (const number of wanted) {
    const message = find(run.talk.messages, number)
    if (message === undefined) continue
    const json = await messageJson(call, run, message)
    bytes += Buffer.byteLength(JSON.stringify(json))
    if (messages.length > 0 && bytes > DOOR_LIMITS.inboxBytes) break
    messages.push(json)
  }
  const last = messages.at(-1)?.number
  if (last !== undefined) {
    // The oldest are marked as handed over, up to the last one given here.
    const count = Math.min(100, waiting.indexOf(last) + 1)
    const isNew = wanted.some((number) => !find(run.talk.messages, number)!.delivered.includes(task))
    if (isNew) await call.again({ type: 'agent.take', limit: count })
  }
  return answer({ messages, left: waiting.length - messages.length })
}

/**
 * Sends a request and waits for its answer. The answer stays in the inbox until the agent says it has handled it: a
 * crash between getting it and using it loses nothing, and the same Request-Id gives it again.
 */
async function request(
  call: Call,
  draft: Readonly<Record<string, unknown>>,
  wait: number,
): Promise<DoorReply> {
  const { message: number } = await call.command({ type: 'agent.send', message: messageOf(draft) })
  if (number === undefined) throw reused()
  if (wait > 0 && answerTo(call.standing, number) === undefined)
    await beginWaiting(call, `m${number}`, wait, `message ${number} was sent, but `)
  const found = await call.wait(wait, (standing) => answerTo(standing, number))
  const { run } = call.standing
  const response = found === undefined ? undefined : find(run.talk.messages, found)
  if (response !== undefined)
    return answer({ message: number, answered: true, answer: await messageJson(call, run, response) })
  const asked = find(run.talk.messages, number)
  if (asked === undefined || found !== undefined)
    throw new Refused('not-now', `message ${number} was answered and dealt with long ago`, 'Ask anew.')
  return answer({ message: number, answered: false, answer: null, overdue: asked.overdue })
}

/** Puts on record that the agent does nothing else until there is an answer: a wait that would never end is refused. */
export async function beginWaiting(call: Call, on: string, seconds: number, before: string): Promise<void> {
  try {
    await call.again({ type: 'agent.await', on, seconds })
  } catch (error) {
    if (!(error instanceof Refused) || error.reply.status !== 409) throw error
    const remedy = 'Go on without waiting; the answer will come to your inbox.'
    throw new Refused('not-now', `${before}${error.message}`, remedy)
  }
}

function messageOf(draft: Readonly<Record<string, unknown>>): z.output<typeof messageDraftSchema> {
  const parsed = messageDraftSchema.safeParse(draft)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  const place = issue.path.join('.').replace('content', 'text')
  throw new Refused('bad-request', `${place}: ${issue.message}`, 'Mend it and call again.')
}

/** The number of the first answer to a message. */
function answerTo(standing: Standing, number: number): number | undefined {
  const { messages } = standing.run.talk
  const asked = find(messages, number)
  if (asked !== undefined) return asked.answer ?? undefined
  return inboxOf(standing).find((other) => find(messages, other)?.answers === number)
}
