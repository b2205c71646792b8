import { expect, test } from 'vitest'
import type { EffectType } from './events.ts'
import { Driver } from './testing/driver.ts'
import { tasks } from './testing/plan.ts'
import { at, lost, start } from './testing/steps.ts'

/** What becomes of an attempt when the outside refuses something for good. */

function refused(driver: Driver, effect: EffectType): void {
  driver.must({
    type: 'report.effect-failed',
    effect,
    ...at(driver, 'a'),
    error: 'no.',
    remedy: 'Ask.',
    permanent: true,
  })
}

test('on_lost: retry ends when a task is lost again and again', () => {
  const driver = Driver.running(tasks(['a'], { with: { a: { onLost: 'retry' } } }))
  for (let i = 0; i < 6; i++) {
    start(driver, 'a')
    driver.must(lost(at(driver, 'a')))
  }
  expect(driver.task('a')).toMatchObject({ state: 'FAILED', outcome: 'failed', attempts: 6 })
  expect(driver.attention()).toEqual(['a#6:task-failed'])
})

test('an agent that cannot be paused runs on, and is shown as running', () => {
  const driver = Driver.running(tasks(['a']))
  start(driver, 'a')
  driver.must({ type: 'agent.pause', run: driver.run().id, task: 'a' })
  refused(driver, 'agent.pause')
  expect(driver.attempt('a')).toMatchObject({ state: 'RUNNING', paused: false })
})

test('a stop that is refused stays open: an attempt is over only when its agent is', () => {
  const driver = Driver.running(tasks(['a']))
  start(driver, 'a')
  driver.must({ type: 'agent.stop', run: driver.run().id, task: 'a', force: false })
  refused(driver, 'agent.stop')
  expect(driver.attempt('a')).toMatchObject({ state: 'RUNNING', effects: ['agent.stop'] })
  expect(driver.attempt('a').trouble).toMatchObject({ effect: 'agent.stop', error: 'no.' })
})
