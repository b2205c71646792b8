import { expect, test } from 'vitest'
import { projectId, runId } from '../../../../main/domain/ids.ts'
import { Driver, RUN } from '../../../../main/domain/testing/driver.ts'
import { tasks } from '../../../../main/domain/testing/plan.ts'
import { finish } from '../../../../main/domain/testing/steps.ts'
import type { RunRow } from '../../../../preload/contract.ts'
import { fits, linePoints, mergeRuns, previousOf, seriesOf } from './entries.ts'

function row(number: number, more: Partial<RunRow> = {}): RunRow {
  return {
    run: runId(`old${number}`),
    project: projectId('p'),
    epic: 'test',
    number,
    title: 'Test',
    status: 'completed',
    startedAt: number * 100,
    endedAt: number * 100 + 50,
    summary: '{"tasks":{"total":3,"completed":3,"failed":0}}',
    ...more,
  }
}

test('live runs stand in for what was stored of them; newest first', () => {
  const driver = Driver.running(tasks(['a']))
  finish(driver, 'a')
  const stale = row(1, { run: RUN, status: 'running', endedAt: null, summary: null })
  const entries = mergeRuns(
    [stale, row(2), row(3, { summary: 'broken' })],
    driver.state.runs.values(),
    driver.now,
  )
  expect(entries.map(({ id, look }) => [id, look.word])).toEqual([
    [RUN, 'done'],
    ['old3', 'done'],
    ['old2', 'done'],
  ])
  expect(entries.map((entry) => entry.summary?.tasks.completed)).toEqual([1, undefined, 3])
})

test('the series of an epic ends with the run; the one before it is the one that ended', () => {
  const rows = [row(1), row(2, { endedAt: null }), row(3), row(4, { epic: 'other' }), row(5), row(6)]
  const entries = mergeRuns(rows, [], 0)
  const fifth = entries.find((entry) => entry.number === 5)!
  expect(seriesOf(entries, fifth, 3).map((entry) => entry.number)).toEqual([1, 3, 5])
  expect(seriesOf(entries, fifth, 2).map((entry) => entry.number)).toEqual([3, 5])
  expect(previousOf(entries, fifth)?.number).toBe(3)
  expect(previousOf(entries, entries.find((entry) => entry.number === 1)!)).toBeUndefined()
})

test('what became of a retired run is in its summary, where it is recorded', () => {
  const applied = row(2, { summary: '{"tasks":{"total":1},"delivery":"applied"}' })
  const entries = mergeRuns([row(1), applied], [], 0)
  expect(entries.map(({ delivery }) => delivery)).toEqual(['applied', undefined])
})

test('filters by words, state and project', () => {
  const [entry] = mergeRuns([row(7, { title: 'Ship it', status: 'failed' })], [], 0)
  const found = (text: string, marks: readonly ('failed' | 'done')[] = [], project = '') =>
    fits(entry!, { text, marks: new Set(marks), project })
  expect([found('ship TEST#7'), found('other'), found('', ['failed']), found('', ['done'])]).toEqual([
    true,
    false,
    true,
    false,
  ])
  expect([found('', [], 'p'), found('', [], 'q')]).toEqual([true, false])
})

test('a line through values leaves gaps out and lies in its box', () => {
  expect(linePoints([0, undefined, 10], 100, 20)).toEqual([
    [0, 20],
    [100, 0],
  ])
  expect(linePoints([5], 100, 20)).toEqual([[100, 10]])
  expect(linePoints([0.5], 100, 20, [0, 1])).toEqual([[100, 10]])
})
