import { assertNever } from '../../../../main/domain/assertNever.ts'
import type { DomainEvent, EventOf } from '../../../../main/domain/events.ts'
import type { Like } from '../../words/language.ts'
import type { talkSentences } from './talkWords.ts'

type Of<Group extends string> = Extract<DomainEvent, { type: `${Group}.${string}` }>
export type TalkEvent =
  | Of<'message' | 'channel' | 'ballot' | 'handoff' | 'risk' | 'component'>
  | EventOf<
      | 'agent.progressed'
      | 'agent.output'
      | 'agent.published'
      | 'agent.checked'
      | 'agent.awaits'
      | 'work.checkpoint-asked'
      | 'work.checkpointed'
    >
type ReportEvent = Exclude<TalkEvent, Of<'message' | 'channel' | 'ballot' | 'handoff' | 'risk' | 'component'>>

export type TalkSentences = Like<(typeof talkSentences)['en']>

const GROUPS = new Set(['message', 'channel', 'ballot', 'handoff', 'risk', 'component'])
const REPORTS = new Set<string>([
  'agent.progressed',
  'agent.output',
  'agent.published',
  'agent.checked',
  'agent.awaits',
  'work.checkpoint-asked',
  'work.checkpointed',
] satisfies readonly ReportEvent['type'][])

export function isTalkEvent(data: DomainEvent): data is TalkEvent {
  return GROUPS.has(data.type.slice(0, data.type.indexOf('.'))) || REPORTS.has(data.type)
}

/** Words of a message shown in one line of the log. */
const SHOWN = 120

/** What was said and reported, as a colleague would say it. `name` gives a task's name. */
export function sentenceOfTalk(w: TalkSentences, data: TalkEvent, name: (task: number) => string): string {
  if (isReport(data)) return ofReport(w, data, name(data.task))
  switch (data.type) {
    case 'risk.recorded':
      return w.risk(data.title, w.levels[data.level], w.riskStatuses[data.status])
    case 'component.recorded':
      return w.component(data.name, w.componentStatuses[data.status], data.change ?? '')
    case 'channel.joined':
      return w.joined(name(data.task), data.channel)
    case 'channel.left':
      return w.left(name(data.task), data.channel)
    case 'ballot.opened':
      return w.opened(data.by === null ? w.person : name(data.by), data.id, short(data.question))
    case 'ballot.voted':
      return w.voted(data.task === null ? w.person : name(data.task), data.id, data.option)
    case 'ballot.closed':
      return data.result === null ? w.undecided(data.id) : w.decided(data.id, data.result)
    default:
      return data.type.startsWith('message.')
        ? ofMessage(w, data as Of<'message'>, name)
        : ofHandoff(w, data as Of<'handoff'>, name)
  }
}

function isReport(data: TalkEvent): data is ReportEvent {
  return REPORTS.has(data.type)
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > SHOWN ? `${line.slice(0, SHOWN - 1)}…` : line
}

function ofMessage(w: TalkSentences, data: Of<'message'>, name: (task: number) => string): string {
  switch (data.type) {
    case 'message.sent':
      return ofSent(w, data, name)
    case 'message.delivered':
      return w.delivered(name(data.task), data.numbers.length)
    case 'message.handled':
      return w.handled(data.task === null ? w.person : name(data.task), data.numbers.length)
    case 'message.returned':
      return w.returned(name(data.task), data.numbers.length)
    case 'message.overdue':
      return w.unanswered(data.number)
    default:
      return assertNever(data, 'unknown event')
  }
}

function ofSent(
  w: TalkSentences,
  { from, draft }: EventOf<'message.sent'>,
  name: (task: number) => string,
): string {
  const who = from.kind === 'task' ? name(from.task) : from.kind === 'engine' ? w.engine : from.name
  const what = short(draft.subject || draft.content)
  switch (draft.type) {
    case 'REQUEST':
      return w.asked(who, draft.to, what)
    case 'RESPONSE':
      return w.answered(who, draft.to, what)
    case 'UPDATE':
      return w.sent(who, draft.to, what)
    case 'ALERT':
      return w.alerted(who, draft.to, what)
    default:
      return assertNever(draft.type, 'unknown type of message')
  }
}

function ofReport(w: TalkSentences, data: ReportEvent, of: string): string {
  switch (data.type) {
    case 'agent.progressed':
      return w.progressed(of, data.percent === null ? '' : `${Math.round(data.percent)} %`, data.text)
    case 'agent.output':
      return w.output(of, data.name)
    case 'agent.published':
      return w.published(of, data.artifact.path)
    case 'agent.checked':
      return w.checked(of, data.step.replaceAll('_', ' '))
    case 'agent.awaits':
      return w.awaits(of, data.on)
    case 'work.checkpoint-asked':
      return w.checkpointAsked(of)
    case 'work.checkpointed':
      if (data.error !== null) return w.notKept(of, data.error)
      return data.commit === null ? w.nothingToKeep(of) : w.checkpointed(of)
    default:
      return assertNever(data, 'unknown event')
  }
}

function ofHandoff(w: TalkSentences, data: Of<'handoff'>, name: (task: number) => string): string {
  switch (data.type) {
    case 'handoff.initiated':
      return w.initiated(name(data.task), name(data.to), data.document.title)
    case 'handoff.validated':
      return w.validated(data.id, data.checks.filter(({ result }) => result === 'failed').length)
    case 'handoff.transferred':
      return w.transferred(data.id)
    case 'handoff.clarifying':
      return w.clarifying(data.id, short(data.question))
    case 'handoff.clarified':
      return w.clarified(data.id, short(data.answer))
    case 'handoff.acknowledged':
      return w.acknowledged(data.id)
    case 'handoff.returned':
      return w.handoffReturned(data.id, short(data.reason))
    case 'handoff.completed':
      return w.handoffCompleted(data.id)
    case 'handoff.withdrawn':
      return w.withdrawn(data.id, data.reason.replace(/\bperson:(?=\S)/g, ''))
    case 'handoff.overdue':
      return w.handoffOverdue(data.id)
    default:
      return assertNever(data, 'unknown event')
  }
}
