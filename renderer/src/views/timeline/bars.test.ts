import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Driver, RUN, START } from '../../../../main/domain/testing/driver.ts'
import { plan, tasks } from '../../../../main/domain/testing/plan.ts'
import { at, exited, finish, lost, start } from '../../../../main/domain/testing/steps.ts'
import { MUCH_TROUBLE, randomFrom, World } from '../../../../main/domain/testing/world.ts'
import { foldRun } from '../../state/history.ts'
import { chartOf, extendChart, runAt } from './bars.ts'
import { agentsAtWork, axisLabel, axisStep, criticalChain, linesOf, markOfBar, timesOf } from './figures.ts'

const chart = (driver: Driver) =>
  chartOf(
    driver.log.filter((event) => event.run === RUN),
    driver.state.projects,
    RUN,
  )!

test('an attempt as it went: waited, starting, ran with a pause, finishing', () => {
  const driver = Driver.running(tasks(['a', 'b'], { limits: { maxConcurrentAgents: 1 } }))
  driver.advance(10)
  start(driver, 'a')
  driver.advance(100)
  driver.must({ type: 'agent.pause', run: RUN, task: 'a' })
  driver.advance(30)
  driver.must({ type: 'agent.continue', run: RUN, task: 'a' })
  driver.advance(100)
  driver.must(exited(at(driver, 'a'), 0, { lagMs: 20 }))
  const [[a], [b]] = chart(driver).bars as [[never], [never]]
  expect(a).toMatchObject({
    n: 1,
    readyAt: START,
    assignedAt: START,
    startedAt: START + 10,
    exitedAt: START + 220,
    end: 'succeeded',
    pauses: [{ from: START + 110, to: START + 140 }],
  })
  expect(timesOf(a, driver.now)).toEqual({ waited: 0, starting: 10, ran: 180, paused: 30, finishing: 20 })
  expect(timesOf(b, driver.now + 5)).toEqual({ waited: 240, starting: 5, ran: 0, paused: 0, finishing: 0 })
})

test('retries stand beside one another; what a person is asked is a sign', () => {
  const driver = Driver.running(tasks(['a'], { with: { a: { retry: 1 } } }))
  start(driver, 'a')
  driver.advance(50)
  driver.must(exited(at(driver, 'a'), 1))
  driver.advance(1_000)
  start(driver, 'a')
  driver.advance(50)
  driver.must(lost(at(driver, 'a')))
  const { bars, signs } = chart(driver)
  expect(bars[0]!.map((bar) => [bar.n, bar.end, markOfBar(bar)])).toEqual([
    [1, 'failed', 'failed'],
    [2, 'lost', 'failed'],
  ])
  expect(signs).toMatchObject([{ kind: 'lost', task: 0, to: null }])
})

test('agents at work as steps, and the chain that took the time', () => {
  const driver = Driver.running(
    plan([
      ['a', 'b', 'c: a'],
      ['d', 'e'],
    ]),
  )
  start(driver, 'a', 'b')
  driver.advance(100)
  finish(driver, 'a')
  start(driver, 'c')
  driver.advance(50)
  finish(driver, 'b')
  driver.advance(10)
  finish(driver, 'c')
  start(driver, 'd', 'e')
  driver.advance(5)
  finish(driver, 'd')
  driver.advance(5)
  finish(driver, 'e')
  const made = chart(driver)
  expect(agentsAtWork(made).map(({ at: time, count }) => [time - START, count])).toEqual([
    [0, 2],
    [100, 2],
    [150, 1],
    [160, 2],
    [165, 1],
    [170, 0],
  ])
  const ids = [...criticalChain(made, driver.now)].map((i) => made.run.plan.tasks[i]!.id)
  expect(ids).toEqual(['e', 'c', 'a'])
  expect(linesOf(made.run, new Set([0])).map((line) => line.kind)).toEqual(['phase', 'phase', 'task', 'task'])
})

test('marks of the axis keep apart', () => {
  expect([axisStep(1), axisStep(0.08), axisStep(0.001), axisStep(1e-9)]).toEqual([
    100, 1_000, 120_000, 86_400_000,
  ])
})

test('labels of the axis are as exact as its marks', () => {
  const labels = [axisLabel(0, 100), axisLabel(14_200, 100), axisLabel(75_500, 500), axisLabel(75_000, 5_000)]
  expect(labels).toEqual(['0', '14.2 s', '1 m 15.5 s', '1 m 15 s'])
})

test('whatever happens: in one go or in pieces it is the same chart, and every moment is the engine’s', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 1, max: 40 }), (seed, size) => {
      const lines = ['a', 'b', 'c: a', 'd: b c', 'e']
      const driver = Driver.running(plan([lines, ['f', 'g: f']], { all: { retry: 1, workspace: 'repo' } }))
      const world = new World(driver, randomFrom(seed), MUCH_TROUBLE)
      for (let steps = 0; steps < 300 && world.step(); steps++);
      const events = driver.log.filter((event) => event.run === RUN)
      const whole = chart(driver)
      let pieces = chartOf(events.slice(0, 1), driver.state.projects, RUN)!
      for (let i = 0; i < events.length; i += size) pieces = extendChart(pieces, events.slice(i, i + size))
      expect(pieces).toEqual(whole)
      expect(whole.run).toEqual(driver.run())
      const moment = events[Math.floor(events.length / 2)]!.time
      const until = events.findLast((event) => event.time <= moment)!.seq
      expect(runAt(whole, moment)).toEqual(foldRun(events, driver.state.projects, RUN, until))
      for (const bar of whole.bars.flat()) {
        const times = [bar.assignedAt, bar.startedAt, bar.exitedAt, bar.endedAt].filter(
          (time) => time !== null,
        )
        expect(times).toEqual(times.toSorted((a, b) => a - b))
      }
    }),
    { numRuns: 40 },
  )
})
