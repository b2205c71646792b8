import { expect, test } from 'vitest'
import { forecast } from '../../../../main/domain/estimate.ts'
import { expectDurations } from '../../../../main/domain/expectation.ts'
import { runId } from '../../../../main/domain/ids.ts'
import { Driver } from '../../../../main/domain/testing/driver.ts'
import { plan, tasks } from '../../../../main/domain/testing/plan.ts'
import { at, lost, start } from '../../../../main/domain/testing/steps.ts'
import { countRows, matches, queueOf, rolesOf } from './queue.ts'

function queue(driver: Driver) {
  const runs = [...driver.state.runs.values()]
  const orders = new Map(
    runs.map((run) => [run.id, forecast(run, expectDurations(run, []), driver.now).order] as const),
  )
  return queueOf(runs, orders, driver.now)
}

const names = (driver: Driver) => queue(driver).map(({ run, index }) => run.plan.tasks[index]!.id as string)

test('what is under way, then what a person is asked, then the rest as it will be taken', () => {
  const driver = Driver.running(
    plan([['a', 'b', 'c: a', 'd', 'e'], ['f']], {
      limits: { maxConcurrentAgents: 2 },
      with: { e: { priority: 1 }, d: { priority: 0 } },
    }),
  )
  // The first two by priority are at work: d and e.
  start(driver, 'e')
  driver.advance(10)
  driver.must(lost(at(driver, 'd')))
  expect(names(driver)).toEqual(['e', 'a', 'd', 'b', 'c', 'f'])
  expect(queue(driver).map((row) => row.place)).toEqual([null, null, null, 1, 2, 3])
  expect([...countRows(queue(driver))]).toEqual([
    ['running', 1],
    ['waiting', 4],
    ['needs-you', 1],
  ])
})

test('several runs take turns; runs that are over are left out', () => {
  const driver = Driver.running(tasks(['a', 'b: a', 'c: b']))
  driver.start(tasks(['x', 'y: x']), runId('r2'))
  expect(names(driver)).toEqual(['a', 'x', 'b', 'y', 'c'])
})

test('filters by words, state and role', () => {
  const driver = Driver.running(
    tasks(
      ['api build', 'web'].map((id) => id.replace(' ', '-')),
      {
        roles: { Builder: { skills: ['ts'] }, Tester: { skills: ['ts', 'e2e'] } },
        with: { web: { role: null, skills: ['ts'] } },
      },
    ),
  )
  const rows = queue(driver)
  expect(rolesOf(rows)).toEqual(['Builder', 'Tester'])
  const found = (text: string, role = '', marks: readonly ('running' | 'waiting')[] = []) =>
    rows.filter((row) => matches(row, { text, role, marks: new Set(marks) })).length
  expect([found(''), found('BUILD api'), found('nothing')]).toEqual([2, 1, 0])
  expect([found('', 'Tester'), found('', '', ['running']), found('', '', ['waiting'])]).toEqual([1, 0, 2])
})
