import { expect, test } from 'vitest'
import { commitId } from '../domain/ids.ts'
import { Driver, RUN } from '../domain/testing/driver.ts'
import { tasks } from '../domain/testing/plan.ts'
import { finish, prepared } from '../domain/testing/steps.ts'
import { historyRows } from './history.ts'

test('what became of a run in the repository is on its row', () => {
  const driver = Driver.running(tasks(['a'], { all: { workspace: 'repo' } }))
  driver.must(prepared())
  finish(driver, 'a')
  driver.must({ type: 'run.apply', run: RUN })
  const before = driver.state
  const commit = commitId('f'.repeat(40))
  const events = driver.must({ type: 'report.applied', run: RUN, branch: 'main', commit })
  const [row] = historyRows(before, driver.state, events).runRows
  expect(JSON.parse(row?.summary ?? '')).toMatchObject({ status: 'completed', delivery: 'applied' })
})
