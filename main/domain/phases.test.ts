import { describe, expect, test } from 'vitest'
import { Driver, RUN } from './testing/driver.ts'
import { plan, tasks } from './testing/plan.ts'
import { fail, finish, rerun, retry, skip, start, stopAgent } from './testing/steps.ts'

describe('a phase starts when the one before has settled and nothing in it failed', () => {
  test('not before the last task of the one before', () => {
    const driver = Driver.running(plan([['a', 'b'], ['c']]))
    expect(driver.active()).toEqual(['a', 'b'])
    finish(driver, 'a')
    expect(driver.active()).toEqual(['b'])
    finish(driver, 'b')
    expect(driver.active()).toEqual(['c'])
  })

  test('never after a failure: the rest of the phase goes on, what follows is cancelled and says why', () => {
    const driver = Driver.running(plan([['a', 'b'], ['c']]))
    fail(driver, 'a')
    expect(driver.active()).toEqual(['b'])
    finish(driver, 'b')
    expect(driver.task('c')).toMatchObject({ outcome: 'cancelled', cause: 'phase P0 did not complete' })
    expect(driver.run()).toMatchObject({ status: 'failed', cause: 'a: it ended with exit code 1' })
  })

  test('a failed task with allow_failure does not hold it up, and the run is completed', () => {
    const driver = Driver.running(plan([['a'], ['b']], { with: { a: { allowFailure: true } } }))
    fail(driver, 'a')
    expect(driver.attention()).toEqual([])
    finish(driver, 'b')
    expect(driver.run().status).toBe('completed')
    expect(driver.task('a')).toMatchObject({ state: 'FAILED', outcome: 'failed' })
  })

  test('a task that a person stopped holds it up even with allow_failure', () => {
    const driver = Driver.running(plan([['a'], ['b']], { with: { a: { allowFailure: true } } }))
    start(driver, 'a')
    stopAgent(driver, 'a')
    fail(driver, 'a')
    expect([driver.task('a').outcome, driver.task('b').outcome]).toEqual(['cancelled', 'cancelled'])
  })

  test('empty phases are passed over', () => {
    const driver = Driver.running(plan([[], ['a'], [], ['b']]))
    finish(driver, 'a')
    expect(driver.active()).toEqual(['b'])
    finish(driver, 'b')
    expect(driver.run()).toMatchObject({ status: 'completed', phase: 4 })
  })

  test('a task that is to retry has not settled', () => {
    const driver = Driver.running(
      plan([['a'], ['b']], { with: { a: { retry: { retries: 1, delayMs: 500 } } } }),
    )
    fail(driver, 'a')
    expect(driver.active()).toEqual([])
    driver.advance(500)
    expect(driver.active()).toEqual(['a'])
    finish(driver, 'a')
    expect(driver.active()).toEqual(['b'])
  })
})

describe('within a phase only needs order', () => {
  test('tasks without needs start together, whatever their place', () => {
    const driver = Driver.running(tasks(['c', 'a', 'b: c']))
    expect(driver.active()).toEqual(['c', 'a'])
    finish(driver, 'c')
    expect(driver.active()).toEqual(['a', 'b'])
  })

  test('a task waits for all its needs, also for those of earlier phases', () => {
    const driver = Driver.running(plan([['a'], ['b', 'c: a b', 'd: c b']]))
    finish(driver, 'a', 'b')
    expect(driver.active()).toEqual(['c'])
    finish(driver, 'c')
    expect(driver.active()).toEqual(['d'])
  })

  test('a need that failed is never met: the dependent is cancelled and names it', () => {
    const driver = Driver.running(tasks(['a', 'b: a', 'c: b']))
    fail(driver, 'a')
    expect(driver.task('b')).toMatchObject({ outcome: 'cancelled', cause: 'needs a, which did not complete' })
    expect(driver.task('c')).toMatchObject({ outcome: 'cancelled', cause: 'needs b, which did not complete' })
  })

  test('a need that was skipped, or failed with allow_failure, is met', () => {
    const driver = Driver.running(tasks(['a', 'b', 'c: a b'], { with: { a: { allowFailure: true } } }))
    fail(driver, 'a')
    fail(driver, 'b')
    expect(driver.run().status).toBe('failed')
    skip(driver, 'b')
    expect(driver.active()).toEqual(['c'])
  })
})

describe('phases go back when people change what had settled', () => {
  test('a re-run in an earlier phase keeps later tasks that had not started waiting', () => {
    const driver = Driver.running(plan([['a'], ['b', 'c: b']]))
    finish(driver, 'a')
    start(driver, 'b')
    expect(rerun(driver, 'a')).toBeUndefined()
    expect(driver.run().phase).toBe(0)
    finish(driver, 'b')
    expect(driver.active()).toEqual(['a'])
    finish(driver, 'a')
    expect(driver.run().phase).toBe(1)
    expect(driver.active()).toEqual(['c'])
  })

  test('a retry of a later task waits while an earlier phase is open again', () => {
    const driver = Driver.running(plan([['a'], ['b', 'c']]))
    finish(driver, 'a')
    fail(driver, 'b')
    rerun(driver, 'a')
    expect(retry(driver, 'b')).toBeUndefined()
    expect(driver.active()).toEqual(['a', 'c'])
    finish(driver, 'a')
    expect(driver.active()).toEqual(['b', 'c'])
  })

  test('skipping the failure of a phase opens the next one', () => {
    const driver = Driver.running(plan([['a', 'x'], ['b']]))
    fail(driver, 'a')
    skip(driver, 'a')
    expect(driver.active()).toEqual(['x'])
    finish(driver, 'x')
    expect(driver.active()).toEqual(['b'])
  })

  test('what is ready keeps its turn when something else is skipped', () => {
    const order = tasks(['x', 'a: x', 'b', 'c', 'z'], { limits: { maxConcurrentAgents: 1 } })
    const driver = Driver.running(order)
    finish(driver, 'x')
    // b and c have been ready for longer than a.
    expect(driver.active()).toEqual(['b'])
    expect(driver.send({ type: 'task.skip', run: RUN, task: 'z' })).toBeUndefined()
    finish(driver, 'b', 'c')
    expect(driver.assigned()).toEqual(['x', 'b', 'c', 'a'])
  })
})
