import { describe, expect, it } from 'vitest'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import { type TaskOptions, tasks } from '../testing/plan.ts'
import { at, committed, exited, finish, prepared, start } from '../testing/steps.ts'
import type { Lock } from './lock.ts'
import { INACTIVITY_MS, type LockRule, leaseMsOf, underRules } from './rules.ts'

const MINUTE = 60_000
const rule = (on: string, more: Partial<LockRule> = {}): LockRule => ({
  kind: on.includes('/') ? 'files' : 'resource',
  on,
  fifo: false,
  sharedReads: true,
  leaseMs: null,
  notify: [],
  ...more,
})
const files = (on: string): Lock => ({ kind: 'files', on, mode: 'exclusive' })
const writes = (...globs: string[]): TaskOptions => ({ workspace: 'repo', writes: globs })
const schema: TaskOptions = { uses: [{ kind: 'resource', on: 'database_schema', mode: 'exclusive' }] }

function running(names: readonly string[], options: Parameters<typeof tasks>[1], rules: readonly LockRule[]) {
  const driver = Driver.running({ ...tasks(names, options), lockRules: rules })
  if (driver.run().status === 'preparing') driver.must(prepared())
  return driver
}
const quiet = (driver: Driver, task: string, quietMs: number) =>
  driver.send({ type: 'report.lease-expired', ...at(driver, task), quietMs })
const table = (driver: Driver) => driver.state.projects.get(PROJECT)!.locks
const holders = (driver: Driver) =>
  table(driver).grants.map(({ holder, locks }) => [holder, locks.map(({ on }) => on)])

describe('rules', () => {
  it('are those of everything they overlap; the shortest lease counts, and ten minutes at most', () => {
    const plan = {
      ...tasks(['a']),
      lockRules: [
        rule('src/**', { leaseMs: 3 * MINUTE }),
        rule('src/api/*', { leaseMs: MINUTE, fifo: true }),
        rule('x', { leaseMs: 60 * MINUTE, sharedReads: false }),
      ],
    }
    const leases = ['src/api/a.ts', 'src/b.ts', 'docs/**'].map((on) => leaseMsOf(plan, files(on)))
    expect(leases).toEqual([MINUTE, 3 * MINUTE, INACTIVITY_MS])
    expect(leaseMsOf(plan, { kind: 'resource', on: 'x', mode: 'shared' })).toBe(INACTIVITY_MS)
    expect(underRules(plan, { kind: 'resource', on: 'x', mode: 'shared' })).toMatchObject({
      mode: 'exclusive',
    })
    expect(underRules(plan, { ...files('src/**'), mode: 'shared' })).toMatchObject({
      mode: 'shared',
      fifo: true,
    })
    expect(leaseMsOf(tasks(['a']), files('src/api/a.ts'))).toBe(INACTIVITY_MS)
  })
})

describe('a lease that is over', () => {
  it('takes what was declared: others go on, its holder is ended as stuck and tried again', () => {
    const driver = running(['a', 'b'], { all: schema }, [rule('database_schema', { leaseMs: 5 * MINUTE })])
    start(driver, 'a')
    expect(quiet(driver, 'a', 5 * MINUTE - 1)).toMatchObject({ rejected: 'not-now' })
    expect(quiet(driver, 'a', 5 * MINUTE)).toBeUndefined()
    expect(holders(driver)).toEqual([[`${RUN}/b#1`, ['database_schema']]])
    expect(driver.attempt('a').stopping).toMatchObject({ cause: 'stuck' })
    expect(quiet(driver, 'a', 6 * MINUTE)).toMatchObject({ rejected: 'stale' })
    expect(
      driver.send({ type: 'agent.lock', ...at(driver, 'a'), locks: [files('x')], wait: false }),
    ).toMatchObject({
      rejected: 'stale',
    })
    driver.must(exited(at(driver, 'a')))
    expect(driver.task('a').past.at(-1)).toMatchObject({
      cause: 'stuck',
      detail: 'it gave no sign of life while its locks were leased, and lost them',
    })
    finish(driver, 'b')
    finish(driver, 'a')
    expect(driver.run().status).toBe('completed')
  })

  it('takes what was locked on the way and no more; its holder is told, and commits nothing of it', () => {
    const driver = running(['a', 'b'], { with: { a: writes('src/**'), b: writes('docs/**') } }, [
      rule('lib/**', { leaseMs: MINUTE }),
    ])
    start(driver, 'a', 'b')
    for (const on of ['lib/x', 'etc/y'])
      driver.must({ type: 'agent.lock', ...at(driver, 'a'), locks: [files(on)], wait: false })
    driver.must({ type: 'agent.lock', ...at(driver, 'b'), locks: [files('lib/**')], wait: true })
    expect(quiet(driver, 'a', 2 * MINUTE)).toBeUndefined()
    expect(holders(driver)).toEqual([
      [`${RUN}/a#1`, ['src/**', 'etc/y']],
      [`${RUN}/b#1`, ['docs/**', 'lib/**']],
    ])
    expect(driver.attempt('a').stopping).toBeNull()
    expect(driver.task('a').inbox).toHaveLength(1)
    driver.must(exited(at(driver, 'a')))
    driver.must(committed(at(driver, 'a')))
    expect(driver.events('work.committed').at(-1)).toMatchObject({ taken: ['etc/y'] })
  })

  it('ends a place in line nobody came back for, but not one of who is paused', () => {
    const driver = running(['a', 'b'], { with: { a: writes('src/**') } }, [])
    start(driver, 'a', 'b')
    driver.must({ type: 'agent.lock', ...at(driver, 'b'), locks: [files('src/x')], wait: true })
    driver.must({ type: 'agent.pause', run: RUN, task: 'b' })
    expect(quiet(driver, 'b', INACTIVITY_MS)).toMatchObject({ rejected: 'stale' })
    driver.must({ type: 'agent.continue', run: RUN, task: 'b' })
    expect(quiet(driver, 'b', INACTIVITY_MS - 1)).toMatchObject({ rejected: 'not-now' })
    expect(quiet(driver, 'b', INACTIVITY_MS)).toBeUndefined()
    expect(table(driver).waiters).toEqual([])
  })
})
