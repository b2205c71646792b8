import { describe, expect, test } from 'vitest'
import { Driver, RUN } from './testing/driver.ts'
import { plan, type TaskOptions, tasks } from './testing/plan.ts'
import {
  at,
  committed,
  conflicted,
  cut,
  exited,
  fail,
  finish,
  lost,
  merged,
  prepared,
  retry,
  start,
  started,
  stopAgent,
  stopRun,
} from './testing/steps.ts'

/** Outcome × timing: a stop, polite or forced, of the agent or its run, at each point of an attempt's life. */

type Point = readonly [name: string, reach: (driver: Driver) => void, done: 'waits' | 'at once' | 'refused']

const repo: TaskOptions = { workspace: 'repo', retry: { retries: 1, delayMs: 900 } }

const POINTS: readonly Point[] = [
  ['before its workspace is cut', () => undefined, 'waits'],
  ['cut, not started', (driver) => driver.must(cut(at(driver, 'a'))), 'waits'],
  ['started', (driver) => start(driver, 'a'), 'waits'],
  ['paused', (driver) => pauseStarted(driver), 'waits'],
  ['timed out', (driver) => timeOut(driver), 'waits'],
  ['completing: being committed', (driver) => exit(driver), 'refused'],
  ['completing: being merged', (driver) => commit(driver), 'refused'],
  ['in conflict', (driver) => conflict(driver), 'at once'],
]

function pauseStarted(driver: Driver): void {
  start(driver, 'a')
  driver.must({ type: 'agent.pause', run: RUN, task: 'a' })
}

function timeOut(driver: Driver): void {
  start(driver, 'a')
  driver.advance(600_000)
}

function exit(driver: Driver): void {
  start(driver, 'a')
  driver.must(exited(at(driver, 'a')))
}

function commit(driver: Driver): void {
  exit(driver)
  driver.must(committed(at(driver, 'a')))
}

function conflict(driver: Driver): void {
  commit(driver)
  driver.must(conflicted(at(driver, 'a')))
}

function reached(reach: (driver: Driver) => void): Driver {
  const driver = Driver.running(plan([['a', 'b: a'], ['c']], { with: { a: repo } }))
  driver.must(prepared())
  reach(driver)
  return driver
}

/** Carries out what is open for `a` until its attempt is over; a forced stop ends with 137. */
function carryOut(driver: Driver): void {
  for (let steps = 0; driver.run().endedAt === null && driver.active().includes('a'); steps++) {
    if (steps > 10) throw new Error('the stop does not end')
    const place = at(driver, 'a')
    const effect = driver.attempt('a').effects.find((type) => type !== 'agent.pause')
    if (effect === 'workspace.cut') driver.must(cut(place))
    else if (effect === 'agent.start') driver.must(started(place))
    else if (effect === 'work.commit') driver.must(committed(place))
    else if (effect === 'work.merge') driver.must(merged(place))
    else driver.must(exited(place, 137))
  }
}

describe.each([
  ['polite', false],
  ['forced', true],
])('a %s stop of the run', (_, force) => {
  test.each(POINTS)('%s: it ends, and nothing starts after it', (_name, reach, done) => {
    const driver = reached(reach)
    expect(stopRun(driver, force)).toBeUndefined()
    const before = driver.events('task.assigned').length
    if (done === 'at once') expect(driver.run().status).toBe('stopped')
    else expect(driver.run().status).toBe('stopping')
    carryOut(driver)
    const finished = done === 'refused'
    expect(driver.run()).toMatchObject({ status: 'stopped', cause: 'the run was stopped', attention: [] })
    expect(driver.task('a').outcome).toBe(finished ? 'succeeded' : 'cancelled')
    expect(['b', 'c'].map((id) => driver.task(id).outcome)).toEqual(['cancelled', 'cancelled'])
    expect(driver.events('task.assigned')).toHaveLength(before)
    expect(driver.effects()).toEqual([])
  })

  test.each(POINTS)('%s: retried afterwards, it runs to its end', (_name, reach) => {
    const driver = reached(reach)
    stopRun(driver, force)
    carryOut(driver)
    expect(retry(driver, driver.task('a').state === 'FAILED' ? 'a' : 'b')).toBeUndefined()
    for (const id of ['a', 'b', 'c']) if (driver.task(id).state !== 'COMPLETED') finish(driver, id)
    expect(driver.run().status).toBe('completed')
  })
})

describe.each([
  ['polite', false],
  ['forced', true],
])('a %s stop of one agent', (_, force) => {
  test.each(POINTS)(
    '%s: the task is cancelled, without retry; merging work is left to end',
    (_name, reach, done) => {
      const driver = reached(reach)
      const refusal = stopAgent(driver, 'a', force)
      if (done === 'refused')
        expect(refusal).toMatchObject({ rejected: 'not-now', reason: 'its work is being merged' })
      else expect(refusal).toBeUndefined()
      if (done === 'refused') return
      carryOut(driver)
      expect(driver.task('a').outcome).toBe('cancelled')
      expect(driver.run()).toMatchObject({ status: 'failed', attention: [] })
    },
  )
})

describe('other moments', () => {
  test('stop while preparing: over at once, and a retry prepares it again', () => {
    const driver = Driver.running(tasks(['a'], { with: { a: repo } }))
    stopRun(driver)
    expect(driver.run()).toMatchObject({ status: 'stopped', effects: [] })
    expect(driver.send(prepared())).toMatchObject({ rejected: 'stale' })
    retry(driver, 'a')
    expect(driver.run()).toMatchObject({ status: 'preparing', effects: ['run.prepare'] })
    expect(driver.active()).toEqual([])
    driver.must(prepared())
    finish(driver, 'a')
    expect(driver.run().status).toBe('completed')
  })

  test('stop with a retry pending: over at once, the retry never comes', () => {
    const driver = reached((it) => fail(it, 'a'))
    expect(driver.run().counts.retrying).toBe(1)
    stopRun(driver)
    expect(driver.run()).toMatchObject({
      status: 'stopped',
      counts: { retrying: 0, ready: 0, active: 0, blocked: 0 },
    })
    driver.advance(900)
    expect(driver.active()).toEqual([])
  })

  test('stop with a question open: the question goes', () => {
    const driver = Driver.running(tasks(['a']))
    driver.must(lost(at(driver, 'a')))
    stopRun(driver)
    expect(driver.run()).toMatchObject({ status: 'stopped', attention: [] })
  })

  test('a conflict while stopping ends with the run', () => {
    const driver = reached(commit)
    stopRun(driver)
    driver.must(conflicted(at(driver, 'a')))
    expect(driver.run()).toMatchObject({ status: 'stopped', attention: [] })
    expect(driver.task('a')).toMatchObject({ outcome: 'cancelled', current: null })
  })

  test('polite, then forced: the second asks again; forced, then polite: changes nothing', () => {
    const driver = reached((it) => start(it, 'a'))
    stopRun(driver)
    expect(driver.attempt('a').stopping).toEqual({ cause: 'stopped', force: false })
    stopRun(driver, true)
    expect(driver.attempt('a').stopping).toEqual({ cause: 'stopped', force: true })
    expect(driver.must({ type: 'run.stop', run: RUN, force: false })).toEqual([])
  })

  test('a forced stop also hurries an agent that is being ended for its time', () => {
    const driver = reached(timeOut)
    stopRun(driver, true)
    expect(driver.attempt('a')).toMatchObject({ state: 'TIMEOUT', stopping: { force: true } })
  })

  test('what ended well while a stop was on its way counts as stopped', () => {
    const driver = reached((it) => start(it, 'a'))
    stopAgent(driver, 'a')
    driver.must(exited(at(driver, 'a'), 0))
    expect(driver.task('a')).toMatchObject({ outcome: 'cancelled', cause: 'stopped by a person' })
  })

  test('a stop that the engine finds needless before the start ends the attempt', () => {
    const driver = reached((it) => it.must(cut(at(it, 'a'))))
    stopAgent(driver, 'a')
    driver.must({ type: 'report.effect-done', effect: 'agent.stop', ...at(driver, 'a') })
    expect(driver.task('a')).toMatchObject({ outcome: 'cancelled', cause: 'stopped before it started' })
  })
})
