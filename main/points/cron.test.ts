import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextCron, parseCron } from './cron.ts'

const at = (text: string): number => new Date(text).getTime()

test.each([
  ['30 3 * * *', '2026-11-21T03:29:59', '2026-11-21T03:30:00'],
  ['30 3 * * *', '2026-11-21T03:30:00', '2026-11-22T03:30:00'],
  ['*/15 * * * *', '2026-11-21T03:46:00', '2026-11-21T04:00:00'],
  ['0 4 * * 0', '2026-11-21T12:00:00', '2026-11-22T04:00:00'],
  ['0 4 * * 7', '2026-11-21T12:00:00', '2026-11-22T04:00:00'],
  ['0 4 1 * 1', '2026-11-21T12:00:00', '2026-11-23T04:00:00'],
  ['0 0 29 2 *', '2026-11-21T12:00:00', '2028-02-29T00:00:00'],
  ['5,10-12 9-17/4 * * 1-5', '2026-11-20T13:11:30', '2026-11-20T13:12:00'],
])('%s after %s is %s', (line, from, next) => {
  expect(nextCron(line, at(from))).toBe(at(next))
})

test.each(['', '* * * *', '60 * * * *', '* * 0 * *', '*/0 * * * *', 'a * * * *', '5-1 * * * *'])(
  '%j is none',
  (line) => {
    expect(parseCron(line)).toBeNull()
    expect(nextCron(line, 0)).toBeNull()
  },
)

test('the next one is later, on a whole minute, and there is none between', () => {
  const number = (first: number, last: number) =>
    fc.oneof(fc.constant('*'), fc.integer({ min: first, max: last }).map(String))
  const line = fc
    .tuple(number(0, 59), number(0, 23), number(1, 28), number(1, 12), number(0, 7))
    .map((parts) => parts.join(' '))
  const time = fc.integer({ min: at('2026-01-01T00:00:00'), max: at('2027-01-01T00:00:00') })
  fc.assert(
    fc.property(line, time, (text, from) => {
      const next = nextCron(text, from)!
      expect(next).toBeGreaterThan(from)
      expect(next % 60_000).toBe(0)
      expect(nextCron(text, next - 1)).toBe(next)
    }),
  )
})
