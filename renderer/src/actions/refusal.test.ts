import { expect, test } from 'vitest'
import { projectId, runId } from '../../../main/domain/ids.ts'
import { Driver } from '../../../main/domain/testing/driver.ts'
import { plan } from '../../../main/domain/testing/plan.ts'
import { refusalOf } from './refusal.ts'

const id = runId('r1')

function started(): Driver {
  const driver = new Driver()
  driver.must({ type: 'project.register', project: projectId('p'), root: '/p', name: 'p' })
  driver.must({ type: 'run.start', project: projectId('p'), run: id, runner: 'docker', plan: plan([['a']]) })
  return driver
}

test('what would change nothing is no more possible than what is refused', () => {
  const driver = started()
  const why = (type: 'run.pause' | 'run.continue'): string | undefined =>
    refusalOf(driver.state, driver.run(id), { type, run: id }, 'so already')
  expect([why('run.pause'), why('run.continue')]).toEqual([undefined, 'so already'])
  driver.must({ type: 'run.pause', run: id })
  expect([why('run.pause'), why('run.continue')]).toEqual(['so already', undefined])
})

test('a refusal names the run as people do', () => {
  const driver = started()
  const run = driver.run(id)
  const why = refusalOf(driver.state, run, { type: 'run.apply', run: id })
  expect(why).toContain(`${run.plan.epic}#${run.number}`)
  expect(why).toMatch(/^[A-Z].*\.$/)
})
