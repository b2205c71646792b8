import { describe, expect, test } from 'vitest'
import { openMemoryStore } from '../store/memoryStore.ts'
import { type Anchor, clockFrom, MAX_OFF_MS, nextAnchor, openClock } from './clock.ts'

const HOUR = 3_600_000
const YEAR = 365 * 24 * HOUR
const T0 = 1_750_000_000_000

function source(wall: number, uptime: number, boot = 'one') {
  return { wall: () => wall, uptime: () => uptime, bootId: () => boot }
}

const started: Anchor = { boot: 'one', uptime: 1_000, wall: T0, time: T0 }

describe('R8: engine time across restarts', () => {
  const jumps = [0, HOUR, -HOUR, YEAR, -YEAR]
  for (const jump of jumps) {
    test(`in the same boot only the uptime counts, the wall clock moved by ${jump / HOUR} h`, () => {
      const anchor = nextAnchor(source(T0 + 60_000 + jump, 61_000), started, T0 + 59_000)
      expect(anchor.time).toBe(T0 + 60_000)
    })
  }

  test.each([
    ['after a reboot the wall clock says how long it was off', HOUR, HOUR],
    ['a clock set back by an hour takes nothing back', -HOUR, 0],
    ['a clock set back by a year takes nothing back', -YEAR, 0],
    ['a clock a year ahead is not believed', YEAR, MAX_OFF_MS],
  ])('%s', (_, moved, passed) => {
    const anchor = nextAnchor(source(T0 + moved, 5_000, 'two'), started, T0)
    expect(anchor.time).toBe(T0 + passed)
  })

  test('it never starts before the last event', () => {
    expect(nextAnchor(source(T0 - YEAR, 500, 'one'), started, T0 + HOUR).time).toBe(T0 + HOUR)
    expect(nextAnchor(source(T0 - YEAR, 500, 'two'), started, T0 + HOUR).time).toBe(T0 + HOUR)
  })

  test('without an anchor it is the wall clock', () => {
    expect(nextAnchor(source(T0, 5_000), undefined, 0).time).toBe(T0)
  })
})

test('while it runs the clock follows the uptime and never goes back', () => {
  let uptime = 1_000
  const clock = clockFrom(started, { ...source(T0, 0), uptime: () => uptime })
  const seen = [clock.now()]
  for (uptime of [1_001, 1_500, 1_400, 9_000]) seen.push(clock.now())
  expect(seen).toEqual([T0, T0 + 1, T0 + 500, T0 + 500, T0 + 8_000])
})

test('the anchor is kept in the store, so that the next start goes on from it', async () => {
  const store = openMemoryStore()
  await openClock(store, source(T0, 1_000), 0)
  const again = await openClock(store, source(T0 + YEAR, 3_000), 0)
  expect(again.now()).toBe(T0 + 2_000)
})
