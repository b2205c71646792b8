import { expect, test } from 'vitest'
import { taskId } from '../domain/ids.ts'
import { Driver, RUN } from '../domain/testing/driver.ts'
import { tasks } from '../domain/testing/plan.ts'
import { start, stopAgent } from '../domain/testing/steps.ts'
import { agentStop } from './effects/agentControl.ts'
import { agentStart } from './effects/agentStart.ts'
import { exitReport } from './exitReport.ts'
import type { EffectContext } from './handlers.ts'
import type { Doors } from './ports/doors.ts'
import { type AgentObservation, ALREADY_STARTED_EXIT, type Runner } from './ports/runner.ts'
import { viewAttempt, type World } from './world.ts'

/** An agent that runs, and a world in which its container is `found`. */
const { signal } = new AbortController()

function running(found: AgentObservation['status'] | undefined, again = true): EffectContext {
  const driver = Driver.running(tasks(['a']))
  start(driver, 'a')
  stopAgent(driver, 'a')
  const effect = { type: 'agent.stop', run: RUN, task: 0, attempt: 1 } as const
  const view = viewAttempt(driver.state, effect)!
  const runner: Partial<Runner> = {
    stop: async () => undefined,
    find: async (attempt) => found && { attempt, handle: 'c1', status: found, startedAt: null, exit: null },
  }
  const world: Partial<World> = {
    runners: new Map([['simulated', runner as Runner]]),
    files: {
      readOutputs: async () => ({ ok: true, outputs: {} }),
      wasStartedAgain: async () => again,
    } as Partial<World['files']> as World['files'],
    freeBytes: async () => null,
    wall: () => 0,
  }
  return { world: world as World, effect, run: driver.run(), view, again: false, signal }
}

const end = { oomKilled: false, finishedAt: 0, error: null }

test('a second start overwrites how an agent ended: what it did is unknown, not failed', async () => {
  const { world, view } = running('exited')
  const report = await exitReport(world, view!, 'c1', { ...end, code: ALREADY_STARTED_EXIT })
  expect(report).toMatchObject({ type: 'report.lost', run: RUN, task: 0, attempt: 1 })
  const own = running('exited', false)
  expect(await exitReport(own.world, own.view!, 'c1', { ...end, code: ALREADY_STARTED_EXIT })).toMatchObject({
    type: 'report.exited',
    code: ALREADY_STARTED_EXIT,
  })
  expect(await exitReport(world, view!, 'c1', { ...end, code: 1 })).toMatchObject({ code: 1 })
  expect(view!.spec.id).toBe(taskId('a'))
})

test.each([
  ['created', 'report.lost'],
  ['exited', 'report.effect-done'],
  [undefined, 'report.effect-done'],
] as const)('a stop that finds its container %s says %s', async (found, type) => {
  expect(await agentStop(running(found))).toMatchObject({ type })
})

test('an agent that was begun and never put on record finds its door open again', async () => {
  const driver = Driver.running(tasks(['a']))
  const effect = { type: 'agent.start', run: RUN, task: 0, attempt: 1 } as const
  const view = viewAttempt(driver.state, effect)!
  const { world } = running('running')
  const opened: string[] = []
  const doors: Partial<Doors> = {
    open: async ({ id }) => {
      opened.push(id)
      return { folder: '', context: '', env: {} }
    },
  }
  const files = { prepareExchange: async () => '/x' } as Partial<World['files']> as World['files']
  const reached = { ...world, files, doors: doors as Doors }
  const report = await agentStart({ world: reached, effect, run: driver.run(), view, again: true, signal })
  expect(report).toMatchObject({ type: 'report.started', adopted: true })
  expect(opened).toEqual([view.id])
})
