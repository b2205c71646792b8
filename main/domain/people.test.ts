import { describe, expect, test } from 'vitest'
import { Driver, RUN } from './testing/driver.ts'
import { plan, tasks } from './testing/plan.ts'
import {
  at,
  cut,
  fail,
  finish,
  lost,
  rerun,
  retry,
  skip,
  start,
  stopAgent,
  stopRun,
} from './testing/steps.ts'

describe('retry', () => {
  test('in a run under way: the task and, when it succeeds, its dependents', () => {
    const driver = Driver.running(tasks(['a', 'b: a', 'x']))
    fail(driver, 'a')
    expect(retry(driver, 'a')).toBeUndefined()
    expect(driver.attention()).toEqual([])
    finish(driver, 'a')
    expect(driver.active()).toEqual(['b', 'x'])
  })

  test('in a run that is over: it goes on, and what was cancelled gets its turn', () => {
    const driver = Driver.running(plan([['a', 'b: a'], ['c']]))
    fail(driver, 'a')
    expect(driver.run().status).toBe('failed')
    retry(driver, 'a')
    expect(driver.run()).toMatchObject({ status: 'running', endedAt: null, cause: null })
    finish(driver, 'a', 'b', 'c')
    expect(driver.run()).toMatchObject({ status: 'completed', attention: [] })
  })

  test('also what had been made anew by a re-run and was cancelled before it ran', () => {
    const driver = Driver.running(tasks(['a', 'b: a']))
    finish(driver, 'a', 'b')
    rerun(driver, 'a')
    fail(driver, 'a')
    expect(driver.task('b').outcome).toBe('cancelled')
    retry(driver, 'a')
    finish(driver, 'a', 'b')
    expect(driver.run().status).toBe('completed')
  })

  test('what a person stopped stays stopped until it is asked for itself', () => {
    const driver = Driver.running(tasks(['a', 'b']))
    start(driver, 'a')
    stopAgent(driver, 'a')
    fail(driver, 'a', 'b')
    retry(driver, 'b')
    expect(driver.active()).toEqual(['b'])
    retry(driver, 'a')
    finish(driver, 'a', 'b')
    expect(driver.run().status).toBe('completed')
  })

  test('of a cancelled task whose need failed: it waits for the need and is cancelled again', () => {
    const driver = Driver.running(tasks(['a', 'b: a']))
    fail(driver, 'a')
    retry(driver, 'b')
    expect(driver.run().status).toBe('failed')
    expect(driver.task('b')).toMatchObject({ attempts: 0, outcome: 'cancelled' })
  })

  test.each([
    ['under way', (driver: Driver) => start(driver, 'a')],
    ['completed', (driver: Driver) => finish(driver, 'a')],
  ])('of a task that is %s is refused', (_, prepare) => {
    const driver = Driver.running(tasks(['a', 'x']))
    prepare(driver)
    expect(retry(driver, 'a')).toMatchObject({ rejected: 'not-now' })
  })

  test('while a retry is pending is refused, and skip ends the wait', () => {
    const driver = Driver.running(
      tasks(['a', 'b: a'], { with: { a: { retry: { retries: 1, delayMs: 900 } } } }),
    )
    fail(driver, 'a')
    expect(retry(driver, 'a')).toMatchObject({ rejected: 'not-now' })
    skip(driver, 'a')
    expect(driver.run().counts.retrying).toBe(0)
    driver.advance(900)
    expect(driver.active()).toEqual(['b'])
  })
})

describe('skip', () => {
  test('of a task not started, not run: its dependents go on', () => {
    const driver = Driver.running(tasks(['x', 'a: x', 'b: a']))
    skip(driver, 'a')
    expect(driver.task('a')).toMatchObject({
      state: 'FAILED',
      outcome: 'skipped',
      cause: 'skipped by person:ann',
    })
    expect(driver.active()).toEqual(['x', 'b'])
    finish(driver, 'x', 'b')
    expect(driver.run().status).toBe('completed')
  })

  test('of a failure in a run that is over: the rest goes on', () => {
    const driver = Driver.running(plan([['a'], ['b']]))
    fail(driver, 'a')
    driver.must({ type: 'attention.answer', run: RUN, id: 'a#1:task-failed', choice: 'skip' })
    finish(driver, 'b')
    expect(driver.run()).toMatchObject({ status: 'completed', attention: [] })
  })

  test('twice changes nothing; of completed or running work is refused', () => {
    const driver = Driver.running(tasks(['a', 'b', 'c: a']))
    skip(driver, 'c')
    expect(driver.must({ type: 'task.skip', run: RUN, task: 'c' })).toEqual([])
    finish(driver, 'b')
    expect(skip(driver, 'a')).toMatchObject({ rejected: 'not-now' })
    expect(skip(driver, 'b')).toMatchObject({ rejected: 'not-now' })
  })
})

describe('re-run', () => {
  test('of one node of a finished run: it and all built on it, nothing else, cut on the tip', () => {
    const driver = Driver.running(
      plan([
        ['a', 'b: a', 'x'],
        ['c: b', 'y'],
      ]),
    )
    finish(driver, 'a', 'b', 'x', 'c', 'y')
    rerun(driver, 'a')
    finish(driver, 'a', 'b', 'c')
    expect(driver.assigned()).toEqual(['a', 'x', 'b', 'c', 'y', 'a', 'b', 'c'])
    expect(driver.run().status).toBe('completed')
    expect(['a', 'b', 'c', 'x'].map((id) => driver.task(id).onTip)).toEqual([true, true, true, false])
  })

  test('of one node of a running run; refused while what is built on it is at work', () => {
    const driver = Driver.running(tasks(['a', 'b: a', 'x']))
    finish(driver, 'a')
    expect(rerun(driver, 'a')).toMatchObject({ rejected: 'not-now', reason: 'b is under way; stop it first' })
    fail(driver, 'b')
    expect(rerun(driver, 'a')).toBeUndefined()
    expect(driver.task('b')).toMatchObject({ state: 'CREATED', attempts: 1, tries: 0 })
    expect(driver.attention()).toEqual([])
    finish(driver, 'a', 'b', 'x')
    expect(driver.run().status).toBe('completed')
  })

  test('a dependent that waits for a person is let go and made anew', () => {
    const driver = Driver.running(tasks(['a', 'b: a', 'x']))
    finish(driver, 'a')
    driver.must(lost(at(driver, 'b')))
    expect(driver.attention()).toEqual(['b#1:lost'])
    rerun(driver, 'a')
    expect(driver.attention()).toEqual([])
    finish(driver, 'a', 'b', 'x')
    expect(driver.run().status).toBe('completed')
  })

  test('a dependent due for a retry waits for the new work instead', () => {
    const driver = Driver.running(
      tasks(['a', 'b: a', 'x'], { with: { b: { retry: { retries: 1, delayMs: 900 } } } }),
    )
    finish(driver, 'a')
    fail(driver, 'b')
    rerun(driver, 'a')
    driver.advance(900)
    expect(driver.active()).toEqual(['a', 'x'])
    finish(driver, 'a')
    expect(driver.active()).toEqual(['b', 'x'])
  })

  test('of a failed task is a retry; of one that has not run is refused', () => {
    const driver = Driver.running(tasks(['a', 'b: a', 'x']))
    expect(rerun(driver, 'b')).toMatchObject({ rejected: 'not-now' })
    fail(driver, 'a')
    expect(rerun(driver, 'a')).toBeUndefined()
    expect(driver.attempt('a').n).toBe(2)
  })
})

describe('pause and continue', () => {
  test('a run: its agents and what starts later pause, nothing new starts', () => {
    const driver = Driver.running(tasks(['a', 'b', 'c: a']))
    start(driver, 'a')
    driver.must({ type: 'run.pause', run: RUN })
    expect(driver.attempt('a')).toMatchObject({ paused: true, effects: ['agent.pause'] })
    start(driver, 'b')
    expect(driver.attempt('b')).toMatchObject({ paused: true, effects: ['agent.pause'] })
    finish(driver, 'a')
    expect(driver.active()).toEqual(['b'])
    driver.must({ type: 'run.continue', run: RUN })
    expect(driver.attempt('b')).toMatchObject({ paused: false, effects: ['agent.resume'] })
    expect(driver.active()).toEqual(['b', 'c'])
  })

  test('one agent; twice changes nothing; not one that is not running', () => {
    const driver = Driver.running(tasks(['a', 'b']))
    start(driver, 'a')
    const pause = { type: 'agent.pause', run: RUN, task: 'a' } as const
    expect(driver.must(pause)).toHaveLength(1)
    expect(driver.must(pause)).toEqual([])
    expect(driver.send({ ...pause, task: 'b' })).toMatchObject({ rejected: 'not-now' })
    expect(driver.must({ ...pause, type: 'agent.continue' })).toHaveLength(1)
  })

  test('while preparing: it is prepared, then waits', () => {
    const driver = Driver.running(tasks(['a'], { all: { workspace: 'repo' } }))
    driver.must({ type: 'run.pause', run: RUN })
    driver.must({
      type: 'report.prepared',
      run: RUN,
      base: null,
      branch: null,
      tip: 'b' as never,
      warnings: [],
    })
    expect(driver.active()).toEqual([])
    driver.must({ type: 'run.continue', run: RUN })
    expect(driver.active()).toEqual(['a'])
    driver.must(cut(at(driver, 'a')))
  })

  test('a run that is over or stopping is refused', () => {
    const driver = Driver.running(tasks(['a']))
    start(driver, 'a')
    stopRun(driver)
    expect(driver.send({ type: 'run.pause', run: RUN })).toMatchObject({ reason: 'run r1 is stopping' })
    fail(driver, 'a')
    expect(driver.send({ type: 'run.pause', run: RUN })).toMatchObject({ reason: 'run r1 is stopped' })
  })
})
