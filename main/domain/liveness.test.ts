import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { runId } from './ids.ts'
import { needsPerson } from './metrics.ts'
import { planIndex } from './plan.ts'
import { isMet } from './state.ts'
import { anyPlan, anySeed } from './testing/arbitraries.ts'
import { check } from './testing/check.ts'
import { Driver, type Observer } from './testing/driver.ts'
import { everyInvariant } from './testing/invariants.ts'
import { MUCH_TROUBLE, NO_TROUBLE, randomFrom, World } from './testing/world.ts'

/** Whatever a task starts with has its needs met and every earlier phase settled well. */
const inOrder: Observer = (before, { data, run: id }) => {
  if (data.type !== 'task.assigned') return
  const run = before.runs.get(id!)!
  const { needs } = planIndex(run.plan)
  for (const need of needs[data.task]!) if (!isMet(run, need)) throw new Error('a need is not met')
  const { phase } = run.plan.tasks[data.task]!
  run.plan.tasks.forEach((spec, i) => {
    if (spec.phase < phase && !isMet(run, i)) throw new Error('an earlier phase has not settled well')
  })
}

test('without trouble every task of every graph is completed', () => {
  check(
    300,
    fc.property(anyPlan, anySeed, (plan, seed) => {
      const driver = Driver.running(plan, [everyInvariant(), inOrder])
      new World(driver, randomFrom(seed), NO_TROUBLE).settle()
      expect([...driver.run().tasks].map((task) => task.state)).toEqual(plan.tasks.map(() => 'COMPLETED'))
      expect(driver.run()).toMatchObject({ status: 'completed', attention: [] })
    }),
  )
})

test('whatever goes wrong, a run settles or waits for a person', () => {
  check(
    600,
    fc.property(anyPlan, anySeed, (plan, seed) => {
      const driver = Driver.running(plan, [everyInvariant(), inOrder])
      new World(driver, randomFrom(seed), MUCH_TROUBLE).settle()
      const run = driver.run()
      if (run.endedAt === null) expect([needsPerson(run), run.attention.length > 0]).toEqual([true, true])
      else expect(['completed', 'failed']).toContain(run.status)
    }),
  )
})

test('two runs of a project share its slots and its roles, and both end', () => {
  check(
    150,
    fc.property(anyPlan, anySeed, (plan, seed) => {
      const driver = Driver.running(plan, [everyInvariant()])
      driver.start(plan, runId('r2'))
      new World(driver, randomFrom(seed), NO_TROUBLE).settle()
      expect([...driver.state.runs.values()].map((run) => run.status)).toEqual(['completed', 'completed'])
    }),
  )
})

test('after a restart at any moment a run still settles or waits for a person', () => {
  check(
    150,
    fc.property(anyPlan, anySeed, fc.nat(60), (plan, seed, at) => {
      const driver = Driver.running(plan, [everyInvariant()])
      const world = new World(driver, randomFrom(seed), MUCH_TROUBLE)
      for (let step = 0; step < at; step++) world.step()
      driver.restart()
      world.settle()
      const run = driver.run()
      if (run.endedAt === null) expect([needsPerson(run), run.attention.length > 0]).toEqual([true, true])
    }),
  )
})
