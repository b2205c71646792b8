import { expect, it } from 'vitest'
import { messagesOf } from '../talk/messageLog.ts'
import { Driver, PROJECT } from '../testing/driver.ts'
import { type TaskOptions, tasks } from '../testing/plan.ts'
import { at, committed, end, finish, merged, prepared } from '../testing/steps.ts'
import type { LockRule } from './rules.ts'

const RULE: LockRule = {
  kind: 'files',
  on: 'package.json',
  fifo: false,
  sharedReads: true,
  leaseMs: null,
  notify: [
    { role: 'TestGuardian', action: 're-run tests' },
    { role: 'DeployCommander', action: 'rebuild containers' },
    { role: 'BuildMaster', action: null },
  ],
}
const by = (name: string, more: TaskOptions = {}): TaskOptions => ({ role: name, workspace: 'repo', ...more })

function running(names: readonly string[], of: Readonly<Record<string, TaskOptions>>): Driver {
  const roles = { BuildMaster: {}, TestGuardian: {}, DeployCommander: {} }
  const driver = Driver.running({ ...tasks(names, { roles, with: of }), lockRules: [RULE] })
  driver.must(prepared())
  return driver
}

/** All the way to COMPLETED, with a change to what is watched. */
function change(driver: Driver, task: string): void {
  end(driver, task, 0)
  driver.must({ ...committed(at(driver, task)), touched: ['package.json'] } as ReturnType<typeof committed>)
  driver.must(merged(at(driver, task)))
}
const said = (driver: Driver): readonly string[] =>
  [...messagesOf(driver.run().talk.messages)].map((m) => m.content)
const reopened = (driver: Driver): readonly number[] =>
  driver.events('task.reopened').map((data) => (data as { task: number }).task)

it('tells the roles that asked for it, and runs again what they meant', () => {
  const driver = running(['deps', 'unit-tests', 'lint', 'report: unit-tests', 'images', 'review'], {
    deps: by('BuildMaster', { writes: ['*.json'] }),
    'unit-tests': by('TestGuardian'),
    lint: by('TestGuardian'),
    report: by('BuildMaster'),
    images: by('DeployCommander', { title: 'Build the containers' }),
    review: by('TestGuardian'),
  })
  finish(driver, 'unit-tests', 'lint', 'report', 'images')
  change(driver, 'deps')
  expect(reopened(driver)).toEqual([1, 3, 4])
  expect(said(driver)).toEqual([
    'deps changed package.json, and that is merged. What is to be done: re-run tests. unit-tests will run again.',
    'deps changed package.json, and that is merged. What is to be done: rebuild containers. images will run again.',
  ])
  expect(driver.task('review').inbox).toEqual([1])
  expect(driver.task('unit-tests').inbox).toEqual([1])
  finish(driver, 'unit-tests', 'report', 'images', 'review')
  expect(driver.run().status).toBe('completed')
  expect(driver.state.projects.get(PROJECT)!.locks.grants).toEqual([])
})

it('two that would set each other off end', () => {
  const driver = running(['build-containers', 'tests'], {
    'build-containers': by('DeployCommander', { writes: ['package.json'] }),
    tests: by('TestGuardian', { writes: ['package.json'] }),
  })
  change(driver, 'build-containers')
  change(driver, 'tests')
  // The containers are built anew, and change it again: the tests are told, and do not run again for it.
  expect(reopened(driver)).toEqual([0])
  change(driver, 'build-containers')
  expect(reopened(driver)).toEqual([0])
  expect(driver.run().status).toBe('completed')
})

it('what the change was built on is not run again for it', () => {
  const driver = running(['tests', 'deps: tests'], {
    tests: by('TestGuardian'),
    deps: by('BuildMaster', { writes: ['package.json'] }),
  })
  finish(driver, 'tests')
  change(driver, 'deps')
  expect(reopened(driver)).toEqual([])
  expect(said(driver)[0]).toBe(
    'deps changed package.json, and that is merged. What is to be done: re-run tests.',
  )
})
