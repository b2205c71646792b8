import type { Run } from '../../../../main/domain/state.ts'
import { rolesOfTask } from '../../../../main/domain/talk/address.ts'
import { isClosed, type Message, type MessageKind, type Party } from '../../../../main/domain/talk/message.ts'
import { plain } from './markdown.ts'

/** Messages that belong together, oldest first. */
export interface Thread {
  readonly key: string
  /** The first subject there is, else the beginning of what was said. */
  readonly subject: string
  readonly messages: readonly Message[]
  readonly last: Message
  /** Messages to the person that they have not seen. */
  readonly unread: number
  /** Somebody waits for an answer; `you`: from the person. */
  readonly asks: 'you' | 'others' | null
}

/** Empty strings and false let everything through. */
export interface TalkFilter {
  readonly text: string
  /** `person`, `engine`, `task:3`, `role:Builder`: sent by them or to them. */
  readonly who: string
  readonly type: string
  readonly priority: string
  readonly kind: string
  /** Only what somebody still has to do with. */
  readonly open: boolean
  /** The engine's own digests and sync points are shown, too. */
  readonly digests: boolean
}

export const NO_FILTER: TalkFilter = {
  text: '',
  who: '',
  type: '',
  priority: '',
  kind: '',
  open: false,
  digests: false,
}

export function isFiltered(filter: TalkFilter): boolean {
  const { text, who, type, priority, kind, open } = filter
  return open || [text, who, type, priority, kind].some((value) => value !== '')
}

const DIGESTS: ReadonlySet<MessageKind | null> = new Set<MessageKind>(['digest', 'sync_point'])

/** Threads with a message that fits, the one something was said in last first; each with all of its messages. */
export function threadsOf(messages: readonly Message[], filter: TalkFilter, run: Run): readonly Thread[] {
  const byThread = new Map<string, { readonly messages: Message[]; fits: boolean }>()
  for (const message of messages) {
    if (!filter.digests && DIGESTS.has(message.kind) && filter.kind !== message.kind) continue
    const before = byThread.get(message.thread)
    const thread = before ?? { messages: [], fits: false }
    if (before === undefined) byThread.set(message.thread, thread)
    thread.messages.push(message)
    thread.fits ||= fits(message, filter, run)
  }
  const threads = [...byThread].flatMap(([key, thread]) =>
    thread.fits ? [threadOf(key, thread.messages)] : [],
  )
  return threads.sort((a, b) => b.last.number - a.last.number)
}

const made = new WeakMap<Message, Thread>()

/** The same object while none of its messages changed, so that a list draws only what did. */
function threadOf(key: string, messages: readonly Message[]): Thread {
  const last = messages.at(-1)!
  const before = made.get(last)
  if (before?.key === key && same(before.messages, messages)) return before
  const said = messages.find(({ subject }) => subject !== '')
  const asking = messages.filter((message) => isUnanswered(message))
  const thread: Thread = {
    key,
    subject: said?.subject ?? firstLine(messages[0]!.content),
    messages,
    last,
    unread: messages.filter(({ personOpen }) => personOpen).length,
    asks: asking.some(({ toPerson }) => toPerson) ? 'you' : asking.length > 0 ? 'others' : null,
  }
  made.set(last, thread)
  return thread
}

function same(a: readonly Message[], b: readonly Message[]): boolean {
  return a.length === b.length && a.every((message, i) => message === b[i])
}

/** Is an answer to it still waited for, by somebody who is there? */
export function isUnanswered({ due, answer, open, personOpen, overdue }: Message): boolean {
  return due !== null && answer === null && (open.length > 0 || personOpen || overdue)
}

export function firstLine(text: string): string {
  return (
    text
      .split('\n')
      .map((line) => plain(line))
      .find((line) => line !== '') ?? ''
  )
}

const words = new WeakMap<Message, string>()

function wordsOf(message: Message): string {
  let known = words.get(message)
  if (known === undefined) {
    const { subject, content, to, tags, number } = message
    known = `m${number} ${subject} ${content} ${to} ${tags.join(' ')}`.toLowerCase()
    words.set(message, known)
  }
  return known
}

export function fits(message: Message, filter: TalkFilter, run: Run): boolean {
  if (filter.type !== '' && message.type !== filter.type) return false
  if (filter.priority !== '' && message.priority !== Number(filter.priority)) return false
  if (filter.kind !== '' && message.kind !== filter.kind) return false
  if (filter.open && isClosed(message)) return false
  if (filter.who !== '' && !concerns(message, filter.who, run)) return false
  if (filter.text === '') return true
  const said = wordsOf(message)
  return filter.text
    .toLowerCase()
    .split(/\s+/)
    .every((part) => said.includes(part))
}

function concerns({ from, recipients, toPerson }: Message, who: string, run: Run): boolean {
  if (who === 'person') return from.kind === 'person' || toPerson
  if (who === 'engine') return from.kind === 'engine'
  const [kind, name] = [who.slice(0, who.indexOf(':')), who.slice(who.indexOf(':') + 1)]
  const sender = from.kind === 'task' ? [from.task] : []
  const tasks = [...sender, ...recipients]
  if (kind === 'task') return tasks.includes(Number(name))
  return tasks.some((task) => rolesOfTask(run, task).some((role) => role.name === name))
}

/** Everybody who sent or was sent one of these, for choosing among them: tasks by number, in plan order. */
export function tasksIn(messages: readonly Message[]): readonly number[] {
  const tasks = new Set<number>()
  for (const { from, recipients } of messages) {
    if (from.kind === 'task') tasks.add(from.task)
    // What goes to everybody says nothing about who takes part.
    if (recipients.length <= 3) for (const task of recipients) tasks.add(task)
  }
  return [...tasks].sort((a, b) => a - b)
}

export function kindsIn(messages: readonly Message[]): readonly MessageKind[] {
  return [...new Set(messages.flatMap(({ kind }) => kind ?? []))].sort()
}

/** Who is at the other end of a thread, the newest first, without repeating. */
export function partiesOf(messages: readonly Message[]): readonly Party[] {
  const seen = new Map<string, Party>()
  for (const { from } of messages.toReversed()) {
    const key = from.kind === 'task' ? `task ${from.task}` : from.kind
    if (!seen.has(key)) seen.set(key, from)
  }
  return [...seen.values()]
}
