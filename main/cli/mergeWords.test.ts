import { expect, test } from 'vitest'
import { Driver, RUN } from '../domain/testing/driver.ts'
import { mergePolicy, plan } from '../domain/testing/plan.ts'
import { at, checked, committed, end, prepared } from '../domain/testing/steps.ts'
import { describeTask } from './describe.ts'
import { describeEvent } from './eventLine.ts'

function checking(names: readonly string[], batch: number): Driver {
  const made = plan([names], { all: { workspace: 'repo' }, limits: { maxConcurrentAgents: 64 } })
  const driver = Driver.running({ ...made, merge: mergePolicy(batch) })
  driver.must(prepared())
  for (const name of names) {
    end(driver, name, 0)
    driver.must(committed(at(driver, name)))
  }
  // The first was checked alone while the others came.
  driver.must(checked(driver))
  driver.must(checked(driver))
  return driver
}

test('the status says where work stands in the merge queue, and whom it is checked with', () => {
  const driver = checking(['first', 'a', 'b', 'c', 'd'], 3)
  const words = (name: string): string => describeTask(driver.run(), driver.index(name), driver.now).detail
  expect(words('a')).toBe('merge-check#2, 0 ms of at most 1 m, with b and c')
  expect(words('d')).toBe('in the merge queue (4th)')
  driver.must(checked(driver, RUN, 'failed'))
  expect([words('a'), words('b'), words('c')]).toEqual([
    'merge-check#3, 0 ms of at most 1 m',
    'in the merge queue (2nd)',
    'in the merge queue (3rd)',
  ])
})

test('the log tells each check and what came of it', () => {
  const driver = checking(['first', 'a', 'b'], 8)
  for (const result of ['failed', 'failed', 'passed', 'failed'] as const)
    driver.must(checked(driver, RUN, result, 'r/merge-check#2: it ended with exit code 1\nnot ok 1'))
  const told = driver.log.flatMap((event) => {
    const line = /^(merge|work)\./.test(event.type) ? describeEvent(event, driver.state) : undefined
    return line === undefined ? [] : [line.text]
  })
  expect(told).toEqual([
    'merge-check#1: first',
    'merge-check#1 passed',
    'merge-check#2: a, b',
    'r/merge-check#2: it ended with exit code 1',
    'merge-check#3: a',
    'r/merge-check#2: it ended with exit code 1',
    'merge-check#4: the branch as it is',
    'merge-check#4 passed',
    'merge-check#5: a',
    'r/merge-check#2: it ended with exit code 1',
    'taken out of the merge queue by merge-check#5',
    'merge-check#6: b',
  ])
})
