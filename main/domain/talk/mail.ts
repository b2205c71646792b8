import { assertNever } from '../assertNever.ts'
import { raiseAbout, resolve } from '../attention.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import type { RunId } from '../ids.ts'
import { isSettled, type Run } from '../state.ts'
import { isChannel } from './address.ts'
import type { AgentCommand } from './agentCommands.ts'
import type { Party } from './message.ts'
import { find } from './messageLog.ts'
import { isRead, send, tell } from './sending.ts'
import { TALK_LIMITS } from './talk.ts'

type Of<T extends AgentCommand['type']> = Extract<AgentCommand, { type: T }>
type MailCommand = Of<'agent.send' | 'agent.take' | 'agent.handle' | 'agent.join' | 'agent.leave'>

export function decideMail(draft: Draft, command: MailCommand): Verdict {
  switch (command.type) {
    case 'agent.send':
      return send(draft, command.run, partyOf(command), command.message)
    case 'agent.take':
      return take(draft, command)
    case 'agent.handle':
      return handle(draft, command.run, command.task, command.messages)
    case 'agent.join':
      return join(draft, command)
    case 'agent.leave':
      return leave(draft, command)
    default:
      return assertNever(command, 'unknown command')
  }
}

export function partyOf({ task, attempt }: { readonly task: number; readonly attempt: number }): Party {
  return { kind: 'task', task, attempt }
}

/** The oldest messages are handed over first, and again until they are handled: order is kept for every pair. */
function take(draft: Draft, command: Of<'agent.take'>): Verdict {
  const run = draft.run(command.run)
  const numbers = run.tasks.get(command.task)!.inbox.slice(0, command.limit)
  const fresh = numbers.filter((number) => !find(run.talk.messages, number)!.delivered.includes(command.task))
  if (fresh.length === 0) return undefined
  const { task, attempt } = command
  draft.emitRun(run.id, { type: 'message.delivered', task, attempt, numbers: fresh })
  for (const number of fresh) {
    const id = `m${number}:p0-message`
    if (!draft.run(run.id).attention.some((item) => item.id === id)) continue
    if (isRead(draft.run(run.id), find(draft.run(run.id).talk.messages, number)!))
      resolve(draft, run.id, id, 'read')
  }
  return undefined
}

/** Marks messages as handled; those that were before are passed over, so that it can be said twice. */
export function handle(draft: Draft, id: RunId, task: number | null, numbers: readonly number[]): Verdict {
  const run = draft.run(id)
  const inbox = task === null ? run.talk.personInbox : run.tasks.get(task)!.inbox
  const unknown = numbers.find((number) => !wasSentTo(run, number, task))
  if (unknown !== undefined) return reject('unknown', `message ${unknown} was not sent to you`)
  const open = [...new Set(numbers)].filter((number) => inbox.includes(number))
  if (open.length > 0) draft.emitRun(id, { type: 'message.handled', task, numbers: open })
  if (task === null) for (const number of open) resolve(draft, id, `m${number}:p0-message`, 'read')
  return undefined
}

function wasSentTo(run: Run, number: number, task: number | null): boolean {
  const message = find(run.talk.messages, number)
  // What was let go had been handled by all it went to.
  if (message === undefined) return number >= 1 && number <= run.talk.messages.count
  return task === null ? message.toPerson : message.recipients.includes(task)
}

function join(draft: Draft, { run: id, task, channel }: Of<'agent.join'>): Verdict {
  const { channels } = draft.run(id).talk
  if (!isChannel(channel))
    return reject('invalid', `${channel} is no channel: they are written #name, topics name.name`)
  const members = Object.hasOwn(channels, channel) ? channels[channel]! : undefined
  if (members?.includes(task) === true) return undefined
  if (members === undefined && Object.keys(channels).length >= TALK_LIMITS.channels)
    return reject('not-now', `this run has ${TALK_LIMITS.channels} channels already`)
  draft.emitRun(id, { type: 'channel.joined', task, channel })
  return undefined
}

function leave(draft: Draft, { run: id, task, channel }: Of<'agent.leave'>): Verdict {
  const { channels } = draft.run(id).talk
  if (!Object.hasOwn(channels, channel) || !channels[channel]!.includes(task)) return undefined
  draft.emitRun(id, { type: 'channel.left', task, channel })
  return undefined
}

/** A task is over: what it did not handle goes back, and who waits for its answer is told. */
export function returnMail(draft: Draft, id: RunId, task: number): void {
  const run = draft.run(id)
  const { inbox } = run.tasks.get(task)!
  if (inbox.length === 0) return
  draft.emitRun(id, { type: 'message.returned', task, numbers: [...inbox] })
  const name = run.plan.tasks[task]!.id
  for (const number of inbox) {
    const message = find(draft.run(id).talk.messages, number)!
    if (message.due === null || message.answer !== null || message.open.length > 0 || message.personOpen)
      continue
    const { from } = message
    const content = `${name} ended without answering message ${number}.`
    const base = { type: 'RESPONSE', kind: 'notice', subject: 'No answer will come', content } as const
    const alive = from.kind === 'task' && draft.run(id).tasks.get(from.task)!.outcome === null
    if (alive) {
      const to = draft.run(id).plan.tasks[from.task]!.id
      tell(draft, id, { tasks: [from.task], person: false }, { ...base, to }, message)
    } else if (from.kind === 'person') {
      tell(draft, id, { tasks: [], person: true }, { ...base, to: 'person' }, message)
    }
  }
}

/** An answer did not come in time. */
export function overdue(draft: Draft, id: RunId, number: number): Verdict {
  const run = draft.run(id)
  const message = find(run.talk.messages, number)
  if (message === undefined || message.due === null || message.answer !== null || message.overdue)
    return reject('stale', 'no answer is waited for')
  if (message.due > draft.now) return reject('stale', 'its time is not up')
  draft.emitRun(id, { type: 'message.overdue', number })
  // Who asked has ended: nobody waits for the answer.
  if (message.from.kind === 'task' && isSettled(run.tasks.get(message.from.task)!)) return undefined
  // They have been asked, and still are.
  if (run.attention.some(({ id: asked }) => asked === `m${number}:question`)) return undefined
  const names = message.open.map((task) => run.plan.tasks[task]!.id).join(', ')
  const who = names === '' ? 'nobody' : names
  const task = message.from.kind === 'task' ? message.from.task : null
  const text = `${who} ${who === 'nobody' ? 'has' : 'has not'} answered: ${message.subject || message.content}`
  raiseAbout(draft, id, { about: `m${number}`, kind: 'unanswered', task, text, choices: [] })
  return undefined
}
