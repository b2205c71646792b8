import { expect, test } from 'vitest'
import type { EventEnvelope } from '../../../../main/domain/events.ts'
import { commandId } from '../../../../main/domain/ids.ts'
import { fits, NO_FILTER, parseTarget } from './filter.ts'

const id = commandId('c')
const event: EventEnvelope = {
  seq: 12,
  version: 1,
  project: null,
  run: null,
  causation: id,
  correlation: id,
  actor: 'person:ann',
  type: 'run.paused',
  time: 0,
  data: { type: 'run.paused' },
}

test('filters by kind, actor and words', () => {
  const found = (filter: Partial<typeof NO_FILTER>) =>
    fits(event, { ...NO_FILTER, ...filter }, () => 'Is Paused')
  expect([found({}), found({ group: 'run' }), found({ group: 'task' })]).toEqual([true, true, false])
  expect([found({ actor: 'person' }), found({ actor: 'engine' })]).toEqual([true, false])
  expect([found({ text: 'paused ANN' }), found({ text: '12' }), found({ text: 'x' })]).toEqual([
    true,
    true,
    false,
  ])
})

test('a target is a number or the last such time of day', () => {
  const now = new Date(2026, 4, 3, 12, 0, 0).getTime()
  expect(parseTarget(' #120 ', now)).toEqual({ seq: 120 })
  expect(parseTarget('0', now)).toEqual({ seq: 1 })
  expect(parseTarget('11:30', now)).toEqual({ time: new Date(2026, 4, 3, 11, 30).getTime() })
  expect(parseTarget('14:05:09', now)).toEqual({ time: new Date(2026, 4, 2, 14, 5, 9).getTime() })
  expect([parseTarget('25:00', now), parseTarget('soon', now), parseTarget('', now)]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})
