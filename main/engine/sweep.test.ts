import { expect, test } from 'vitest'
import { attemptId, taskId } from '../domain/ids.ts'
import { Driver, RUN } from '../domain/testing/driver.ts'
import { tasks } from '../domain/testing/plan.ts'
import { finish, start } from '../domain/testing/steps.ts'
import { Cleaner } from './cleaner.ts'
import type { AgentObservation, Runner } from './ports/runner.ts'
import { Watchers } from './watchers.ts'
import type { World } from './world.ts'

const ATTEMPT = attemptId(RUN, taskId('a'), 1)

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('an agent that ends while a sweep looks keeps its output: its own clean-up takes it first', async () => {
  const driver = Driver.running(tasks(['a']))
  start(driver, 'a')
  const done: string[] = []
  const [listed, written] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const seen: AgentObservation = {
    attempt: ATTEMPT,
    handle: 'c',
    status: 'running',
    startedAt: 1,
    exit: null,
  }
  const runner: Partial<Runner> = {
    kind: 'simulated',
    list: async () => {
      await listed.promise
      return [seen]
    },
    output: async function* () {
      await written.promise
      yield new Uint8Array(1)
    },
    remove: async () => void done.push('removed'),
    releaseRun: async () => undefined,
  }
  const file = {
    size: async () => 0,
    append: async () => void done.push('output'),
    close: async () => undefined,
  }
  const world = {
    engine: driver,
    scheduling: { now: () => 1, immediate: setImmediate, after: () => () => undefined },
    runners: new Map([['simulated', runner]]),
    workspaces: { list: async () => [], remove: async () => undefined },
    files: { output: () => file, removeExchange: async () => undefined },
    log: () => undefined,
  } as unknown as World
  const cleaner = new Cleaner(world, new Watchers(world))
  cleaner.sweep()
  const { state } = driver
  const from = driver.log.length
  finish(driver, 'a')
  cleaner.published(driver.log.slice(from), driver.state, state)
  listed.resolve()
  await settled()
  expect(done).toEqual([])
  written.resolve()
  await settled()
  expect(done).toEqual(['output', 'removed'])
  await cleaner.idle()
})
