import { assertNever } from '../assertNever.ts'
import { attemptEffects } from '../effects.ts'
import type { EventOf } from '../events.ts'
import { withTask } from '../readiness.ts'
import type { Attempt, Run } from '../state.ts'
import { isTopic } from './address.ts'
import {
  type ChannelEvent,
  type HandoffEvent,
  isBallotEvent,
  isHandoffEvent,
  isWorkReportEvent,
  type TalkEvent,
  type WorkReportEvent,
} from './eventGroups.ts'
import { evolveBallots } from './evolveBallots.ts'
import { evolveHandoffs } from './evolveHandoffs.ts'
import { EXCERPT, type Message, type MessagePriority } from './message.ts'
import { append, change } from './messageLog.ts'
import type { Talk } from './talk.ts'

/** What an event of the conversation makes of a run. `seq` is the event's own. */
export function evolveTalk(run: Run, data: TalkEvent, time: number, seq: number): Run {
  if (isWorkReportEvent(data)) return reported(run, data, time)
  if (isBallotEvent(data)) return withTalk(run, { ballots: evolveBallots(run.talk.ballots, data, time) })
  if (isHandoffEvent(data)) return handedOver(run, data, time)
  switch (data.type) {
    case 'message.sent':
      return sent(run, data, time, seq)
    case 'message.delivered':
      return withMessages(run, data.numbers, (message) => ({
        ...message,
        delivered: [...message.delivered, data.task],
      }))
    case 'message.handled':
      return closed(run, data.task, data.numbers, false)
    case 'message.returned':
      return closed(run, data.task, data.numbers, true)
    case 'message.overdue':
      return withMessages(run, [data.number], (message) => ({ ...message, overdue: true }))
    case 'channel.joined':
    case 'channel.left':
      return withTalk(run, { channels: changeChannel(run.talk, data) })
    default:
      return assertNever(data, 'unknown event')
  }
}

function handedOver(run: Run, data: HandoffEvent, time: number): Run {
  const next = withTalk(run, { handoffs: evolveHandoffs(run.talk.handoffs, data, time) })
  const checks = data.type === 'handoff.initiated' || data.type === 'handoff.validated'
  return checks ? withEffects(next, data.task, data) : next
}

function withTalk(run: Run, change: Partial<Talk>): Run {
  return { ...run, talk: { ...run.talk, ...change } }
}

function withMessages(run: Run, numbers: readonly number[], to: (message: Message) => Message): Run {
  let { messages } = run.talk
  for (const number of numbers) messages = change(messages, number, to)
  return withTalk(run, { messages })
}

function sent(run: Run, data: EventOf<'message.sent'>, time: number, seq: number): Run {
  const { number, recipients, toPerson, answers } = data
  let messages = append(run.talk.messages, messageOf(data, time, seq))
  // Only the first answer counts; the question may have been let go since.
  if (answers !== null)
    messages = changeIfHere(messages, answers, (asked) =>
      asked.answer === null && isAnswer(asked, data) ? { ...asked, answer: number } : asked,
    )
  let { tasks } = run
  for (const task of recipients) {
    const record = tasks.get(task)!
    tasks = tasks.set(task, { ...record, inbox: [...record.inbox, number] })
  }
  const personInbox = toPerson ? [...run.talk.personInbox, number] : run.talk.personInbox
  return { ...run, tasks, talk: { ...run.talk, ...lastTold(run.talk, data, time), messages, personInbox } }
}

/** An answer comes from who was asked, the person, the engine or whoever hears a topic outside, and reaches who asked. */
function isAnswer({ from, to, recipients }: Message, reply: EventOf<'message.sent'>): boolean {
  if (reply.draft.type !== 'RESPONSE') return false
  if (reply.from.kind === 'task' && !recipients.includes(reply.from.task)) return false
  // Outside only what is said on topics was heard.
  if (reply.from.kind === 'outside' && !isTopic(to)) return false
  if (from.kind === 'task') return reply.recipients.includes(from.task)
  return from.kind !== 'person' || reply.toPerson
}

/** Digests and sync points are the engine's own; their subject names the sync point. */
function lastTold(talk: Talk, { from, draft }: EventOf<'message.sent'>, time: number): Partial<Talk> {
  if (from.kind !== 'engine') return {}
  if (draft.kind === 'digest') return { digestAt: time }
  if (draft.kind === 'sync_point') return { syncedAt: { ...talk.syncedAt, [draft.subject]: time } }
  return {}
}

function changeIfHere(
  log: Talk['messages'],
  number: number,
  to: (message: Message) => Message,
): Talk['messages'] {
  return log.chunks.some(({ first, messages }) => number >= first && number < first + messages.length)
    ? change(log, number, to)
    : log
}

/** A message as it is when it has just been sent. */
export function messageOf(data: EventOf<'message.sent'>, at: number, seq: number): Message {
  const { draft } = data
  const payload = draft.payload === null ? null : draft.payload.slice(0, EXCERPT)
  return {
    number: data.number,
    seq,
    at,
    from: data.from,
    to: draft.to,
    recipients: data.recipients,
    toPerson: data.toPerson,
    type: draft.type,
    kind: draft.kind,
    priority: draft.priority as MessagePriority,
    subject: draft.subject,
    content: draft.content.slice(0, EXCERPT),
    payload,
    isCut: draft.content.length > EXCERPT || (draft.payload?.length ?? 0) > EXCERPT,
    artifacts: draft.artifacts,
    dependencies: draft.dependencies,
    answers: data.answers,
    thread: data.thread,
    tags: draft.tags,
    beadsTaskId: draft.beadsTaskId,
    ref: draft.ref,
    options: draft.options,
    open: data.recipients,
    delivered: [],
    returned: [],
    personOpen: data.toPerson,
    due: data.due,
    answer: null,
    overdue: false,
  }
}

/** A receiver is through with messages: it handled them, or it ended. */
function closed(run: Run, task: number | null, numbers: readonly number[], returned: boolean): Run {
  const gone = new Set(numbers)
  if (task === null) {
    const done = withMessages(run, numbers, (message) => ({ ...message, personOpen: false }))
    return withTalk(done, { personInbox: run.talk.personInbox.filter((number) => !gone.has(number)) })
  }
  const done = withMessages(run, numbers, (message) => ({
    ...message,
    open: message.open.filter((other) => other !== task),
    returned: returned ? [...message.returned, task] : message.returned,
  }))
  const record = run.tasks.get(task)!
  return withTask(done, task, { inbox: record.inbox.filter((number) => !gone.has(number)) })
}

function changeChannel(talk: Talk, data: ChannelEvent): Talk['channels'] {
  const { channel, task } = data
  const members = Object.hasOwn(talk.channels, channel) ? talk.channels[channel]! : []
  if (data.type === 'channel.joined') return { ...talk.channels, [channel]: [...members, task] }
  return { ...talk.channels, [channel]: members.filter((member) => member !== task) }
}

function reported(run: Run, data: WorkReportEvent, time: number): Run {
  const task = run.tasks.get(data.task)!
  const attempt = task.current
  if (attempt === null || attempt.n !== data.attempt) {
    throw new Error(`${data.type} names attempt ${data.attempt} of task ${data.task}, which is not under way`)
  }
  const effects = attemptEffects(attempt, true, data)
  const next = withTask(run, data.task, {
    current: { ...attempt, ...reportChange(attempt, data, time), effects },
  })
  if (data.type !== 'agent.published') return next
  const artifacts = [...run.talk.artifacts, { ...data.artifact, task: data.task, at: time }]
  return withTalk(next, { artifacts })
}

function reportChange(attempt: Attempt, data: WorkReportEvent, time: number): Partial<Attempt> {
  switch (data.type) {
    case 'agent.progressed':
      return { progress: { percent: data.percent, text: data.text, at: time } }
    case 'agent.output':
      return { outputs: { ...attempt.outputs, [data.name]: data.value } }
    case 'agent.awaits':
      return { ...attempt, awaits: { on: data.on, until: data.until } }
    case 'agent.checked':
      return { checked: [...attempt.checked, data.step] }
    case 'work.checkpointed': {
      if (data.error !== null) return { trouble: null }
      const { count } = attempt.checkpoint ?? { count: 0 }
      return { checkpoint: { count: count + 1, commit: data.commit, at: time }, trouble: null }
    }
    case 'agent.published':
    case 'work.checkpoint-asked':
      return {}
    default:
      return assertNever(data, 'unknown event')
  }
}

/** The checks of a hand-off are something to bring about, like any effect of the attempt that gives it. */
function withEffects(run: Run, task: number, data: HandoffEvent): Run {
  const { current } = run.tasks.get(task)!
  if (current === null) return run
  return withTask(run, task, {
    current: { ...current, effects: attemptEffects(current, true, data), trouble: null },
  })
}
