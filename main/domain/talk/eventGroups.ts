import type { DomainEvent, EventOf } from '../events.ts'

/** Events of the conversation by what they are about, so that who handles a group need not list it. */

type Group<Name extends string> = Extract<DomainEvent, { type: `${Name}.${string}` }>

export type MessageEvent = Group<'message'>
export type ChannelEvent = Group<'channel'>
export type BallotEvent = Group<'ballot'>
export type HandoffEvent = Group<'handoff'>
/** What an agent says of its own work. */
export type WorkReportEvent = EventOf<
  | 'agent.progressed'
  | 'agent.output'
  | 'agent.published'
  | 'agent.checked'
  | 'agent.awaits'
  | 'work.checkpoint-asked'
  | 'work.checkpointed'
>
export type TalkEvent = MessageEvent | ChannelEvent | BallotEvent | HandoffEvent | WorkReportEvent

const REPORTS: ReadonlySet<string> = new Set<WorkReportEvent['type']>([
  'agent.progressed',
  'agent.output',
  'agent.published',
  'agent.checked',
  'agent.awaits',
  'work.checkpoint-asked',
  'work.checkpointed',
])

export function isHandoffEvent(data: DomainEvent): data is HandoffEvent {
  return data.type.startsWith('handoff.')
}

export function isBallotEvent(data: DomainEvent): data is BallotEvent {
  return data.type.startsWith('ballot.')
}

export function isWorkReportEvent(data: DomainEvent): data is WorkReportEvent {
  return REPORTS.has(data.type)
}

export function isTalkEvent(data: DomainEvent): data is TalkEvent {
  const group = data.type.slice(0, data.type.indexOf('.'))
  return GROUPS.has(group) || isWorkReportEvent(data)
}

const GROUPS: ReadonlySet<string> = new Set(['message', 'channel', 'ballot', 'handoff'])
