import { expect, test } from 'vitest'
import { EMPTY_QUEUE } from '../../../../main/domain/merging/mergeQueue.ts'
import { Driver, RUN } from '../../../../main/domain/testing/driver.ts'
import { mergePolicy, plan } from '../../../../main/domain/testing/plan.ts'
import { at, checked, committed, end, prepared, stopAgent } from '../../../../main/domain/testing/steps.ts'
import { mergedIn, mergeLog } from './checks.ts'
import { partsOf } from './line.ts'
import { checkAt, isMergeAt, mergeAt } from './tab.ts'

const BATCH = 4

/** Every task's work is committed, and the first of it is being checked. */
function waiting(...names: readonly string[]): Driver {
  const made = plan([names], { limits: { maxConcurrentAgents: 64 }, all: { workspace: 'repo' } })
  const driver = Driver.running({ ...made, merge: mergePolicy(BATCH) })
  driver.must(prepared())
  for (const name of names) end(driver, name, 0)
  for (const name of names) driver.must(committed(at(driver, name)))
  return driver
}

function say(driver: Driver, result: 'passed' | 'failed' | 'lost', detail?: string): void {
  driver.must(checked(driver, RUN, result, detail))
}

const nameOf = (driver: Driver, task: number): string => driver.run().plan.tasks[task]!.id
const log = (driver: Driver) => mergeLog(driver.log, driver.run().mergeQueue)
const parts = (driver: Driver) =>
  partsOf(driver.run().mergeQueue ?? EMPTY_QUEUE, BATCH).map(({ kind, entries, from }) => [
    kind,
    from,
    entries.map(({ task }) => nameOf(driver, task)).join(' '),
  ])
const results = (driver: Driver) =>
  log(driver).checks.map(({ result, tasks }) => [result, tasks.map((task) => nameOf(driver, task)).join(' ')])

test('the line says what is checked, what is suspected, and what comes after', () => {
  const driver = waiting('a', 'b', 'c', 'd', 'e', 'f')
  expect(parts(driver)).toEqual([
    ['checking', 1, 'a'],
    ['next', 2, 'b c d e'],
    ['later', 6, 'f'],
  ])
  say(driver, 'passed')
  expect(parts(driver)[0]).toEqual(['moving', 1, 'a'])
  say(driver, 'passed')
  say(driver, 'failed', 'broken')
  expect(parts(driver)).toEqual([
    ['checking', 1, 'b c'],
    ['suspects', 3, 'd e'],
    ['next', 5, 'f'],
  ])
  say(driver, 'failed')
  say(driver, 'failed')
  // Nobody is blamed before the branch itself has passed.
  expect(driver.run().mergeQueue!.check!.tasks).toEqual([])
  expect(parts(driver)).toEqual([
    ['suspects', 1, 'b'],
    ['next', 2, 'c d e f'],
  ])
})

test('the log says what came of each check and who was taken out, by which and why', () => {
  const driver = waiting('a', 'b', 'c')
  say(driver, 'passed')
  say(driver, 'passed')
  say(driver, 'failed', 'the area is too large')
  expect(results(driver)).toEqual([
    ['merged', 'a'],
    ['failed', 'b c'],
    ['under-way', 'b'],
  ])
  say(driver, 'lost')
  say(driver, 'passed')
  expect(results(driver).at(-1)).toEqual(['passed', 'b'])
  say(driver, 'passed')
  expect(mergedIn(log(driver))).toBe(2)
  const { out } = log(driver)
  // That it was left over is no proof.
  expect([out, results(driver).at(-1)]).toEqual([[], ['under-way', 'c']])
  say(driver, 'failed', 'the area is still too large')
  const { out: blamed } = log(driver)
  expect(blamed).toMatchObject([
    { attempt: 1, check: 5, why: 'breaks', detail: 'the area is still too large' },
  ])
  expect(nameOf(driver, blamed[0]!.task)).toBe('c')
})

test('a check whose task was stopped was called off, also when nothing follows', () => {
  const driver = waiting('a')
  expect(stopAgent(driver, 'a')).toBeUndefined()
  expect(log(driver).checks).toMatchObject([{ result: 'called-off', tasks: [0] }])
})

test('work that does not fit is taken out by the check that tried to merge it', () => {
  const driver = waiting('a', 'b')
  driver.must({ type: 'report.check-conflict', run: RUN, check: 1, task: 0, files: ['x', 'y'] })
  expect(log(driver).out).toMatchObject([{ task: 0, check: 1, why: 'clashes', detail: 'x, y' }])
  expect(results(driver)).toEqual([
    ['called-off', 'a'],
    ['under-way', 'b'],
  ])
})

test('an address names the queue, or the output of one of its checks', () => {
  expect([isMergeAt('merge'), isMergeAt(mergeAt(3)), isMergeAt('waits'), isMergeAt(undefined)]).toEqual([
    true,
    true,
    false,
    false,
  ])
  expect([checkAt(mergeAt(12)), checkAt('merge'), checkAt('m3')]).toEqual([12, undefined, undefined])
})
