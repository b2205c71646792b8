import { describe, expect, it } from 'vitest'
import { EMPTY_STATE } from '../domain/state.ts'
import { Driver, RUN } from '../domain/testing/driver.ts'
import { tasks } from '../domain/testing/plan.ts'
import { end, fail, finish, start } from '../domain/testing/steps.ts'
import { desktopSummary, NOTHING } from './summary.ts'

describe('how things are, for the tray', () => {
  it('is idle when nothing is', () => {
    expect(desktopSummary(EMPTY_STATE)).toEqual(NOTHING)
  })

  it('is running while agents are at work', () => {
    const driver = Driver.running(tasks(['a', 'b: a']))
    start(driver, 'a')
    expect(desktopSummary(driver.state)).toMatchObject({
      look: 'running',
      agents: 1,
      needsYou: 0,
      newest: null,
      preferred: RUN,
      open: [{ run: RUN, name: 'Test #1', paused: false, stopping: false, agents: 1 }],
    })
  })

  it('needs a person who is asked something, and says what was asked last', () => {
    const driver = Driver.running(tasks(['a', 'b', 'c']))
    start(driver, 'a', 'b', 'c')
    fail(driver, 'a')
    driver.advance(1_000)
    fail(driver, 'b')
    const { look, needsYou, newest } = desktopSummary(driver.state)
    expect({ look, needsYou }).toEqual({ look: 'needs-you', needsYou: 2 })
    expect(newest).toMatchObject({
      choices: ['retry', 'skip'],
      place: { view: 'graph', run: RUN, task: 'b' },
    })
  })

  it('is an incident while priority-0 work is over its time', () => {
    const driver = Driver.running(
      tasks(['a'], { limits: { p0EscalateMs: 60_000 }, with: { a: { priority: 0, timeoutMs: 600_000 } } }),
    )
    start(driver, 'a')
    driver.advance(120_000)
    expect(desktopSummary(driver.state).look).toBe('incident')
    end(driver, 'a', 0)
    expect(desktopSummary(driver.state).look).not.toBe('incident')
  })

  it('is idle again when all is done', () => {
    const driver = Driver.running(tasks(['a']))
    finish(driver, 'a')
    expect(desktopSummary(driver.state)).toMatchObject({ look: 'idle', agents: 0, open: [] })
  })
})
