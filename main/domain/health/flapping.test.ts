import { expect, test } from 'vitest'
import { Driver, RUN } from '../testing/driver.ts'
import { tasks } from '../testing/plan.ts'
import { at, exited, started } from '../testing/steps.ts'
import { DEFAULT_HEALTH } from './policy.ts'

const health = { ...DEFAULT_HEALTH, flapping: { times: 3, withinMs: 600_000 } }

function fail(driver: Driver): void {
  driver.must(started(at(driver, 'a')))
  driver.must(exited(at(driver, 'a'), 1))
  driver.advance(1)
}

test('what comes to grief again and again is paused, and a person asked', () => {
  const driver = Driver.running({ ...tasks(['a'], { all: { retry: 9 } }), health })
  fail(driver)
  fail(driver)
  expect(driver.run().attention).toEqual([])
  fail(driver)
  const [asked] = driver.run().attention
  expect(asked).toMatchObject({ kind: 'flapping', choices: ['retry', 'skip', 'fail'] })
  expect(asked!.text).toContain('3 times in 10 m')
  expect(driver.run().tasks.get(0)!.state).toBe('BLOCKED')
  driver.must({ type: 'attention.answer', run: RUN, id: asked!.id, choice: 'retry' })
  expect(driver.run().tasks.get(0)!.attempts).toBe(4)
})

test('what fails now and then is tried as often as its retries say', () => {
  const driver = Driver.running({ ...tasks(['a'], { all: { retry: 4 } }), health })
  for (let i = 0; i < 4; i++) {
    fail(driver)
    driver.advance(400_000)
    expect(driver.run().attention).toEqual([])
  }
  fail(driver)
  expect(driver.run().attention).toMatchObject([{ kind: 'task-failed' }])
})
