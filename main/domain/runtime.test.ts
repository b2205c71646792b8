import { describe, expect, test } from 'vitest'
import { Driver, PROJECT, RUN } from './testing/driver.ts'
import { tasks } from './testing/plan.ts'
import { at, end, fail, finish, start } from './testing/steps.ts'

const MINUTE = 60_000

describe('the runtime limit terminates, and only RUNNING time counts', () => {
  test('10 minutes by default; polite stop first; then retries as any failure', () => {
    const driver = Driver.running(tasks(['a'], { with: { a: { retry: 1 } } }))
    start(driver, 'a')
    driver.advance(10 * MINUTE - 1)
    expect(driver.attempt('a').state).toBe('RUNNING')
    driver.advance(1)
    expect(driver.attempt('a')).toMatchObject({ state: 'TIMEOUT', effects: ['agent.stop'] })
    end(driver, 'a', 143)
    expect(driver.task('a').past[0]).toMatchObject({
      state: 'TERMINATED',
      cause: 'timeout',
      detail: 'it ran longer than its limit of 600 s',
    })
    expect(driver.attempt('a').n).toBe(2)
  })

  test('the task’s own limit wins', () => {
    const driver = Driver.running(tasks(['a'], { with: { a: { timeoutMs: MINUTE } } }))
    start(driver, 'a')
    driver.advance(MINUTE)
    expect(driver.attempt('a').state).toBe('TIMEOUT')
  })

  test('waiting for a slot and for its start does not count', () => {
    const driver = Driver.running(
      tasks(['a', 'b'], { limits: { maxConcurrentAgents: 1 }, all: { timeoutMs: MINUTE } }),
    )
    driver.advance(5 * MINUTE)
    start(driver, 'a')
    driver.advance(MINUTE - 1)
    expect(driver.attempt('a').state).toBe('RUNNING')
  })

  test('pauses do not count, also over a restart', () => {
    const driver = Driver.running(tasks(['a'], { with: { a: { timeoutMs: MINUTE } } }))
    start(driver, 'a')
    driver.advance(MINUTE / 2)
    driver.must({ type: 'agent.pause', run: RUN, task: 'a' })
    driver.advance(10 * MINUTE)
    driver.restart()
    driver.must({ type: 'agent.continue', run: RUN, task: 'a' })
    driver.advance(MINUTE / 2 - 1)
    expect(driver.attempt('a').state).toBe('RUNNING')
    driver.advance(1)
    expect(driver.attempt('a').state).toBe('TIMEOUT')
  })

  test('one that cannot be paused is timed again from the end of its conflict', () => {
    const driver = Driver.running(tasks(['a'], { with: { a: { timeoutMs: MINUTE } } }))
    start(driver, 'a')
    const parties = [`${RUN}/a#1`]
    const about = { project: PROJECT, files: ['a.ts'], text: 'clash', evidence: [], parties, hold: parties }
    driver.must({ type: 'report.conflict', cause: 'overlap', ...about })
    // Its timer goes off meanwhile, and is of no account.
    driver.advance(2 * MINUTE)
    const failed = { effect: 'agent.pause', error: 'no freezer', remedy: '', permanent: true } as const
    driver.must({ type: 'report.effect-failed', ...at(driver, 'a'), ...failed })
    driver.must({ type: 'report.conflict-gone', project: PROJECT, conflict: 'c1', detail: 'gone' })
    expect(driver.attempt('a')).toMatchObject({ state: 'RUNNING', paused: false })
    driver.advance(MINUTE)
    expect(driver.attempt('a').state).toBe('TIMEOUT')
  })

  test('the figures count RUNNING time alone', () => {
    const driver = Driver.running(tasks(['a']))
    driver.advance(300)
    start(driver, 'a')
    driver.advance(1_000)
    driver.must({ type: 'run.pause', run: RUN })
    driver.advance(5_000)
    driver.must({ type: 'run.continue', run: RUN })
    driver.advance(500)
    finish(driver, 'a')
    expect(driver.run().totals).toEqual({ busyMs: 1_500, overheadMs: 300 })
  })
})

describe('an agent without a sign of life is stuck and restarted', () => {
  const stuck = (driver: Driver, quietMs = 5 * MINUTE) =>
    driver.send({ type: 'report.stuck', ...at(driver, 'a'), quietMs })

  test('once even without retries, then it counts as failed', () => {
    const driver = Driver.running(tasks(['a']))
    start(driver, 'a')
    expect(stuck(driver)).toBeUndefined()
    expect(driver.attempt('a').effects).toEqual(['agent.stop'])
    end(driver, 'a', 143)
    expect(driver.task('a').past[0]).toMatchObject({
      cause: 'stuck',
      detail: 'it gave no sign of life for 300 s',
    })
    start(driver, 'a')
    stuck(driver)
    end(driver, 'a', 143)
    expect(driver.task('a')).toMatchObject({ state: 'FAILED', outcome: 'failed', attempts: 2 })
  })

  test('not before 5 minutes, and not while paused', () => {
    const driver = Driver.running(tasks(['a']))
    start(driver, 'a')
    expect(stuck(driver, 5 * MINUTE - 1)).toMatchObject({ rejected: 'not-now' })
    driver.must({ type: 'agent.pause', run: RUN, task: 'a' })
    expect(stuck(driver)).toMatchObject({ rejected: 'stale' })
  })
})

describe('priority-0 work that runs for over 15 minutes calls a person', () => {
  const p0 = (priority = 0) => tasks(['a'], { with: { a: { priority, timeoutMs: 60 * MINUTE, retry: 1 } } })

  test('once an attempt, and goes on', () => {
    const driver = Driver.running(p0())
    start(driver, 'a')
    driver.advance(15 * MINUTE)
    expect(driver.attention()).toEqual(['a#1:p0-over-time'])
    expect(driver.attempt('a').state).toBe('RUNNING')
    driver.must({ type: 'attention.answer', run: RUN, id: 'a#1:p0-over-time', choice: 'seen' })
    driver.must({ type: 'run.pause', run: RUN })
    driver.must({ type: 'run.continue', run: RUN })
    driver.restart()
    driver.advance(MINUTE)
    expect(driver.attention()).toEqual([])
  })

  test('the call is taken back when the attempt is over', () => {
    const driver = Driver.running(p0())
    start(driver, 'a')
    driver.advance(15 * MINUTE)
    fail(driver, 'a')
    expect(driver.attention()).toEqual([])
  })

  test('not for other priorities', () => {
    const driver = Driver.running(p0(1))
    start(driver, 'a')
    driver.advance(30 * MINUTE)
    expect(driver.attention()).toEqual([])
  })
})
