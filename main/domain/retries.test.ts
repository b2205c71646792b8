import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { retryDelayMs } from './failure.ts'
import { check } from './testing/check.ts'
import { Driver, RUN } from './testing/driver.ts'
import { tasks } from './testing/plan.ts'
import { at, end, fail, finish, lost, retry, start } from './testing/steps.ts'

const MINUTE = 60_000

const roles = { A: { skills: ['ts'] }, B: { skills: ['ts'] }, C: { skills: ['sql'] } }

describe('retry: 1 is two attempts in all, then another agent with the skill tries once, then FAILED and a person', () => {
  test('without another role that has the skill', () => {
    const driver = Driver.running(tasks(['a'], { with: { a: { retry: 1, skills: ['ts'] } } }))
    fail(driver, 'a')
    expect(driver.attention()).toEqual([])
    fail(driver, 'a')
    expect(driver.task('a')).toMatchObject({ state: 'FAILED', outcome: 'failed', attempts: 2 })
    expect(driver.attention()).toEqual(['a#2:task-failed'])
  })

  test('with one: it tries once, and nobody is called before', () => {
    const driver = Driver.running(tasks(['a'], { roles, with: { a: { retry: 1, skills: ['ts'] } } }))
    fail(driver, 'a', 'a')
    expect(driver.attempt('a')).toMatchObject({ n: 3, role: 'B' })
    expect(driver.attention()).toEqual([])
    fail(driver, 'a')
    expect(driver.events('task.assigned').map(({ role, reason }) => `${role} ${reason}`)).toEqual([
      'A first',
      'A retry',
      'B other-agent',
    ])
    expect(driver.attention()).toEqual(['a#3:task-failed'])
    expect(driver.run().status).toBe('failed')
  })

  test('the other agent may succeed', () => {
    const driver = Driver.running(tasks(['a'], { roles, with: { a: { skills: ['ts'] } } }))
    fail(driver, 'a')
    finish(driver, 'a')
    expect(driver.run().status).toBe('completed')
  })

  test('retries stay with the role that failed, though another with the skill is less busy', () => {
    const shared = { role: null, skills: ['ts'], retry: 1 }
    const driver = Driver.running(tasks(['a', 'b', 'c'], { roles, with: { a: shared, c: { role: 'A' } } }))
    expect(driver.attempt('a').role).toBe('A')
    fail(driver, 'a')
    expect(driver.attempt('a')).toMatchObject({ n: 2, role: 'A' })
    fail(driver, 'a')
    expect(driver.attempt('a')).toMatchObject({ n: 3, role: 'B' })
  })

  test('one waiting for a busy other role does not hold up one whose other role is free', () => {
    const three = { A: { skills: ['ts', 'sql'] }, B: { skills: ['ts'], capacity: 1 }, C: { skills: ['sql'] } }
    const driver = Driver.running(
      tasks(['busy', 'a', 'b'], {
        roles: three,
        with: { busy: { role: 'B' }, a: { skills: ['ts'] }, b: { skills: ['sql'] } },
      }),
    )
    fail(driver, 'a')
    expect(driver.active()).toEqual(['busy', 'b'])
    fail(driver, 'b')
    expect(driver.attempt('b').role).toBe('C')
  })

  test('a person’s retry gives all tries anew', () => {
    const driver = Driver.running(tasks(['a'], { with: { a: { retry: 1 } } }))
    fail(driver, 'a', 'a')
    retry(driver, 'a')
    expect(driver.events('task.assigned').at(-1)).toMatchObject({ reason: 'person', attempt: 3 })
    fail(driver, 'a')
    expect(driver.attempt('a').n).toBe(4)
  })
})

describe('the wait before a retry', () => {
  test('doubles up to its maximum', () => {
    const policy = { retries: 9, delayMs: 100, maxDelayMs: 500, jitter: 0 }
    expect([1, 2, 3, 4, 5].map((tries) => retryDelayMs(policy, tries, 's'))).toEqual([
      100, 200, 400, 500, 500,
    ])
  })

  test('stays within its bounds and is a number for any policy and any number of tries', () => {
    const policy = fc.record({
      retries: fc.nat(),
      delayMs: fc.nat(),
      maxDelayMs: fc.nat(),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    check(
      500,
      fc.property(policy, fc.integer({ min: 1, max: 5_000 }), fc.string(), (any, tries, seed) => {
        const full = Math.min(any.delayMs * 2 ** Math.min(tries - 1, 52), any.maxDelayMs)
        const delay = retryDelayMs(any, tries, seed)
        expect(delay).toBe(retryDelayMs(any, tries, seed))
        expect(delay).toBeGreaterThanOrEqual(Math.floor(full * (1 - any.jitter)))
        expect(delay).toBeLessThanOrEqual(full)
      }),
    )
  })

  test('starts nothing before it is over, and survives a restart', () => {
    const driver = Driver.running(tasks(['a'], { with: { a: { retry: { retries: 1, delayMs: MINUTE } } } }))
    fail(driver, 'a')
    expect(driver.run().counts).toMatchObject({ retrying: 1, active: 0, ready: 0 })
    driver.restart()
    driver.advance(MINUTE - 1)
    expect(driver.active()).toEqual([])
    driver.advance(1)
    expect(driver.attempt('a').n).toBe(2)
  })
})

describe('on_lost decides about an attempt whose outcome is unknown', () => {
  test('ask: the task waits for a person, and the rest goes on', () => {
    const driver = Driver.running(tasks(['a', 'b']))
    start(driver, 'a')
    driver.must(lost(at(driver, 'a')))
    expect(driver.task('a')).toMatchObject({ state: 'BLOCKED', cause: 'outcome unknown' })
    finish(driver, 'b')
    expect(driver.run().status).toBe('running')
    expect(driver.attention()).toEqual(['a#1:lost'])
  })

  test.each([
    ['retry', 'completed'],
    ['skip', 'completed'],
    ['fail', 'failed'],
  ])('ask, answered with %s: the run is %s', (choice, status) => {
    const driver = Driver.running(tasks(['a']))
    driver.must(lost(at(driver, 'a')))
    driver.must({ type: 'attention.answer', run: RUN, id: 'a#1:lost', choice })
    if (choice === 'retry') finish(driver, 'a')
    expect(driver.run().status).toBe(status)
    expect(driver.attention()).toEqual(choice === 'fail' ? ['a#1:task-failed'] : [])
  })

  test('retry: another attempt at once', () => {
    const driver = Driver.running(tasks(['a'], { with: { a: { onLost: 'retry' } } }))
    driver.must(lost(at(driver, 'a')))
    expect(driver.attempt('a').n).toBe(2)
  })

  test('fail: FAILED without another attempt, and a person is called', () => {
    const driver = Driver.running(tasks(['a'], { with: { a: { onLost: 'fail', retry: 3 } } }))
    driver.must(lost(at(driver, 'a')))
    expect(driver.task('a')).toMatchObject({ state: 'FAILED', outcome: 'failed' })
    expect(driver.attention()).toEqual(['a#1:task-failed'])
  })
})

test('why an attempt failed is said in words', () => {
  const driver = Driver.running(tasks(['a'], { with: { a: { retry: 1 } } }))
  end(driver, 'a', 3)
  expect(driver.task('a').past[0]).toMatchObject({
    cause: 'failed',
    detail: 'it ended with exit code 3',
    code: 3,
  })
})
