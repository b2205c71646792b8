import { expect, test } from 'vitest'
import { evolve } from './evolve.ts'
import { EMPTY_STATE } from './state.ts'
import { Driver } from './testing/driver.ts'
import { tasks } from './testing/plan.ts'

/** `width` chains side by side. */
function chains(count: number, width: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => (i < width ? `t${i}` : `t${i}: t${i - width}`))
}

/** µs an event, the median of five folds of a whole run's log. */
function cost(count: number): number {
  const driver = Driver.running(tasks(chains(count, 100), { limits: { maxConcurrentAgents: 50 } }))
  const { log } = driver
  play(driver)
  expect(driver.run().status).toBe('completed')
  const times = Array.from({ length: 5 }, () => {
    const from = performance.now()
    log.reduce(evolve, EMPTY_STATE)
    return ((performance.now() - from) * 1_000) / log.length
  })
  return times.toSorted((a, b) => a - b)[2]!
}

/** Looks only at agents under way, so that the play does not cost more the larger the run. */
function play(driver: Driver): void {
  const active = new Set<number>()
  driver.observers.push((_, { data }) => {
    if (data.type === 'task.assigned') active.add(data.task)
    if (data.type === 'task.completed') active.delete(data.task)
  })
  for (const { task } of driver.events('task.assigned')) active.add(task)
  const run = [...driver.state.runs.keys()][0]!
  const fine = {
    handle: 'h',
    code: 0,
    oomKilled: false,
    error: null,
    lagMs: 0,
    outputs: {},
    outputsError: null,
  }
  for (const task of active) driver.must({ type: 'report.exited', run, task, attempt: 1, ...fine })
}

test('an event costs about the same however large the run is (printed, not judged)', () => {
  const [small, large] = [cost(1_000), cost(10_000)]
  console.log(`evolve: ${small.toFixed(2)} µs an event at 1,000 tasks, ${large.toFixed(2)} µs at 10,000`)
  expect(Math.min(small, large)).toBeGreaterThan(0)
})
