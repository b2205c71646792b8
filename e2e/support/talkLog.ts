import { expect } from 'vitest'
import type { EventEnvelope, EventOf } from '../../main/domain/events.ts'
import type { Plan } from '../../main/domain/plan.ts'

/** What was said in a run, as its log has it. */
export interface TalkLog {
  readonly plan: Plan
  readonly sent: readonly EventOf<'message.sent'>[]
  readonly events: readonly EventEnvelope[]
}

export function talkLog(events: readonly EventEnvelope[]): TalkLog {
  const started = events.find(({ data }) => data.type === 'run.started')!.data as EventOf<'run.started'>
  return { plan: started.plan, sent: ofType(events, 'message.sent'), events }
}

export function ofType<T extends EventEnvelope['data']['type']>(
  events: readonly EventEnvelope[],
  type: T,
): readonly EventOf<T>[] {
  return events.map(({ data }) => data).filter((data): data is EventOf<T> => data.type === type)
}

/**
 * Every message was dealt with exactly once by each receiver (handled, or returned when it ended), in the order of
 * its sender for those that were handed over.
 */
export function expectHandledOnce({ sent, events }: TalkLog): void {
  const closed = new Map<string, number>()
  const note = (task: number | null, numbers: readonly number[]): void => {
    for (const number of numbers) {
      const key = `${number} by ${task ?? 'person'}`
      closed.set(key, (closed.get(key) ?? 0) + 1)
    }
  }
  for (const { task, numbers } of ofType(events, 'message.handled')) note(task, numbers)
  for (const { task, numbers } of ofType(events, 'message.returned')) note(task, numbers)
  const wanted = sent.flatMap(({ number, recipients }) => recipients.map((task) => `${number} by ${task}`))
  expect([...closed].filter(([, count]) => count !== 1)).toEqual([])
  expect([...closed.keys()].toSorted()).toEqual(expect.arrayContaining(wanted.toSorted()))
  expect(sent.map(({ number }) => number)).toEqual(sent.map((_, i) => i + 1))
  const delivered = new Map<string, number>()
  for (const { task, numbers } of ofType(events, 'message.delivered')) {
    for (const number of numbers) {
      const { from } = sent[number - 1]!
      const pair = `${from.kind === 'task' ? from.task : from.kind} > ${task}`
      expect(number, `order of ${pair}`).toBeGreaterThan(delivered.get(pair) ?? 0)
      delivered.set(pair, number)
    }
  }
}
