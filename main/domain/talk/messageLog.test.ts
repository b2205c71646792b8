import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { evolve } from '../evolve.ts'
import { EMPTY_STATE } from '../state.ts'
import { check } from '../testing/check.ts'
import { Driver } from '../testing/driver.ts'
import { plan } from '../testing/plan.ts'
import { start } from '../testing/steps.ts'
import { handles, message, quiet, says } from '../testing/talk.ts'
import { isClosed, type Message } from './message.ts'
import { append, change, EMPTY_LOG, find, KEPT_MESSAGES, type MessageLog, messagesOf } from './messageLog.ts'

function sample(number: number, open: boolean): Message {
  const driver = SAMPLE
  return { ...message(driver, 1), number, open: open ? [1] : [] }
}

const SAMPLE = Driver.running(quiet(plan([['a', 'b']])))
start(SAMPLE, 'a', 'b')
says(SAMPLE, 'a', { to: 'b', type: 'UPDATE' })

test('every open message is there, the newest too, whatever is closed in which order; earlier versions stay', () => {
  check(
    50,
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat()), { minLength: 300, maxLength: 900 }), (steps) => {
      let log: MessageLog = EMPTY_LOG
      const open = new Set<number>()
      for (const [isOpen, pick] of steps) {
        const before = log
        const kept = [...messagesOf(before)].map(({ number }) => number)
        const number = log.count + 1
        log = append(log, sample(number, isOpen))
        if (isOpen) open.add(number)
        const closing = [...open][pick % (open.size + 1)]
        if (closing !== undefined) {
          log = change(log, closing, (one) => ({ ...one, open: [] }))
          open.delete(closing)
        }
        expect([...messagesOf(before)].map((one) => one.number)).toEqual(kept)
      }
      for (const number of open) expect(find(log, number)?.number).toBe(number)
      for (let number = log.count; number > log.count - KEPT_MESSAGES && number > 0; number--)
        expect(find(log, number)?.number).toBe(number)
      expect([...messagesOf(log)].every((one, i, all) => i === 0 || one.number > all[i - 1]!.number)).toBe(
        true,
      )
    }),
  )
})

test('what is closed and old is let go, and the log does not grow', () => {
  let log: MessageLog = EMPTY_LOG
  for (let number = 1; number <= 10_000; number++) log = append(log, sample(number, number === 100))
  expect(find(log, 100)?.number).toBe(100)
  expect(find(log, 5_000)).toBeUndefined()
  expect([...messagesOf(log)].length).toBeLessThan(2 * KEPT_MESSAGES)
  expect([find(log, 0), find(log, 10_001), find(EMPTY_LOG, 1)]).toEqual([undefined, undefined, undefined])
})

test('a gap, or a message that is not there, is a defect', () => {
  expect(() => append(EMPTY_LOG, sample(2, true))).toThrow(/follows 0/)
  expect(() => change(EMPTY_LOG, 1, (one) => one)).toThrow(/no message 1/)
})

test.each([
  ['a receiver has it', { open: [1] }, false],
  ['the person has it', { personOpen: true }, false],
  ['an answer is waited for', { due: 1 }, false],
  ['it was answered', { due: 1, answer: 2 }, true],
  ['nobody answered in time', { due: 1, overdue: true }, true],
  ['the person did not answer in time', { due: 1, overdue: true, toPerson: true }, false],
  ['all have seen to it', {}, true],
])('closed or not: %s', (_name, parts, expected) => {
  expect(isClosed({ ...sample(1, false), ...parts })).toBe(expected)
})

/** µs an event of a conversation of `count` messages, each handled; the median of five folds. */
function cost(count: number): number {
  const driver = Driver.running(quiet(plan([['a', 'b']], { limits: { maxRuntimeMs: 1e12 } })))
  start(driver, 'a', 'b')
  for (let n = 1; n <= count; n++) {
    says(driver, n % 2 === 0 ? 'a' : 'b', {
      to: n % 2 === 0 ? 'b' : 'a',
      type: 'UPDATE',
      content: 'x'.repeat(200),
    })
    if (n % 10 === 0) for (const name of ['a', 'b']) handles(driver, name, ...driver.task(name).inbox)
  }
  const times = Array.from({ length: 5 }, () => {
    const from = performance.now()
    driver.log.reduce(evolve, EMPTY_STATE)
    return ((performance.now() - from) * 1_000) / driver.log.length
  })
  return times.toSorted((a, b) => a - b)[2]!
}

test('a message costs about the same however many there were (printed, not judged)', () => {
  const [small, large] = [cost(1_000), cost(10_000)]
  console.log(`evolve: ${small.toFixed(2)} µs an event at 1,000 messages, ${large.toFixed(2)} µs at 10,000`)
  expect(Math.min(small, large)).toBeGreaterThan(0)
})
