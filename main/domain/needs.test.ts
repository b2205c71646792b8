import { describe, expect, test } from 'vitest'
import { Driver } from './testing/driver.ts'
import { plan, tasks } from './testing/plan.ts'
import { fail, finish, retry, skip, start } from './testing/steps.ts'

const MINUTE = 60_000

describe('needs_soft warns when late or failed, and never starts or holds anything', () => {
  test('the dependent starts without it', () => {
    const driver = Driver.running(tasks(['unit', 'api'], { with: { api: { soft: { unit: MINUTE } } } }))
    expect(driver.active()).toEqual(['unit', 'api'])
    finish(driver, 'api')
    expect(driver.task('api').state).toBe('COMPLETED')
  })

  test('its completion starts nothing early', () => {
    const phases = plan([['unit', 'x'], ['api']], { with: { api: { soft: { unit: null } } } })
    const driver = Driver.running(phases)
    finish(driver, 'unit')
    expect(driver.active()).toEqual(['x'])
  })

  test('late: warns once, when the time-out after the dependent’s start has passed', () => {
    const driver = Driver.running(tasks(['unit', 'api'], { with: { api: { soft: { unit: MINUTE } } } }))
    start(driver, 'unit')
    driver.advance(MINUTE - 1)
    expect(driver.events('need.late')).toEqual([])
    driver.advance(1)
    expect(driver.events('need.late')).toMatchObject([{ task: 1, need: 0, soft: true, failed: false }])
    expect(driver.attention()).toEqual([])
    fail(driver, 'unit')
    driver.advance(60 * MINUTE)
    expect(driver.events('need.late')).toHaveLength(1)
  })

  test('late: warns although the dependent is over by then, also after a restart', () => {
    const driver = Driver.running(tasks(['unit', 'api'], { with: { api: { soft: { unit: MINUTE } } } }))
    finish(driver, 'api')
    driver.restart()
    driver.advance(MINUTE)
    expect(driver.events('need.late')).toHaveLength(1)
  })

  test('without a time-out it is late when it is not there at the start', () => {
    const driver = Driver.running(tasks(['unit', 'api'], { with: { api: { soft: { unit: null } } } }))
    driver.advance(0)
    expect(driver.events('need.late')).toHaveLength(1)
  })

  test('in time: no warning', () => {
    const driver = Driver.running(tasks(['unit', 'api'], { with: { api: { soft: { unit: MINUTE } } } }))
    finish(driver, 'unit')
    driver.advance(2 * MINUTE)
    expect(driver.events('need.late')).toEqual([])
  })

  test('failed: warns at once those that started without it', () => {
    const driver = Driver.running(tasks(['unit', 'api'], { with: { api: { soft: { unit: MINUTE } } } }))
    fail(driver, 'unit')
    expect(driver.events('need.late')).toMatchObject([{ task: 1, soft: true, failed: true }])
  })

  test('failed before the dependent starts: warns when it starts', () => {
    const driver = Driver.running(
      plan([['unit'], ['api']], { with: { unit: { allowFailure: true }, api: { soft: { unit: MINUTE } } } }),
    )
    fail(driver, 'unit')
    expect(driver.active()).toEqual(['api'])
    expect(driver.events('need.late')).toMatchObject([{ failed: true }])
  })
})

describe('a blocking need with a time-out calls a person when it passes and does not start the dependent', () => {
  const timed = () => tasks(['a', 'b: a'], { with: { b: { needTimeouts: { a: MINUTE } } } })

  test('once, and the question goes when the need is met', () => {
    const driver = Driver.running(timed())
    start(driver, 'a')
    driver.advance(MINUTE)
    expect(driver.attention()).toEqual(['b#0:need-late'])
    expect(driver.active()).toEqual(['a'])
    driver.restart()
    driver.advance(5 * MINUTE)
    expect(driver.events('need.late')).toHaveLength(1)
    finish(driver, 'a')
    expect(driver.active()).toEqual(['b'])
    expect(driver.attention()).toEqual([])
  })

  test('a person may dismiss it, and a restart does not bring it back', () => {
    const driver = Driver.running(timed())
    driver.advance(MINUTE)
    driver.must({ type: 'attention.answer', run: driver.run().id, id: 'b#0:need-late', choice: 'ok' })
    driver.restart()
    driver.advance(MINUTE)
    expect(driver.attention()).toEqual([])
  })

  test('timed from the opening of the dependent’s phase', () => {
    const driver = Driver.running(
      plan([['x'], ['a', 'b: a']], { with: { b: { needTimeouts: { a: MINUTE } } } }),
    )
    driver.advance(10 * MINUTE - 1)
    finish(driver, 'x')
    driver.advance(MINUTE - 1)
    expect(driver.attention()).toEqual([])
    driver.advance(1)
    expect(driver.attention()).toEqual(['b#0:need-late'])
  })

  test('timed anew when a person retries the need of a run that was over', () => {
    const driver = Driver.running(timed())
    fail(driver, 'a')
    expect(driver.run().status).toBe('failed')
    driver.advance(60 * MINUTE)
    expect(driver.events('need.late')).toEqual([])
    retry(driver, 'a')
    driver.advance(MINUTE - 1)
    expect(driver.attention()).toEqual([])
    driver.advance(1)
    expect(driver.attention()).toEqual(['b#0:need-late'])
  })

  test('met by a skip: nobody is called', () => {
    const driver = Driver.running(
      tasks(['x', 'a: x', 'b: a'], { with: { b: { needTimeouts: { a: MINUTE } } } }),
    )
    skip(driver, 'a')
    driver.advance(MINUTE)
    expect(driver.attention()).toEqual([])
  })
})

test('due is told once, and not of what is done', () => {
  const driver = Driver.running(tasks(['a', 'b'], { all: { dueMs: MINUTE } }))
  finish(driver, 'a')
  driver.advance(MINUTE)
  driver.restart()
  driver.advance(MINUTE)
  expect(driver.events('task.overdue')).toEqual([{ type: 'task.overdue', task: 1 }])
})
