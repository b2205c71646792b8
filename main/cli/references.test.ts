import { describe, expect, test } from 'vitest'
import { fakeCenter } from '../api/testing/fakeCenter.ts'
import type { EventEnvelope } from '../domain/events.ts'
import { projectId, type RunId, runId } from '../domain/ids.ts'
import { Driver, RUN } from '../domain/testing/driver.ts'
import { plan } from '../domain/testing/plan.ts'
import { fail, start } from '../domain/testing/steps.ts'
import type { ControlCenter } from '../engine/controlCenter.ts'
import { describeEvent } from './eventLine.ts'
import { findAgent, findRun, findTask, type KnownRun, knownRuns, parseAgent } from './references.ts'

function known(id: string, epic: string, number: number): KnownRun {
  const rest = { title: epic, status: 'completed', startedAt: number, endedAt: number, summary: null }
  return { id: id as RunId, project: projectId('p'), epic, number, live: undefined, ...rest }
}

const RUNS = [known('1m7y9zz', 'ship', 3), known('1m7y8aa', 'ship', 2), known('1m7x000', 'test', 1)]

describe('a run', () => {
  test.each([
    ['latest', '1m7y9zz'],
    ['1m7y8aa', '1m7y8aa'],
    ['1m7x', '1m7x000'],
    ['ship#2', '1m7y8aa'],
    ['test#1', '1m7x000'],
  ])('%s is %s', (reference, id) => {
    expect(findRun(RUNS, reference)).toMatchObject({ ok: true, value: { id } })
  })

  test.each([
    ['1m7y', /could be 1m7y9zz, 1m7y8aa/],
    ['1m7', /no run/],
    ['shp#3', /Did you mean ship#3/],
    ['lastest', /Did you mean latest/],
    ['zzzzzzzz', /amphi runs/],
    ['', /no run/],
  ])('%j is refused', (reference, reason) => {
    expect(findRun(RUNS, reference)).toMatchObject({ ok: false, reason: expect.stringMatching(reason) })
  })

  test('of the same name in two projects has to be named by its id', () => {
    expect(findRun([...RUNS, known('1m7z', 'ship', 3)], 'ship#3')).toMatchObject({ ok: false })
  })

  test('is not there before the first', () => {
    expect(findRun([], 'latest')).toEqual({ ok: false, reason: 'There are no runs yet.' })
  })
})

test.each([
  ['BuildMaster/compile-api#1', { before: 'BuildMaster', task: 'compile-api', attempt: 1 }],
  ['compile-api#2', { before: undefined, task: 'compile-api', attempt: 2 }],
  ['compile-api', { before: undefined, task: 'compile-api', attempt: undefined }],
  ['ship#3/compile-api#1', { before: 'ship#3', task: 'compile-api', attempt: 1 }],
  ['a/b/c', undefined],
  ['a#x', undefined],
  ['', undefined],
])('%j as an agent', (reference, parsed) => expect(parseAgent(reference)).toEqual(parsed))

describe('an agent', () => {
  const driver = Driver.running(plan([['unit', 'other']], { with: { unit: { retry: 1 } } }))
  fail(driver, 'unit')
  start(driver, 'unit')
  const fake = fakeCenter()
  const old = {
    run: 'old1' as RunId,
    task: 'past',
    attempts: 2,
    role: 'R',
    state: 'FAILED',
    outcome: 'failed',
  }
  const center: ControlCenter = {
    ...fake,
    runs: async () => [{ ...known('old1', 'old', 1), run: runId('old1') }],
    tasks: async () => [{ ...old, startedAt: 1, endedAt: 2, cause: null }],
    history: async ({ after, run }) =>
      run !== 'old1'
        ? []
        : [1, 2, 3]
            .filter((seq) => seq > after)
            .map((seq) => ({ seq, data: { type: 'merge.check-started', check: seq } }) as EventEnvelope),
  }

  const { epic } = driver.run().plan

  test.each([
    ['unit', `${RUN}/unit#2`],
    ['unit#1', `${RUN}/unit#1`],
    ['Worker/unit#2', `${RUN}/unit#2`],
    [`${RUN}/unit#1`, `${RUN}/unit#1`],
    // As lists, locks and conflicts name it.
    [`${epic}#1/unit#1`, `${RUN}/unit#1`],
    [`${epic}#1/unit`, `${RUN}/unit#2`],
    ['old#1/past', 'old1/past#2'],
    ['past', 'old1/past#2'],
    ['R/past#1', 'old1/past#1'],
    ['merge-check#2', 'old1/merge-check#2'],
    ['merge-check', 'old1/merge-check#3'],
  ])('%s is %s', async (reference, id) => {
    const runs = await knownRuns(center, driver.state)
    expect(await findAgent(center, runs, reference)).toMatchObject({ ok: true, value: { id } })
  })

  test.each([
    ['unit#3', /No agent has worked on unit#3/],
    ['Nobody/unit', /No agent has worked/],
    ['untt', /Did you mean unit/],
    ['past#3', /no agent "past#3"/],
    ['other#7/unit#1', /No agent has worked on/],
    ['merge-check#4', /no agent "merge-check#4"/],
    ['a b/c/d', /does not name an agent/],
  ])('%s is refused', async (reference, reason) => {
    const runs = await knownRuns(center, driver.state)
    const found = await findAgent(center, runs, reference)
    expect(found).toMatchObject({ ok: false, reason: expect.stringMatching(reason) })
  })

  test('of a run whose name two projects have is named by the id', async () => {
    const twice = [known('1m7a', 'ship', 3), known('1m7b', 'ship', 3)]
    expect(await findAgent(center, twice, 'ship#3/unit')).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/could be/),
    })
  })

  test('a task is looked for in the newest run that has it', async () => {
    const runs = await knownRuns(center, driver.state)
    expect(await findTask(center, runs, 'unit')).toMatchObject({ value: { id: RUN } })
    expect(await findTask(center, runs, 'past')).toMatchObject({ value: { id: 'old1' } })
    expect(await findTask(center, runs, 'unti')).toMatchObject({ reason: expect.stringMatching(/unit\?/) })
  })
})

test('every event of a run can be told, and what is told names someone', () => {
  const driver = Driver.running(plan([['unit', 'b: unit']], { with: { unit: { retry: 1 } } }))
  fail(driver, 'unit')
  driver.must({ type: 'run.stop', run: RUN, force: false })
  const told = driver.log
    .map((event) => describeEvent(event, driver.state))
    .filter((line) => line !== undefined)
  expect(told.map(({ text }) => text)).toContain('started: 2 tasks in 1 phase')
  for (const { subject, text } of told) expect([subject, text]).not.toContain('')
})
