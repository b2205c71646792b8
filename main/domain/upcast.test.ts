import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type EventEnvelope, eventSchema } from './events.ts'
import { evolve } from './evolve.ts'
import { stateFromJson, stateToJson } from './serialise.ts'
import { EMPTY_STATE, type Run } from './state.ts'
import { EMPTY_TALK } from './talk/talk.ts'
import { Driver, RUN } from './testing/driver.ts'
import { plan } from './testing/plan.ts'
import { at, exited, fail, start } from './testing/steps.ts'
import { timersOf } from './timers.ts'
import { upcast } from './upcast.ts'

/** A run brought back as the release before agents talked wrote it: one at work, one failed and asked about, one waiting. */
const stored = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/recalled.v1.json'), 'utf8'),
) as EventEnvelope

/** What each part of a run has, by name. */
function shape(run: Run): unknown {
  const names = (part: object | null | undefined): readonly string[] => Object.keys(part ?? {}).sort()
  const task = run.tasks.get(0)!
  return [run, run.talk, task, task.current, run.attention[0]].map(names)
}

test('a run recalled by the first release is today’s, and goes on', () => {
  const event = upcast(stored)
  expect(event.version).toBe(2)
  expect(eventSchema.safeParse(event.data).error).toBeUndefined()
  const state = evolve(EMPTY_STATE, event)
  const run = state.runs.get(RUN)!
  const driver = Driver.running(plan([['a', 'b', 'c'], ['d']]))
  start(driver, 'a', 'c')
  fail(driver, 'b')
  expect(shape(run)).toEqual(shape(driver.run()))
  expect(run.talk).toEqual(EMPTY_TALK)
  expect(timersOf(state).map(({ timer }) => timer)).toEqual(timersOf(driver.state).map(({ timer }) => timer))
  const again = stateFromJson(JSON.parse(JSON.stringify(stateToJson(state))))
  expect(stateToJson(again)).toEqual(stateToJson(state))
  driver.state = { ...driver.state, runs: new Map([[RUN, run]]) }
  driver.must({ type: 'agent.progress', percent: 10, text: 'on it', ...at(driver, 'a') })
  driver.must(exited(at(driver, 'a')))
  expect(driver.task('a').state).toBe('COMPLETED')
})

test('what a later release wrote is refused by name', () => {
  expect(() => upcast({ ...stored, version: 3 })).toThrow(/newer than this program/)
})
