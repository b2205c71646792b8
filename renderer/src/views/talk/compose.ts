import type { Run } from '../../../../main/domain/state.ts'
import { isSettled } from '../../../../main/domain/state.ts'
import {
  MESSAGE_LIMITS,
  type Message,
  type MessageDraft,
  type MessagePriority,
  type MessageType,
  messageDraftSchema,
} from '../../../../main/domain/talk/message.ts'

/** What the person is writing. */
export interface Composed {
  readonly to: string
  readonly type: MessageType
  readonly priority: MessagePriority
  readonly subject: string
  readonly content: string
}

export const NOTHING_WRITTEN: Composed = { to: '', type: 'UPDATE', priority: 2, subject: '', content: '' }

/** What may be written beside `sender`. */
export const NEW_TYPES = ['UPDATE', 'REQUEST', 'ALERT'] as const satisfies readonly MessageType[]

/** The message a reply goes to: the chosen one, else what the person is asked, else the last of somebody else's. */
export function replyTarget(messages: readonly Message[], chosen: number | undefined): Message | undefined {
  const named = messages.find(({ number }) => number === chosen)
  if (named !== undefined) return named
  const others = messages.filter(({ from }) => from.kind === 'task')
  const asked = others.findLast(
    (message) => message.toPerson && message.type === 'REQUEST' && message.answer === null,
  )
  return asked ?? others.at(-1) ?? messages.at(-1)
}

/** An answer to who asked; to others' messages a remark in the same thread. */
export function replyDraft(written: Composed, target: Message): MessageDraft {
  const answers = target.from.kind === 'task'
  return messageDraftSchema.parse({
    to: answers ? 'sender' : target.to,
    type: answers && isUnansweredRequest(target) ? 'RESPONSE' : written.type,
    priority: written.priority,
    content: written.content.trim(),
    correlation: `m${target.number}`,
    thread: target.thread,
  })
}

function isUnansweredRequest({ type, answer }: Message): boolean {
  return type === 'REQUEST' && answer === null
}

export function newDraft(written: Composed): MessageDraft {
  const to = written.to.trim()
  return messageDraftSchema.parse({
    to: to === '' ? 'nobody' : to.slice(0, MESSAGE_LIMITS.word),
    type: written.type,
    kind: to.toLowerCase() === 'help' ? 'request_help' : null,
    priority: written.priority,
    subject: written.subject.trim(),
    content: written.content.trim(),
  })
}

export interface Address {
  readonly to: string
  readonly kind: 'all' | 'channel' | 'role' | 'task'
  /** Tasks that would get it. */
  readonly count: number
}

/** Everybody the person can write to now: all, channels, roles and tasks that are not over. */
export function addressesOf(run: Run): readonly Address[] {
  const open = run.plan.tasks.flatMap((_, task) => (isSettled(run.tasks.get(task)!) ? [] : [task]))
  const roles = run.plan.roles.flatMap(({ name }): readonly Address[] => {
    const count = open.filter((task) => roleOf(run, task) === name).length
    return count === 0 ? [] : [{ to: name, kind: 'role', count }]
  })
  const channels = Object.entries(run.talk.channels).flatMap(([to, members]): readonly Address[] =>
    members.length === 0 ? [] : [{ to, kind: 'channel', count: members.length }],
  )
  const tasks = [...open]
    .sort((a, b) => atWork(run, b) - atWork(run, a) || a - b)
    .map((task): Address => ({ to: run.plan.tasks[task]!.id, kind: 'task', count: 1 }))
  const all: readonly Address[] = open.length === 0 ? [] : [{ to: 'all', kind: 'all', count: open.length }]
  return [...all, ...channels.sort((a, b) => a.to.localeCompare(b.to)), ...roles, ...tasks]
}

function atWork(run: Run, task: number): number {
  return run.tasks.get(task)!.current === null ? 0 : 1
}

function roleOf(run: Run, task: number): string | null {
  const { current, past } = run.tasks.get(task)!
  return current?.role ?? past.at(-1)?.role ?? run.plan.tasks[task]!.role
}

/** Addresses that hold what was typed, those that begin with it first. */
export function completions(addresses: readonly Address[], typed: string, most: number): readonly Address[] {
  const wanted = typed.trim().toLowerCase()
  const rank = ({ to }: Address): number => {
    const at = to.toLowerCase().indexOf(wanted)
    return at < 0 ? -1 : at === 0 || (at === 1 && to.startsWith('#')) ? 0 : 1
  }
  return addresses
    .map((address) => ({ address, rank: rank(address) }))
    .filter((one) => one.rank >= 0)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, most)
    .map(({ address }) => address)
}
