import { text as readAll } from 'node:stream/consumers'
import {
  MESSAGE_LIMITS,
  type MessageDraftInput,
  type MessagePriority,
  type MessageType,
  messageDraftSchema,
} from '../../domain/talk/message.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'
import { dispatch, theRun, withEngine, withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import type { KnownRun } from '../references.ts'
import { isUnread, messageJson, messageLines } from '../talk/messageLines.ts'
import { readTalk, type SentMessage, type TalkLog } from '../talk/talkLog.ts'

/** `amphi messages [RUN]`, `amphi send RUN TO TEXT` */

export interface MessagesOptions {
  readonly follow?: boolean
  readonly thread?: string
  readonly with?: string
  readonly unread?: boolean
  readonly read?: boolean
}

export async function messages(
  context: Context,
  reference: string | undefined,
  options: MessagesOptions,
): Promise<ExitCode> {
  const work = async (center: ControlCenter): Promise<ExitCode> => {
    const run = await theRun(center, reference)
    const { log, last } = await readTalk(center, run.id)
    const shows = filter(options)
    const shown = [...log.messages.values()].filter(shows)
    for (const message of shown) await print(context, message, run)
    if (shown.length === 0 && !context.out.json && options.follow !== true)
      await context.out.line(log.messages.size === 0 ? 'Nothing was said.' : 'No message is like that.')
    const unread = shown.filter(isUnread).map(({ number }) => number)
    for (let i = 0; options.read === true && i < unread.length; i += 1_000)
      await dispatch(center, { type: 'message.handle', run: run.id, messages: unread.slice(i, i + 1_000) })
    if (options.follow !== true) return EXIT.done
    await followOn(context, center, run, { log, last, shows })
    return EXIT.interrupted
  }
  // Marking as read is something that happens; looking is not.
  if (options.read === true) return withEngine(context, ({ center }) => work(center))
  return withReader(context, work)
}

async function print(context: Context, message: SentMessage, run: KnownRun): Promise<void> {
  const { out } = context
  if (out.json) return out.object(messageJson(message, run.id))
  for (const line of messageLines(message, out.style)) await out.line(line)
}

/** Until it is interrupted. A message is shown when it is sent; what becomes of it is not. */
async function followOn(
  context: Context,
  center: ControlCenter,
  run: KnownRun,
  from: { readonly log: TalkLog; readonly last: number; readonly shows: (message: SentMessage) => boolean },
): Promise<void> {
  const over = new AbortController()
  const stop = (): void => over.abort()
  process.once('SIGINT', stop)
  try {
    for await (const event of center.events(from.last, over.signal)) {
      if (event.run !== run.id) continue
      const message = from.log.add(event)
      if (message !== undefined && from.shows(message)) await print(context, message, run)
    }
  } finally {
    process.off('SIGINT', stop)
  }
}

function filter(options: MessagesOptions): (message: SentMessage) => boolean {
  const { thread, with: who, unread } = options
  return (message) =>
    (thread === undefined || message.thread === thread || `m${message.number}` === thread) &&
    (who === undefined || isWith(message, who)) &&
    (unread !== true || isUnread(message))
}

/** `person`, a task, or one of its attempts (`compile-api#2`) as the sender. */
function isWith(message: SentMessage, who: string): boolean {
  const { from, recipients, toPerson, party } = message
  if (who === 'person') return toPerson || party.kind === 'person'
  return from === who || from.replace(/#\d+$/, '') === who || recipients.includes(who)
}

export interface SendOptions {
  readonly type?: Lowercase<MessageType>
  readonly priority?: string
  readonly subject?: string
  /** `12` or `m12`. */
  readonly reply?: string
  readonly thread?: string
}

export async function send(
  context: Context,
  [reference, to, words]: readonly [run: string, to: string, text: string],
  options: SendOptions,
): Promise<ExitCode> {
  const content = words === '-' ? await readAll(context.stdin) : words
  const message = messageDraftSchema.parse(draftOf(to, content, options))
  return withEngine(context, async (session) => {
    const run = await theRun(session.center, reference)
    const { message: number } = await dispatch(session.center, { type: 'message.send', run: run.id, message })
    if (context.out.json) await context.out.object({ ok: true, run: run.id, message: number })
    else await context.out.line(`m${number} sent to ${to} in ${run.epic}#${run.number}`)
    if (session.host !== undefined)
      context.out.note('No engine was running: agents get it when the run goes on (amphi resume).')
    return EXIT.done
  })
}

/** What does not fit the schema is told before anything is sent. */
function draftOf(to: string, content: string, options: SendOptions): MessageDraftInput {
  if (content.trim() === '') throw new CliError('There is nothing to send: the text is empty.')
  if (content.length > MESSAGE_LIMITS.content)
    throw new CliError(
      `The text has ${content.length} characters; a message holds ${MESSAGE_LIMITS.content}.`,
      'Put it into a file of the repository and name that.',
    )
  for (const [name, value, most] of [
    ['TO', to, MESSAGE_LIMITS.word],
    ['--subject', options.subject ?? '', MESSAGE_LIMITS.subject],
    ['--thread', options.thread ?? '', MESSAGE_LIMITS.word],
  ] as const)
    if (value.length > most) throw new CliError(`${name} is longer than ${most} characters.`)
  if (to === '') throw new CliError('TO is empty.', 'Write to a task, a role, #channel, a topic or all.')
  const { type, priority, subject, reply, thread } = options
  return {
    to,
    content,
    type: type === undefined ? (reply === undefined ? 'UPDATE' : 'RESPONSE') : upper(type),
    ...(priority === undefined ? {} : { priority: Number(priority.replace(/^p/i, '')) as MessagePriority }),
    ...(subject === undefined ? {} : { subject }),
    ...(reply === undefined ? {} : { correlation: numberOf(reply) }),
    ...(thread === undefined || thread === '' ? {} : { thread }),
  }
}

function upper(type: Lowercase<MessageType>): MessageType {
  return type.toUpperCase() as MessageType
}

function numberOf(reply: string): string {
  const digits = /^m?(\d{1,9})$/.exec(reply)?.[1]
  if (digits === undefined)
    throw new CliError(`--reply takes the number of a message such as m12, not "${reply}".`)
  return digits
}
