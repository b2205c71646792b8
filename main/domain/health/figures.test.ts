import { describe, expect, test } from 'vitest'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import { tasks } from '../testing/plan.ts'
import { at, exited, started } from '../testing/steps.ts'
import { escalationRate, figuresOf, readingsOf } from './figures.ts'
import { successOf } from './success.ts'
import { HealthWindow } from './window.ts'

const PLAN = tasks(['a', 'b', 'c', 'd'], {
  roles: { Builder: {}, Tester: {} },
  limits: { maxConcurrentAgents: 4 },
  with: {
    a: { role: 'Builder' },
    b: { role: 'Builder', retry: 1 },
    c: { role: 'Tester' },
    d: { role: 'Tester' },
  },
})

/** a: done at once; b: fails once, then done; c: fails for good; d: stopped by a person. */
function played(): { readonly driver: Driver; readonly window: HealthWindow } {
  const window = new HealthWindow()
  const driver = Driver.running(PLAN, [(_, event, after) => window.take(event, after)])
  driver.advance(1_000)
  driver.must(started(at(driver, 'a')))
  driver.advance(2_000)
  for (const task of ['b', 'c', 'd']) driver.must(started(at(driver, task)))
  driver.advance(10_000)
  driver.must(exited(at(driver, 'a')))
  driver.must(exited(at(driver, 'b'), 1))
  driver.must(exited(at(driver, 'c'), 1))
  driver.must({ type: 'agent.stop', run: RUN, task: 'd', force: true })
  driver.must(exited(at(driver, 'd'), 137))
  driver.advance(500)
  driver.must(started(at(driver, 'b')))
  driver.must(exited(at(driver, 'b')))
  return { driver, window }
}

describe('health figures', () => {
  test('by role and in all, from what happened', () => {
    const { window } = played()
    const samples = [
      { project: PROJECT, role: 'Builder', cores: 0.5, memoryBytes: 100 },
      { project: PROJECT, role: 'Builder', cores: 0.25, memoryBytes: 50 },
    ]
    const [all, builder, tester] = figuresOf(window.recent(), samples, PROJECT)
    // d was stopped: it settled as cancelled, and its attempt says nothing.
    expect(all).toEqual({
      role: null,
      completionRate: 2 / 3,
      settled: 3,
      errorFrequency: 2 / 4,
      errors: 2,
      ended: 4,
      latency: { p50: 3_000, p95: 3_000 },
      started: 5,
      usage: { agents: 2, cores: 0.75, memoryBytes: 150 },
    })
    expect(builder).toMatchObject({
      role: 'Builder',
      completionRate: 1,
      errorFrequency: 1 / 3,
      latency: { p50: 1_000, p95: 3_000 },
    })
    expect(tester).toMatchObject({ role: 'Tester', completionRate: 0, settled: 1, usage: { agents: 0 } })
    expect(readingsOf([all!])).toContainEqual({
      measure: 'agent_error_frequency',
      role: null,
      value: 0.5,
      count: 4,
    })
  })

  test('a person was called about one of three', () => {
    expect(escalationRate(played().window.recent(), PROJECT)).toBeCloseTo(1 / 3)
  })

  test('nothing is told of nothing', () => {
    const empty = new HealthWindow()
    expect(figuresOf(empty.recent(), [], PROJECT)).toMatchObject([
      { completionRate: null, errorFrequency: null, latency: null },
    ])
    expect(escalationRate(empty.recent(), PROJECT)).toBeNull()
  })

  test('what is old is forgotten', () => {
    const { driver, window } = played()
    window.forget(driver.now + 1)
    expect(window.recent()).toEqual({ tasks: [], attempts: [], starts: [], calls: [] })
  })

  test('against the targets', () => {
    const { driver } = played()
    const lately = { completionRate: 2 / 3, escalationRate: 0.05 }
    const told = Object.fromEntries(
      successOf(driver.state, PROJECT, lately, driver.now).map(({ measure, value, met }) => [
        measure,
        [value === null ? null : Math.round(value * 100) / 100, met],
      ]),
    )
    expect(told).toMatchObject({ completion: [0.67, false], escalations: [0.05, true] })
    expect(told['overhead']![0]).toBeGreaterThan(0)
    expect(told['utilization']![0]).toBeGreaterThan(0.5)
  })
})
