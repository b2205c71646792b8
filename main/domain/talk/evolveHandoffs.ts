import { assertNever } from '../assertNever.ts'
import type { EventOf } from '../events.ts'
import type { HandoffEvent } from './eventGroups.ts'
import { HANDOFF_ARROWS, type Handoff, type HandoffState } from './handoff.ts'

export function evolveHandoffs(
  handoffs: readonly Handoff[],
  data: HandoffEvent,
  time: number,
): readonly Handoff[] {
  const index = handoffs.findIndex(({ id }) => id === data.id)
  const handoff = handoffs[index]
  if (data.type === 'handoff.initiated') {
    const next = initiated(handoff, data, time)
    return handoff === undefined ? [...handoffs, next] : handoffs.with(index, next)
  }
  if (handoff === undefined) throw new Error(`there is no hand-off ${data.id}`)
  return handoffs.with(index, changed(handoff, data, time))
}

function initiated(before: Handoff | undefined, data: EventOf<'handoff.initiated'>, time: number): Handoff {
  const state = before === undefined ? 'initiated' : move(before, 'initiated')
  return {
    id: data.id,
    state,
    from: data.task,
    attempt: data.attempt,
    to: data.to,
    document: data.document,
    initiatedAt: before?.initiatedAt ?? time,
    since: time,
    checks: [],
    clarifications: before?.clarifications ?? [],
    reason: null,
    overdue: false,
  }
}

function changed(
  handoff: Handoff,
  data: Exclude<HandoffEvent, EventOf<'handoff.initiated'>>,
  time: number,
): Handoff {
  const to = (state: HandoffState, more: Partial<Handoff> = {}): Handoff => ({
    ...handoff,
    state: move(handoff, state),
    since: time,
    overdue: false,
    ...more,
  })
  switch (data.type) {
    case 'handoff.validated':
      return { ...handoff, checks: data.checks }
    case 'handoff.transferred':
      return to('transferred')
    case 'handoff.clarifying': {
      const asked = { question: data.question, answer: null }
      return to('clarifying', { clarifications: [...handoff.clarifications, asked] })
    }
    case 'handoff.clarified': {
      const last = handoff.clarifications.length - 1
      const answered = { question: handoff.clarifications[last]?.question ?? '', answer: data.answer }
      return to('transferred', { clarifications: handoff.clarifications.with(last, answered) })
    }
    case 'handoff.acknowledged':
      return to('acknowledged')
    case 'handoff.returned':
      return to('returned', { reason: data.reason })
    case 'handoff.completed':
      return to('completed')
    case 'handoff.withdrawn':
      return to('withdrawn', { reason: data.reason })
    case 'handoff.overdue':
      return { ...handoff, overdue: true }
    default:
      return assertNever(data, 'unknown event')
  }
}

function move(handoff: Handoff, to: HandoffState): HandoffState {
  if (!HANDOFF_ARROWS[handoff.state].includes(to))
    throw new Error(`hand-off ${handoff.id} cannot go from ${handoff.state} to ${to}`)
  return to
}
