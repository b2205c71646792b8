import * as fc from 'fast-check'
import { expect, test } from 'vitest'
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
