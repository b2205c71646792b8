import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { check } from '../testing/check.ts'
import { assess, type Crossing, NO_MEMORY, type Reading } from './gauge.ts'
import { DEFAULT_THRESHOLDS, type Threshold } from './policy.ts'

const MEMORY = DEFAULT_THRESHOLDS.find(({ measure }) => measure === 'host_memory_used')!
const RATE = DEFAULT_THRESHOLDS.find(({ measure }) => measure === 'agent_task_completion_rate')!

function feed(threshold: Threshold, values: readonly (number | null)[], count = 10): readonly Crossing[] {
  let memory = NO_MEMORY
  let bad = false
  return values.flatMap((value) => {
    const reading: Reading = { measure: threshold.measure, role: null, value, count }
    const round = assess(memory, [reading], [threshold], () => bad)
    memory = round.memory
    for (const crossing of round.crossings) bad = crossing.bad
    return round.crossings
  })
}

describe('a measure crosses its limits', () => {
  test.each([
    ['once over the limit says nothing', [0.99, 0.5], []],
    ['twice in a row is bad', [0.96, 0.97], [true]],
    ['rounds do not add up over a good one', [0.96, 0.5, 0.96], []],
    ['between the limits it stays bad', [0.96, 0.97, 0.9, 0.9, 0.9], [true]],
    ['well only under the other limit, twice', [0.96, 0.97, 0.8, 0.9, 0.8, 0.8], [true, false]],
    ['what is not known changes nothing', [0.96, null, 0.97], []],
  ] as const)('%s', (_, values, expected) => {
    expect(feed(MEMORY, values).map(({ bad }) => bad)).toEqual(expected)
  })

  test('what there is nothing left to judge by is not bad for ever; what is only not known stays', () => {
    const empty: Reading = { measure: RATE.measure, role: null, value: null, count: 0 }
    expect(assess(NO_MEMORY, [empty], [RATE], () => true).crossings).toMatchObject([
      { bad: false, expired: true },
    ])
    expect(assess(NO_MEMORY, [empty], [RATE], () => false).crossings).toEqual([])
    const unknown: Reading = { measure: MEMORY.measure, role: null, value: null, count: 0 }
    expect(assess(NO_MEMORY, [unknown], [MEMORY], () => true).crossings).toEqual([])
  })

  test('too few observations say nothing', () => {
    expect(feed(RATE, [0, 0, 0], RATE.least - 1)).toEqual([])
    expect(feed(RATE, [0, 0, 0], RATE.least)).toMatchObject([{ bad: true, value: 0, limit: RATE.limit }])
  })

  test('it never flaps: bad and well by turns, each after as many rounds as it takes', () => {
    const value = fc.float({ min: 0, max: 1, noNaN: true })
    check(
      200,
      fc.property(fc.array(value, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (values, rounds) => {
        const crossings = feed({ ...MEMORY, rounds }, values)
        crossings.forEach(({ bad, value: at }, i) => {
          expect(bad).toBe(i % 2 === 0)
          expect(bad ? at >= MEMORY.limit : at <= MEMORY.wellAt).toBe(true)
        })
        expect(crossings.length).toBeLessThanOrEqual(Math.floor(values.length / rounds))
      }),
    )
  })
})
