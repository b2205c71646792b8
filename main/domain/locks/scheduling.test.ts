import { describe, expect, it } from 'vitest'
import { runId } from '../ids.ts'
import { runFromJson, runToJson } from '../serialise.ts'
import { taskStatus } from '../status.ts'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import { plan, type TaskOptions, tasks } from '../testing/plan.ts'
import { at, exited, fail, finish, prepared, start, stopAgent, stopRun } from '../testing/steps.ts'
import { earlierHolders } from './held.ts'
import { allowsWriting } from './meet.ts'
import { locksOfTask } from './taskLocks.ts'

const writes = (...globs: string[]): TaskOptions => ({ workspace: 'repo', writes: globs })
const uses = (name: string, mode: 'exclusive' | 'shared' = 'exclusive'): TaskOptions => ({
  uses: [{ kind: 'resource', on: name, mode }],
})

function running(...args: Parameters<typeof tasks>): Driver {
  const driver = Driver.running(tasks(...args))
  if (driver.run().status === 'preparing') driver.must(prepared())
  return driver
}

const states = (driver: Driver): Readonly<Record<string, string>> =>
  Object.fromEntries(
    driver.run().plan.tasks.map(({ id }, i) => {
      const task = driver.run().tasks.get(i)!
      return [id, task.current?.state ?? task.state]
    }),
  )
const held = (driver: Driver): readonly string[] =>
  driver.state.projects.get(PROJECT)!.locks.grants.map(({ holder }) => holder)

describe('declared locks', () => {
  it('are taken before the workspace is cut; who has to wait holds no slot', () => {
    const driver = running(['a', 'b', 'c', 'd'], {
      limits: { maxConcurrentAgents: 2 },
      with: { a: writes('src/**'), b: writes('src/api/*.ts'), c: writes('docs/*') },
    })
    expect(states(driver)).toMatchObject({ a: 'WAITING', b: 'BLOCKED', c: 'WAITING', d: 'CREATED' })
    expect(driver.effects()).toEqual(['a:workspace.cut', 'c:workspace.cut'])
    expect(taskStatus(driver.run(), 1, 0)).toMatchObject({
      mark: 'blocked',
      why: { kind: 'locks', holders: ['r1/a#1'] },
    })
    finish(driver, 'a')
    expect(states(driver)).toMatchObject({ a: 'COMPLETED', b: 'WAITING' })
    expect(held(driver)).toEqual(['r1/c#1', 'r1/b#1'])
    for (const id of ['b', 'c', 'd']) finish(driver, id)
    expect(driver.run().status).toBe('completed')
    expect(driver.state.projects.get(PROJECT)!.locks).toMatchObject({ grants: [], waiters: [] })
  })

  it('are kept by who fails only until then', () => {
    const driver = running(['a', 'b'], { all: { ...uses('database_schema'), retry: 1 } })
    fail(driver, 'a')
    // The next attempt stands in line like everybody.
    expect(states(driver)).toMatchObject({ a: 'BLOCKED', b: 'WAITING' })
    finish(driver, 'b')
    finish(driver, 'a')
    expect(driver.run().status).toBe('completed')
  })

  it('let those that only read go together', () => {
    const driver = running(['a', 'b', 'c'], {
      with: { a: uses('env:staging', 'shared'), b: uses('env:staging', 'shared'), c: uses('env:staging') },
    })
    expect(states(driver)).toEqual({ a: 'WAITING', b: 'WAITING', c: 'BLOCKED' })
    finish(driver, 'a')
    expect(states(driver)['c']).toBe('BLOCKED')
    finish(driver, 'b')
    expect(states(driver)['c']).toBe('WAITING')
  })

  it('are shared by writers where the project has more than one to a file, and who comes later builds on all', () => {
    const driver = running(['a', 'b', 'c: a b', 'r'], {
      with: { a: writes('src/**'), b: writes('src/x'), c: writes('src/y'), r: writes('src/**') },
    })
    const shared = (...names: readonly string[]): Driver => {
      const made = driver.run().plan
      const tasks = made.tasks.map((spec) =>
        names.includes(spec.id) ? { ...spec, sharesWrites: true } : spec,
      )
      const again = Driver.running({ ...made, tasks })
      again.must(prepared())
      return again
    }
    expect(states(shared('a', 'b', 'c', 'r'))).toEqual({
      a: 'WAITING',
      b: 'WAITING',
      c: 'CREATED',
      r: 'WAITING',
    })
    const mixed = shared('a', 'b', 'c')
    expect(states(mixed)).toMatchObject({ a: 'WAITING', b: 'WAITING', r: 'BLOCKED' })
    expect(allowsWriting(locksOfTask(mixed.run().plan.tasks[1]!), 'src/x')).toBe(true)
    finish(mixed, 'a', 'b')
    expect(earlierHolders(mixed.run(), 2)).toEqual([0])
  })

  it('go to the more urgent first, and to others of the same urgency in turn', () => {
    const driver = running(['a', 'late', 'next', 'urgent: z', 'z'], {
      limits: { maxConcurrentAgents: 10 },
      with: {
        a: { ...uses('x'), priority: 1 },
        late: uses('x'),
        next: uses('x'),
        urgent: { ...uses('x'), priority: 0 },
      },
    })
    finish(driver, 'z')
    const order: string[] = []
    for (let i = 0; i < 4; i++) {
      const now = driver.active().find((id) => driver.attempt(id).state === 'WAITING')!
      order.push(now)
      finish(driver, now)
    }
    expect(order).toEqual(['a', 'urgent', 'late', 'next'])
  })

  it('hold between the runs of a project, and the run that waits is not over', () => {
    const driver = running(['a'], { all: uses('port:5432') })
    const second = runId('r2')
    driver.start(tasks(['b'], { all: uses('port:5432') }), second)
    expect(driver.run(second).status).toBe('running')
    expect(driver.attempt('b', second).state).toBe('BLOCKED')
    finish(driver, 'a')
    expect(driver.attempt('b', second).state).toBe('WAITING')
  })

  it('are not kept from others by one that waits in a paused run', () => {
    const driver = running(['a', 'b'], { all: uses('x') })
    driver.must({ type: 'run.pause', run: RUN })
    const second = runId('r2')
    driver.start(tasks(['c'], { all: uses('x') }), second)
    expect(driver.attempt('c', second).state).toBe('BLOCKED')
    finish(driver, 'a')
    expect(driver.attempt('c', second).state).toBe('WAITING')
    driver.must({ type: 'run.continue', run: RUN })
    expect(driver.attempt('b').state).toBe('BLOCKED')
  })
})

describe('one that waits for its locks', () => {
  const waiting = (): Driver => running(['a', 'b'], { all: writes('src/**') })

  it('is stopped at once, and holds up nobody after it', () => {
    const driver = waiting()
    expect(stopAgent(driver, 'b', false)).toBeUndefined()
    expect(driver.task('b').outcome).toBe('cancelled')
    expect(driver.state.projects.get(PROJECT)!.locks.waiters).toEqual([])
  })

  it('ends with its run', () => {
    const driver = waiting()
    stopRun(driver, true)
    expect(driver.task('b').outcome).toBe('cancelled')
    expect(driver.active()).toEqual(['a'])
  })

  it('waits on after a restart, and in a run that comes back', () => {
    const driver = waiting()
    const run = driver.run()
    expect(runFromJson(JSON.parse(JSON.stringify(runToJson(run)))).tasks.get(1)).toEqual(run.tasks.get(1))
    driver.restart()
    finish(driver, 'a')
    expect(driver.attempt('b').state).toBe('WAITING')
  })
})

it('a phase goes on when the last of those that waited is through', () => {
  const driver = Driver.running(plan([['a', 'b'], ['c']], { all: uses('cache:npm') }))
  for (const id of ['a', 'b', 'c']) finish(driver, id)
  expect(driver.run().status).toBe('completed')
})

describe('locks that were taken away', () => {
  const release = (driver: Driver, task: string) => driver.send({ type: 'locks.release', run: RUN, task })

  it('go to others at once, and what their holder makes of it all the same is not merged', () => {
    const driver = running(['a', 'b'], { all: { ...writes('src/**'), retry: 1 } })
    start(driver, 'a')
    expect(release(driver, 'a')).toBeUndefined()
    expect(states(driver)).toEqual({ a: 'RUNNING', b: 'WAITING' })
    expect(driver.attempt('a').stopping).toMatchObject({ cause: 'stopped' })
    driver.must(exited(at(driver, 'a')))
    expect(driver.task('a')).toMatchObject({ outcome: 'cancelled', result: null })
    expect(driver.events('work.committed')).toEqual([])
  })

  it('are refused where there are none, and where it is too late', () => {
    const driver = running(['a', 'b'], { with: { a: writes('src/**') } })
    expect(release(driver, 'b')).toMatchObject({ reason: 'the agent of b holds no locks' })
    start(driver, 'a')
    driver.must(exited(at(driver, 'a')))
    expect(release(driver, 'a')).toMatchObject({ rejected: 'not-now', reason: 'its work is being merged' })
    finish(driver, 'b')
    expect(release(driver, 'b')).toMatchObject({ rejected: 'not-now' })
  })

  it('end the wait of one that had not begun', () => {
    const driver = running(['a', 'b'], { all: writes('src/**') })
    release(driver, 'b')
    expect(driver.task('b').outcome).toBe('cancelled')
  })
})

it('a plan recorded before there were locks takes none, and what is at work in it is not held to any', () => {
  const old = tasks(['a', 'b'], { all: writes('src/**') })
  const driver = Driver.running({ ...old, tasks: old.tasks.map(({ uses: _, ...spec }) => spec) })
  driver.must(prepared())
  expect(states(driver)).toEqual({ a: 'WAITING', b: 'WAITING' })
  finish(driver, 'a', 'b')
  expect(driver.run().status).toBe('completed')
  expect(held(driver)).toEqual([])
})

it('on a disk that does not tell A from a, names that differ in case only are one', () => {
  const all = { workspace: 'repo' } as const
  const driver = new Driver()
  driver.must({ type: 'project.register', project: PROJECT, root: '/p', name: 'p', folded: true })
  driver.start(tasks(['a', 'b'], { all, with: { a: { writes: ['src/A.ts'] }, b: { writes: ['src/a.ts'] } } }))
  driver.must(prepared())
  expect([driver.attempt('a').state, driver.attempt('b').state]).toEqual(['WAITING', 'BLOCKED'])
})
