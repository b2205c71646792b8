import { describe, expect, test } from 'vitest'
import { KEPT_RUNS, KEPT_TASKS } from './decideRun.ts'
import { commitId, type RunId, runId } from './ids.ts'
import { runToJson } from './serialise.ts'
import { Driver, PROJECT, RUN } from './testing/driver.ts'
import { type TaskOptions, tasks } from './testing/plan.ts'
import { fail, finish, prepared, rerun, retry, skip } from './testing/steps.ts'
import { timersOf } from './timers.ts'

const repo: TaskOptions = { workspace: 'repo' }
const APPLIED = {
  type: 'report.applied',
  run: RUN,
  branch: 'main',
  commit: commitId('f'.repeat(40)),
} as const
const apply = { type: 'run.apply', run: RUN } as const
const discard = { type: 'run.discard', run: RUN } as const

function over(end: (driver: Driver, task: string) => void = finish): Driver {
  const driver = Driver.running(tasks(['a'], { all: repo }))
  driver.must(prepared())
  end(driver, 'a')
  return driver
}

describe('apply and discard', () => {
  test.each([apply, discard])('%j is refused while the run is preparing or running', (command) => {
    const driver = Driver.running(tasks(['a'], { all: repo }))
    expect(driver.send(command)).toMatchObject({
      rejected: 'not-now',
      reason: expect.stringContaining('preparing'),
    })
    driver.must(prepared())
    expect(driver.send(command)).toMatchObject({
      rejected: 'not-now',
      reason: expect.stringContaining('running'),
    })
  })

  test.each([
    [apply, APPLIED, 'applied'],
    [discard, { type: 'report.discarded', run: RUN } as const, 'discarded'],
  ])('%j happens once, however often it is asked for and reported', (command, report, delivery) => {
    const driver = over()
    expect(driver.must(command)).toHaveLength(1)
    expect(driver.must(command)).toEqual([])
    expect(driver.effects()).toEqual([command.type])
    driver.must(report)
    expect(driver.run()).toMatchObject({ delivery, effects: [] })
    expect(driver.send(report)).toMatchObject({ rejected: 'stale' })
    expect(driver.must(command)).toEqual([])
  })

  test('one rules out the other', () => {
    const driver = over()
    driver.must(apply)
    expect(driver.send(discard)).toMatchObject({ rejected: 'not-now' })
    driver.must(APPLIED)
    expect(driver.send(discard)).toMatchObject({ reason: 'run r1 was applied already' })
  })

  test('a run without work in git has nothing to apply', () => {
    const driver = Driver.running(tasks(['a']))
    finish(driver, 'a')
    expect(driver.send(apply)).toMatchObject({ rejected: 'invalid' })
  })

  test('refused by the repository: a question, answered by trying again', () => {
    const driver = over()
    driver.must(apply)
    driver.must({ type: 'report.apply-refused', run: RUN, reason: 'Files differ.', remedy: 'Commit them.' })
    expect(driver.run().attention).toMatchObject([
      { text: 'Files differ. Commit them.', choices: ['apply', 'discard'] },
    ])
    driver.must({ type: 'attention.answer', run: RUN, id: 'apply-refused', choice: 'apply' })
    driver.must({ type: 'report.apply-refused', run: RUN, reason: 'The branch moved.', remedy: '' })
    expect(driver.run().attention).toMatchObject([{ text: expect.stringContaining('The branch moved.') }])
    driver.must({ type: 'attention.answer', run: RUN, id: 'apply-refused', choice: 'apply' })
    driver.must(APPLIED)
    expect(driver.run()).toMatchObject({ delivery: 'applied', attention: [] })
  })

  test.each([apply, discard])('%j that fails for good is a question, and the effect is closed', (command) => {
    const driver = over()
    driver.must(command)
    const words = { error: 'It is read-only.', remedy: '', permanent: true }
    driver.must({
      type: 'report.effect-failed',
      effect: command.type,
      run: RUN,
      task: null,
      attempt: null,
      ...words,
    })
    expect(driver.run()).toMatchObject({ effects: [], delivery: 'none' })
    expect(driver.attention()).toEqual(['apply-refused'])
    expect(driver.must(command)).toHaveLength(1)
  })

  test('what was delivered is not changed any more, and asks nothing', () => {
    const driver = over(fail)
    expect(driver.attention()).toEqual(['a#1:task-failed'])
    driver.must(apply)
    expect(retry(driver, 'a')).toMatchObject({ rejected: 'not-now' })
    driver.must(APPLIED)
    expect(driver.attention()).toEqual([])
    for (const change of [retry, skip, rerun])
      expect(change(driver, 'a')).toMatchObject({ reason: 'run r1 was applied; start a new one' })
  })

  test('a run that goes on again does not ask about its delivery', () => {
    const driver = over(fail)
    driver.must(apply)
    driver.must({ type: 'report.apply-refused', run: RUN, reason: 'no', remedy: '' })
    retry(driver, 'a')
    expect(driver.attention()).toEqual([])
  })
})

describe('finished runs leave live state', () => {
  const nth = (n: number): RunId => runId(`n${n}`)

  test('the last few stay, what is under way always', () => {
    const driver = Driver.running(tasks(['long']))
    for (let n = 0; n < 20; n++) {
      driver.start(tasks(['a', 'b']), nth(n))
      driver.must({ type: 'run.stop', run: nth(n), force: false })
      for (const task of [0, 1])
        driver.send({ type: 'report.effect-done', run: nth(n), task, attempt: 1, effect: 'agent.stop' })
    }
    expect(driver.state.runs.has(RUN)).toBe(true)
    expect(driver.state.runs.size).toBe(KEPT_RUNS + 1)
    expect(driver.state.runs.has(nth(19))).toBe(true)
    expect(driver.run(nth(19)).number).toBe(21)
    expect(driver.send({ type: 'run.apply', run: nth(0) })).toMatchObject({ rejected: 'unknown' })
  })

  test('large ones leave sooner, the newest never', () => {
    const driver = Driver.running(tasks(['long']))
    const many = tasks(Array.from({ length: KEPT_TASKS / 2 + 1 }, (_, i) => `t${i}`))
    for (let n = 0; n < 3; n++) {
      driver.start(many, nth(n))
      driver.must({ type: 'run.stop', run: nth(n), force: false })
      for (const task of [0, 1, 2])
        driver.send({ type: 'report.effect-done', run: nth(n), task, attempt: 1, effect: 'agent.stop' })
    }
    expect([...driver.state.runs.keys()]).toEqual([RUN, nth(1), nth(2)])
  })

  test('one that is being applied stays until it is', () => {
    const driver = over()
    driver.must(apply)
    for (let n = 0; n < 20; n++) {
      driver.start(tasks(['a']), nth(n))
      driver.must({ type: 'report.exited', ...exit, run: nth(n) })
    }
    expect(driver.state.runs.has(RUN)).toBe(true)
  })

  const exit = {
    ...{ task: 0, attempt: 1, handle: 'h', code: 0, oomKilled: false, error: null },
    ...{ lagMs: 0, outputs: {}, outputsError: null },
  }

  test('recalled, one is as it was, is not recalled twice, and goes on with its timers', () => {
    const timed = tasks(['a', 'b: a'], { with: { b: { needTimeouts: { a: 60_000 } } }, all: { dueMs: 9e6 } })
    const driver = Driver.running(timed)
    fail(driver, 'a')
    const snapshot = JSON.parse(JSON.stringify(runToJson(driver.run())))
    for (let n = 0; n < 9; n++) {
      driver.start(tasks(['a']), nth(n))
      driver.must({ type: 'report.exited', ...exit, run: nth(n) })
    }
    expect(driver.state.runs.has(RUN)).toBe(false)
    const recall = { type: 'run.recall', run: RUN, snapshot } as const
    expect(driver.send({ ...recall, run: nth(99) })).toMatchObject({ rejected: 'invalid' })
    driver.must(recall)
    expect(runToJson(driver.run())).toEqual(snapshot)
    expect(driver.send(recall)).toMatchObject({ rejected: 'stale' })
    expect(timersOf(driver.state)).toEqual([])
    retry(driver, 'a')
    driver.restart()
    expect(driver.timers.map(({ timer }) => timer.kind).toSorted()).toEqual(['due', 'due', 'need'])
    finish(driver, 'a', 'b')
    expect(driver.run().status).toBe('completed')
  })
})

test('a project is registered once and its runs are numbered by epic', () => {
  const driver = new Driver()
  const register = { type: 'project.register', project: PROJECT, root: '/p', name: 'p' } as const
  expect(driver.must(register)).toEqual([])
  expect(driver.must({ ...register, root: '/q' })).toHaveLength(1)
  driver.start(tasks(['a']))
  driver.start({ ...tasks(['a']), epic: 'constructor' }, runId('r2'))
  driver.start(tasks(['a']), runId('r3'))
  expect([RUN, runId('r2'), runId('r3')].map((run) => driver.run(run).number)).toEqual([1, 1, 2])
  expect(driver.send({ type: 'run.stop', run: runId('r9'), force: false })).toMatchObject({
    rejected: 'unknown',
  })
})
