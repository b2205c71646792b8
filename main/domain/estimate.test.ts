import fc from 'fast-check'
import { expect, test } from 'vitest'
import { forecast } from './estimate.ts'
import { expectDurations, type PastTask, placesHeld, progressOf } from './expectation.ts'
import { runId } from './ids.ts'
import type { Plan } from './plan.ts'
import { Driver } from './testing/driver.ts'
import { plan, tasks } from './testing/plan.ts'
import { at, exited, fail, finish, lost, skip, start, stopRun } from './testing/steps.ts'
import { randomFrom, World } from './testing/world.ts'

function took(task: string, ms: number, outcome = 'succeeded'): PastTask {
  return { task, outcome, startedAt: 1_000, endedAt: 1_000 + ms }
}

function look(driver: Driver, past: readonly PastTask[]) {
  const expected = expectDurations(driver.run(), past)
  return { expected, ...forecast(driver.run(), expected, driver.now) }
}

test('the median of the task, else of its kind, else of its role, else of all', () => {
  const driver = Driver.running(
    tasks(['a', 'test-1', 'test-2', 'b', 'c'], {
      roles: { One: {}, Two: {} },
      with: { b: { role: 'Two' }, c: { role: 'Two' } },
    }),
  )
  const past = [took('a', 10), took('a', 90), took('a', 20), took('test-1', 6), took('b', 3, 'failed')]
  expect(expectDurations(driver.run(), past)).toEqual([20, 6, 6, 15, 15])
  expect(expectDurations(driver.run(), [...past, took('b', 40)])).toEqual([20, 6, 6, 40, 40])
  expect(expectDurations(driver.run(), [])).toEqual([undefined, undefined, undefined, undefined, undefined])
})

test('what this run has finished counts', () => {
  const driver = Driver.running(tasks(['a', 'b: a']))
  start(driver, 'a')
  driver.advance(500)
  finish(driver, 'a')
  expect(look(driver, [])).toMatchObject({ expected: [500, 500], leftMs: 500, order: [] })
})

test('plays needs, limits, capacities, phases and priorities through', () => {
  const lines = [['a', 'b', 'c: a'], ['d']]
  const past = [took('a', 100), took('b', 250), took('c', 100), took('d', 50)]
  const left = (options: Parameters<typeof plan>[1]) => {
    const driver = Driver.running(plan(lines, options))
    return look(driver, past).leftMs
  }
  expect(left({})).toBe(300)
  expect(left({ limits: { maxConcurrentAgents: 1 } })).toBe(500)
  expect(left({ roles: { Worker: { capacity: 1 } } })).toBe(500)
})

test('tasks are taken by priority and turn, then by when they become free', () => {
  const driver = Driver.running(
    plan([['a', 'b', 'c', 'd: a'], ['e']], {
      limits: { maxConcurrentAgents: 1 },
      with: { c: { priority: 1 }, d: { priority: 0 } },
    }),
  )
  // The scheduler has given `c` its place already.
  const { order, startsIn } = look(
    driver,
    ['a', 'b', 'c', 'd', 'e'].map((task) => took(task, 100)),
  )
  expect(order.map((i) => driver.run().plan.tasks[i]!.id)).toEqual(['a', 'd', 'b', 'e'])
  expect(startsIn).toEqual([100, 300, undefined, 200, 400])
})

test('what is over its time is thought to take a tenth more; what runs counts only what is left', () => {
  const driver = Driver.running(tasks(['a']))
  start(driver, 'a')
  driver.advance(400)
  expect(look(driver, [took('a', 1_000)]).leftMs).toBe(600)
  expect(progressOf(driver.run(), 0, [1_000], driver.now)).toBe(0.4)
  driver.advance(1_600)
  expect(look(driver, [took('a', 1_000)]).leftMs).toBe(200)
  expect(progressOf(driver.run(), 0, [1_000], driver.now)).toBe(0.95)
  expect(progressOf(driver.run(), 0, [undefined], driver.now)).toBeUndefined()
})

test('nothing is said while something was never seen, a person decides or the run is stopping', () => {
  const driver = Driver.running(tasks(['a', 'b: a']))
  expect(look(driver, []).leftMs).toBeUndefined()
  expect(look(driver, []).order).toHaveLength(1)
  const past = [took('a', 10), took('b', 10)]
  driver.must(lost(at(driver, 'a')))
  expect(driver.task('a').state).toBe('BLOCKED')
  expect(look(driver, past)).toMatchObject({ leftMs: undefined, startsIn: [undefined, undefined] })

  const other = Driver.running(tasks(['a', 'b: a']))
  start(other, 'a')
  stopRun(other)
  expect(look(other, past).leftMs).toBeUndefined()
})

test('phases behind a failed one are out of reach', () => {
  const driver = Driver.running(plan([['a', 'b'], ['c']]))
  fail(driver, 'a')
  const past = [took('a', 10), took('b', 30), took('c', 10)]
  expect(driver.task('a').outcome).toBe('failed')
  const { leftMs, startsIn, order } = look(driver, past)
  expect({ leftMs, startsIn, order }).toEqual({
    leftMs: 30,
    startsIn: [undefined, undefined, undefined],
    order: [2],
  })
})

test('a skipped task frees its dependents; a finished run has nothing left', () => {
  const driver = Driver.running(tasks(['a', 'b', 'c: b'], { limits: { maxConcurrentAgents: 1 } }))
  const past = [took('a', 20), took('b', 900), took('c', 70)]
  expect(look(driver, past).leftMs).toBe(990)
  skip(driver, 'b')
  expect(look(driver, past)).toMatchObject({ leftMs: 90, order: [2] })
  finish(driver, 'a', 'c')
  expect(driver.run().endedAt).not.toBeNull()
  expect(look(driver, past)).toMatchObject({ leftMs: 0, order: [] })
})

test('a forecast of a fresh run comes true when every task takes what was expected', () => {
  const arbitrary = fc.record({
    sizes: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
    agents: fc.integer({ min: 1, max: 4 }),
    seed: fc.integer({ min: 0, max: 10_000 }),
  })
  fc.assert(
    fc.property(arbitrary, ({ sizes, agents, seed }) => {
      const made = randomPlan(sizes, agents, seed)
      const driver = Driver.running(made)
      const past = made.tasks.map((spec, i) => took(spec.id, 10 + ((seed + i * 37) % 90)))
      const { expected, leftMs } = look(driver, past)
      expect(playOut(driver, expected as readonly number[])).toBe(leftMs)
    }),
    { numRuns: 60 },
  )
})

function randomPlan(sizes: readonly number[], agents: number, seed: number): Plan {
  const random = randomFrom(seed)
  const lines = sizes.map((size, phase) =>
    Array.from({ length: size }, (_, n) => {
      const needs = Array.from({ length: n }, (_, m) => `p${phase}-t${m}x`).filter(() => random() < 0.3)
      return `p${phase}-t${n}x: ${needs.join(' ')}`
    }),
  )
  const priorities = lines.flat().map((line) => [line.split(':')[0]!, { priority: Math.floor(random() * 6) }])
  return plan(lines, { limits: { maxConcurrentAgents: agents }, with: Object.fromEntries(priorities) })
}

/** Lets every agent run as long as expected; the time until the run is over, ms. */
function playOut(driver: Driver, expected: readonly number[]): number {
  const from = driver.now
  const ends = new Map<number, number>()
  const world = new World(driver, () => 0)
  while (driver.run().endedAt === null) {
    for (const [i, task] of [...driver.run().tasks].entries()) {
      if (task.current?.state === 'WAITING') {
        driver.must({
          type: 'report.started',
          run: driver.run().id,
          task: i,
          attempt: 1,
          handle: 'h',
          adopted: false,
        })
        ends.set(i, driver.now + expected[i]!)
      }
    }
    const next = [...ends].filter(([i]) => driver.run().tasks.get(i)!.current?.state === 'RUNNING')
    if (next.length === 0) {
      world.step()
      continue
    }
    const end = Math.min(...next.map(([, due]) => due))
    driver.advance(end - driver.now)
    for (const [task, due] of next) {
      if (due === end) driver.must(exited({ run: driver.run().id, task, attempt: 1 }))
    }
  }
  return driver.run().endedAt! - from
}

test('agents of other runs hold places until they are likely done', () => {
  const driver = Driver.running(tasks(['a'], { limits: { maxConcurrentAgents: 1 } }))
  start(driver, 'a')
  driver.advance(30)
  const other = runId('r2')
  driver.start(tasks(['b', 'c'], { limits: { maxConcurrentAgents: 1 } }), other)
  const held = placesHeld(driver.run(), [100], driver.now)
  expect([held, placesHeld(driver.run(), [undefined], driver.now)]).toEqual([[70], [30]])
  const { leftMs, startsIn } = forecast(driver.run(other), [10, 10], driver.now, held)
  expect({ leftMs, startsIn }).toEqual({ leftMs: 90, startsIn: [70, 80] })
})

test('ten thousand tasks cost little', () => {
  const lines = Array.from({ length: 10_000 }, (_, i) => (i < 100 ? `t${i}x` : `t${i}x: t${i - 100}x`))
  const driver = Driver.running(tasks(lines, { limits: { maxConcurrentAgents: 50 } }))
  const past = lines.map((line, i) => took(line.split(':')[0]!, 10 + (i % 7)))
  const { leftMs, order } = look(driver, past)
  expect(leftMs).toBeGreaterThan((10_000 / 50) * 10)
  expect(order).toHaveLength(9_950)
})
