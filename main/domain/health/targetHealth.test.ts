import { describe, expect, test } from 'vitest'
import { lookAtTarget, NEW_TARGET } from './targetGauge.ts'

const RULE = { times: 3, withinMs: 600_000 }

/** Looks every 30 s; tells each turn with the number of the look. */
function watch(seen: readonly (boolean | null)[]): readonly [number, boolean, boolean][] {
  let memory = NEW_TARGET
  let isWell = true
  return seen.flatMap((one, i) => {
    const round = lookAtTarget(memory, isWell, one, i * 30_000, RULE)
    memory = round.memory
    if (round.turn === null) return []
    isWell = round.turn.healthy
    return [[i, round.turn.healthy, round.turn.flaps !== null] as [number, boolean, boolean]]
  })
}

describe('a target is looked at', () => {
  test.each([
    ['one bad look says nothing', [true, false, true], []],
    [
      'two in a row do',
      [true, false, false, true, true],
      [
        [2, false, false],
        [4, true, false],
      ],
    ],
    ['what cannot be seen changes nothing', [false, null, null, false], [[3, false, false]]],
  ] as const)('%s', (_, seen, expected) => {
    expect(watch(seen)).toEqual(expected)
  })

  test('one that comes and goes has to be well for longer, and it is said once', () => {
    const flap = [false, false, true, true]
    const turns = watch([...flap, ...flap, false, false, ...Array.from({ length: 12 }, () => true)])
    expect(turns).toEqual([
      [1, false, false],
      [3, true, false],
      [5, false, false],
      [7, true, false],
      [9, false, true],
      [19, true, false],
    ])
  })
})
