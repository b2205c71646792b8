import type { EventEnvelope } from '../events.ts'
import { communicationOf } from '../plan.ts'
import type { Run } from '../state.ts'
import type { TimerAt } from '../timers.ts'
import { confirmationDue } from './handoffs.ts'
import type { MessageDraft } from './message.ts'
import { find, messagesOf } from './messageLog.ts'
import type { SyncPoint } from './talk.ts'

export type TalkTimer =
  | { readonly kind: 'answer'; readonly run: Run['id']; readonly message: number }
  | { readonly kind: 'handoff'; readonly run: Run['id']; readonly handoff: string }
  | { readonly kind: 'ballot'; readonly run: Run['id']; readonly ballot: string }
  | { readonly kind: 'digest'; readonly run: Run['id'] }
  | { readonly kind: 'sync'; readonly run: Run['id']; readonly point: string }

/** Every timer the conversation of a live run calls for. */
export function talkTimers(run: Run): readonly TimerAt[] {
  const all: TimerAt[] = [...standingTimers(run)]
  for (const { number } of messagesOf(run.talk.messages)) all.push(...answerTimer(run, number))
  for (const { id } of run.talk.handoffs) all.push(...handoffTimer(run, id))
  for (const { id, due, closed } of run.talk.ballots)
    if (closed === null) all.push({ at: due, timer: { kind: 'ballot', run: run.id, ballot: id } })
  return all
}

/** Those that `event` sets. */
export function talkTimersAfter(run: Run, event: EventEnvelope): readonly TimerAt[] {
  const { data } = event
  switch (data.type) {
    case 'message.sent':
      return data.from.kind === 'engine' ? nextStanding(run, data.draft) : answerTimer(run, data.number)
    case 'handoff.transferred':
    case 'handoff.clarifying':
    case 'handoff.clarified':
      return handoffTimer(run, data.id)
    case 'agent.started':
      return run.talk.handoffs.filter(({ to }) => to === data.task).flatMap(({ id }) => handoffTimer(run, id))
    case 'task.assigned':
      // What fell due in an empty room is made up for when somebody comes.
      return standingTimers(run).filter(({ at }) => at <= event.time)
    case 'ballot.opened':
      return [{ at: data.due, timer: { kind: 'ballot', run: run.id, ballot: data.id } }]
    default:
      return []
  }
}

function answerTimer(run: Run, number: number): readonly TimerAt[] {
  const message = find(run.talk.messages, number)
  if (message === undefined || message.due === null || message.answer !== null || message.overdue) return []
  return [{ at: message.due, timer: { kind: 'answer', run: run.id, message: number } }]
}

function handoffTimer(run: Run, id: string): readonly TimerAt[] {
  const handoff = run.talk.handoffs.find((other) => other.id === id)
  const at = handoff === undefined ? null : confirmationDue(run, handoff)
  return at === null ? [] : [{ at, timer: { kind: 'handoff', run: run.id, handoff: id } }]
}

/** They go off in an empty room too, and nothing comes of it: `task.assigned` sets them again. */
function standingTimers(run: Run): readonly TimerAt[] {
  const { syncPoints } = communicationOf(run.plan)
  const digest = digestAt(run)
  const points = syncPoints.map(
    (point): TimerAt => ({ at: syncAt(run, point), timer: { kind: 'sync', run: run.id, point: point.name } }),
  )
  return digest === null ? points : [{ at: digest, timer: { kind: 'digest', run: run.id } }, ...points]
}

/** A digest or sync point calls for the next of its kind. */
function nextStanding(run: Run, { kind, subject }: MessageDraft): readonly TimerAt[] {
  if (kind !== 'digest' && kind !== 'sync_point') return []
  return standingTimers(run).filter(({ timer }) =>
    timer.kind === 'sync' ? kind === 'sync_point' && timer.point === subject : kind === 'digest',
  )
}

/** When the next digest goes out; null where none is wanted. */
export function digestAt(run: Run): number | null {
  const { digestMs } = communicationOf(run.plan)
  return digestMs === null ? null : (run.talk.digestAt ?? run.startedAt) + digestMs
}

/** When the sync point is next told of: once for each time it comes round, late rather than never. */
export function syncAt(run: Run, point: SyncPoint): number {
  const { syncedAt } = run.talk
  const last = Object.hasOwn(syncedAt, point.name) ? syncedAt[point.name]! : run.startedAt
  return nextOccurrence(point, last)
}

const DAY = 24 * 3_600_000

/** The first time after `after`, ms since 1970, UTC. */
export function nextOccurrence({ weekday, minute }: SyncPoint, after: number): number {
  const midnight = Math.floor(after / DAY) * DAY
  for (let day = 0; day <= 7; day++) {
    const at = midnight + day * DAY + minute * 60_000
    if (at > after && (weekday === null || new Date(at).getUTCDay() === weekday)) return at
  }
  throw new Error(`no day of the week is number ${weekday}`)
}
