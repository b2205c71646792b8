import { expect, test } from 'vitest'
import { summarise } from './metrics.ts'
import { Driver, RUN } from './testing/driver.ts'
import { tasks } from './testing/plan.ts'
import { at, exited, fail, finish, lost, skip, start } from './testing/steps.ts'

const summary = (driver: Driver) => summarise(driver.run(), driver.now)

test('busy time over wall time and slots; orchestration delay over busy time', () => {
  const driver = Driver.running(tasks(['a', 'b']))
  driver.advance(100)
  start(driver, 'a', 'b')
  driver.advance(1_000)
  // The process of `a` was over 50 ms before it was recorded.
  driver.must(exited(at(driver, 'a'), 0, { lagMs: 50 }))
  driver.advance(900)
  finish(driver, 'b')
  driver.advance(10_000)
  expect(summary(driver)).toMatchObject({
    status: 'completed',
    wall_ms: 2_000,
    busy_ms: 950 + 1_900,
    utilization: 0.7125,
    efficiency: 1.425,
    overhead: 0.0877,
    attempts: 2,
    tasks: { total: 2, completed: 2, failed: 0, skipped: 0, cancelled: 0, pending: 0 },
  })
})

test('waiting for capacity, needs and retries is not overhead', () => {
  const options = {
    limits: { maxConcurrentAgents: 1 },
    with: { a: { retry: { retries: 1, delayMs: 5_000 } } },
  }
  const driver = Driver.running(tasks(['a', 'b: a', 'c'], options))
  fail(driver, 'a')
  start(driver, 'c')
  driver.advance(5_000)
  finish(driver, 'c', 'a', 'b')
  expect(summary(driver)).toMatchObject({ overhead: 0, busy_ms: 5_000, attempts: 4 })
})

test('counts what became of the tasks, and says who has to act', () => {
  const driver = Driver.running(tasks(['a', 'b', 'c', 'd: c', 'e: a']))
  fail(driver, 'a')
  finish(driver, 'b')
  driver.must(lost(at(driver, 'c')))
  expect(summary(driver)).toMatchObject({
    status: 'needs-person',
    tasks: { completed: 1, failed: 1, pending: 3 },
  })
  expect(summary(driver).needs_person).toHaveLength(2)
  skip(driver, 'c')
  finish(driver, 'd')
  expect(summary(driver)).toMatchObject({ status: 'failed', cause: 'a: it ended with exit code 1' })
  expect(summary(driver).tasks).toEqual({
    total: 5,
    completed: 2,
    failed: 1,
    skipped: 1,
    cancelled: 1,
    pending: 0,
  })
})

test('a run without any time has no shares', () => {
  const driver = Driver.running(tasks(['a']))
  driver.must({ type: 'run.stop', run: RUN, force: false })
  expect(summary(driver)).toMatchObject({ utilization: 0, overhead: 0, efficiency: 0 })
})
