import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { needsPerson } from '../metrics.ts'
import type { Run } from '../state.ts'
import { anyPlan, anySeed } from '../testing/arbitraries.ts'
import { check } from '../testing/check.ts'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import { everyInvariant } from '../testing/invariants.ts'
import { type TaskOptions, tasks } from '../testing/plan.ts'
import { at, committed, exited, finish, merged, prepared, start } from '../testing/steps.ts'
import { MUCH_TROUBLE, randomFrom, World } from '../testing/world.ts'
import { earlierHolders, writableGlobs } from './held.ts'
import type { Lock } from './lock.ts'
import { MOST_OVERTAKEN } from './table.ts'

const writes = (...globs: string[]): TaskOptions => ({ workspace: 'repo', writes: globs })
const files = (on: string, mode: Lock['mode'] = 'exclusive'): Lock => ({ kind: 'files', on, mode })

function running(...args: Parameters<typeof tasks>): Driver {
  const driver = Driver.running(tasks(...args))
  if (driver.run().status === 'preparing') driver.must(prepared())
  return driver
}

const lock = (driver: Driver, task: string, locks: readonly Lock[], wait = false) =>
  driver.send({ type: 'agent.lock', ...at(driver, task), locks: [...locks], wait })
const unlock = (driver: Driver, task: string, locks: readonly Lock[] | null) =>
  driver.send({ type: 'agent.unlock', ...at(driver, task), locks: locks === null ? null : [...locks] })
const table = (driver: Driver) => driver.state.projects.get(PROJECT)!.locks
const holds = (driver: Driver, task: string): readonly string[] =>
  table(driver)
    .grants.filter(({ holder }) => holder.startsWith(`${RUN}/${task}#`))
    .flatMap(({ locks }) => locks.map(({ on }) => on))

describe('an agent at work', () => {
  it('gets more than it declared, at once or when it is free, and gives it back', () => {
    const driver = running(['a', 'b'], { with: { a: writes('src/**'), b: writes('docs/**') } })
    for (const id of ['a', 'b']) start(driver, id)
    expect(lock(driver, 'a', [files('README.md')])).toBeUndefined()
    expect(holds(driver, 'a')).toEqual(['src/**', 'README.md'])
    expect(lock(driver, 'b', [files('*.md')])).toMatchObject({
      rejected: 'not-now',
      reason: 'a holds src/**, README.md (rule: NO two agents modify same file simultaneously)',
    })
    expect(lock(driver, 'b', [files('*.md')], true)).toBeUndefined()
    // Said again it is the same wait; asking for something else meanwhile is not.
    expect(lock(driver, 'b', [files('*.md')], true)).toBeUndefined()
    expect(lock(driver, 'b', [files('x')], true)).toMatchObject({ reason: 'you wait for *.md already' })
    expect(unlock(driver, 'a', [files('README.md')])).toBeUndefined()
    expect(holds(driver, 'b')).toEqual(['docs/**', '*.md'])
  })

  it('keeps what its task declared', () => {
    const driver = running(['a'], { all: writes('src/**') })
    start(driver, 'a')
    expect(unlock(driver, 'a', [files('src/**')])).toMatchObject({ rejected: 'forbidden' })
    expect(unlock(driver, 'a', [files('lib/**')])).toMatchObject({ reason: 'you do not hold lib/**' })
    expect(lock(driver, 'a', [files('src/**', 'shared')])).toBeUndefined()
    expect(holds(driver, 'a')).toEqual(['src/**'])
  })

  it('is refused a wait that would never end, and told why', () => {
    const driver = running(['a', 'b'], { with: { a: writes('src/**'), b: writes('docs/**') } })
    for (const id of ['a', 'b']) start(driver, id)
    lock(driver, 'a', [files('docs/api.md')], true)
    expect(lock(driver, 'b', [files('src/api.ts')], true)).toBeUndefined()
    expect(driver.answer?.refused).toBe(
      'waiting for it would never end: b waits for a, a waits for b (rule: NO cross-agent cyclic dependencies (deadlock prevention))',
    )
    expect(driver.events('locks.refused')).toMatchObject([
      { holder: `${RUN}/b#1`, locks: [{ on: 'src/api.ts' }], circle: [`${RUN}/b#1`, `${RUN}/a#1`] },
    ])
    expect(table(driver).waiters.map(({ holder }) => holder)).toEqual([`${RUN}/a#1`])
    expect(unlock(driver, 'a', null)).toBeUndefined()
    expect(table(driver).waiters).toEqual([])
    expect(lock(driver, 'b', [files('src/api.ts')], true)).toBeUndefined()
  })

  it('goes before those that have not begun, but not for ever', () => {
    const driver = running(['a', 'b', 'w'], {
      with: { a: writes('src/**'), b: writes('docs/**'), w: { ...writes('src/**', 'x'), priority: 4 } },
    })
    for (const id of ['a', 'b']) start(driver, id)
    expect(driver.attempt('w').state).toBe('BLOCKED')
    for (let i = 0; i < MOST_OVERTAKEN; i++) {
      expect(lock(driver, 'b', [files('x')])).toBeUndefined()
      expect(unlock(driver, 'b', [files('x')])).toBeUndefined()
    }
    expect(lock(driver, 'b', [files('x')])).toMatchObject({
      reason: 'w has been passed over often enough and comes first',
    })
  })

  it('commits what it locked for itself, and who comes after it builds on that', () => {
    const driver = running(['a', 'b', 'c: a'], { with: { a: writes('src/**'), c: writes('*.md') } })
    start(driver, 'a')
    for (const each of [files('README.md'), files('NOTES.md', 'shared'), files('lib/x')])
      lock(driver, 'a', [each])
    unlock(driver, 'a', [files('lib/x')])
    const writable = writableGlobs(table(driver), driver.run(), 0, 1)
    expect(writable).toEqual(['src/**', 'README.md'])
    finish(driver, 'b')
    driver.must(exited(at(driver, 'a')))
    driver.must(committed(at(driver, 'a')))
    expect(driver.events('work.committed').at(-1)).toMatchObject({ taken: ['README.md'] })
    driver.must(merged(at(driver, 'a')))
    expect(earlierHolders(driver.run(), 2)).toEqual([0])
  })

  it('that lost what it declared gets nothing more, keeps nothing, and commits nothing', () => {
    const driver = running(['a', 'b'], { all: { ...writes('src/**'), retry: 1 } })
    start(driver, 'a')
    lock(driver, 'a', [files('README.md')])
    driver.must({ type: 'locks.release', run: RUN, task: 'a' })
    expect(lock(driver, 'a', [files('README.md')])).toMatchObject({ rejected: 'stale' })
    expect(driver.send({ type: 'agent.checkpoint', ...at(driver, 'a'), note: '' })).toMatchObject({
      rejected: 'stale',
    })
    driver.must(exited(at(driver, 'a')))
    expect(driver.events('work.committed')).toEqual([])
  })

  it('waits no longer once it is over', () => {
    const driver = running(['a', 'b'], { with: { a: writes('src/**'), b: writes('docs/**') } })
    for (const id of ['a', 'b']) start(driver, id)
    lock(driver, 'b', [files('src/x')], true)
    driver.must(exited(at(driver, 'b'), 1))
    expect(table(driver).waiters).toEqual([])
    finish(driver, 'a')
    expect(table(driver).grants).toEqual([])
  })
})

const anyLock: fc.Arbitrary<Lock> = fc.record({
  kind: fc.constant('files' as const),
  on: fc.constantFrom('**', 'src/**', 'src/api/*.ts', 'docs/*', '*.md', 'lib/x'),
  mode: fc.constantFrom('exclusive' as const, 'shared' as const),
})

it('whatever agents ask for and whatever goes wrong, nobody holds what another holds, and every run ends', () => {
  const asks = fc.array(
    fc.tuple(fc.nat(20), fc.array(anyLock, { minLength: 1, maxLength: 2 }), fc.boolean()),
    {
      maxLength: 40,
    },
  )
  check(
    300,
    fc.property(anyPlan, anySeed, asks, (plan, seed, wishes) => {
      const driver = Driver.running(plan, [everyInvariant()])
      const world = new World(driver, randomFrom(seed), MUCH_TROUBLE)
      for (const [who, locks, wait] of wishes) {
        world.step()
        const atWork = workers(driver.run())
        const task = atWork[who % Math.max(1, atWork.length)]
        if (task === undefined) continue
        if (who % 7 === 0) driver.send({ type: 'locks.release', run: RUN, task })
        else if (who % 5 === 0) unlock(driver, task, wait ? null : locks)
        else lock(driver, task, locks, wait)
      }
      world.settle()
      const run = driver.run()
      if (run.endedAt === null) expect([needsPerson(run), run.attention.length > 0]).toEqual([true, true])
      else expect(table(driver)).toMatchObject({ grants: [], waiters: [] })
    }),
  )
})

function workers(run: Run): readonly string[] {
  return run.plan.tasks.filter((_, i) => run.tasks.get(i)!.current?.state === 'RUNNING').map(({ id }) => id)
}
