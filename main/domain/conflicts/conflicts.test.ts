import { describe, expect, it, test } from 'vitest'
import type { Command } from '../commands.ts'
import { Driver, PROJECT } from '../testing/driver.ts'
import { atWork, conflicts, holder, resolve, seen } from '../testing/overlapping.ts'
import { tasks } from '../testing/plan.ts'
import { at, exited, finish, prepared, start } from '../testing/steps.ts'
import { leftToOthers } from './splitting.ts'

describe('a conflict on record', () => {
  it('has the better claim first, a recommendation and its reasons', () => {
    const driver = atWork()
    driver.must(seen('overlap'))
    expect(conflicts(driver)).toMatchObject([
      {
        id: 'c1',
        kind: 'technical',
        level: 1,
        parties: [holder('a'), holder('b')],
        recommendation: {
          action: 'wait',
          keep: holder('a'),
          reasons: ['both have priority 3, and a started earlier'],
        },
        resolution: null,
      },
    ])
  })

  it('goes by priority before the earlier start', () => {
    const driver = atWork({ b: 1 })
    driver.must(seen('overlap'))
    expect(conflicts(driver)[0]).toMatchObject({
      parties: [holder('b'), holder('a')],
      recommendation: { keep: holder('b'), reasons: ['b has priority 1, a 3'] },
    })
  })

  it('is one, however often it is seen, and grows', () => {
    const driver = atWork()
    driver.must(seen('overlap'))
    expect(driver.must(seen('overlap'))).toEqual([])
    driver.must(
      seen('overlap', { files: ['src/hops.py', 'src/malt.py'], parties: [holder('a'), holder('b')] }),
    )
    expect(conflicts(driver)).toMatchObject([{ id: 'c1', files: ['src/hops.py', 'src/malt.py'] }])
    driver.must(seen('duplicate'))
    expect(conflicts(driver).map(({ id }) => id)).toEqual(['c1', 'c2'])
  })

  it('is remembered by file', () => {
    const driver = atWork()
    driver.must(seen('overlap'))
    driver.must(seen('predicted'))
    const { clashes } = driver.state.projects.get(PROJECT)!
    expect(clashes).toMatchObject({ 'src/hops.py': { count: 2, tasks: ['a', 'b'] } })
  })

  it('is told to both sides', () => {
    const driver = atWork()
    driver.must(seen('overlap'))
    for (const name of ['a', 'b']) expect(driver.task(name).inbox).toHaveLength(1)
  })

  it('is over when one of the two is', () => {
    const driver = atWork()
    driver.must(seen('overlap'))
    finish(driver, 'a')
    expect(conflicts(driver)[0]?.resolution).toMatchObject({
      action: 'dismiss',
      by: 'engine',
      detail: 'a is over',
    })
  })

  it('is not of those that are over', () => {
    const driver = atWork()
    finish(driver, 'a', 'b')
    expect(driver.send(seen('overlap'))).toMatchObject({ rejected: 'stale' })
  })

  it('is closed when it is not seen any more', () => {
    const driver = atWork({}, { hold: [holder('b')] })
    expect(driver.attempt('b').state).toBe('CONFLICT')
    driver.must({ type: 'report.conflict-gone', project: PROJECT, conflict: 'c1', detail: 'they fit again' })
    expect(conflicts(driver)[0]?.resolution).toMatchObject({ action: 'dismiss', detail: 'they fit again' })
    expect(driver.attempt('b')).toMatchObject({ state: 'RUNNING', paused: false })
  })
})

describe('settling', () => {
  test('wait: the other stands still until the one is over', () => {
    const driver = atWork()
    driver.must(seen('overlap'))
    driver.must(resolve('wait'))
    expect(driver.attempt('b')).toMatchObject({ state: 'CONFLICT', paused: true, conflict: { id: 'c1' } })
    expect(driver.attempt('a').state).toBe('RUNNING')
    finish(driver, 'a')
    expect(driver.attempt('b')).toMatchObject({ state: 'RUNNING', paused: false })
    finish(driver, 'b')
    expect(driver.task('b').state).toBe('COMPLETED')
  })

  test('terminate: the other is stopped and, with a retry left, does it again', () => {
    const driver = atWork()
    driver.must(seen('overlap'))
    driver.must(resolve('terminate', holder('b')))
    expect(driver.attempt('a').stopping).toMatchObject({ cause: 'conflict' })
    expect(conflicts(driver)[0]?.resolution).toMatchObject({
      keep: holder('b'),
      detail: 'b goes on, a is stopped',
      by: 'person:ann',
    })
    driver.must(exited(at(driver, 'a'), 143))
    expect(driver.task('a').past).toMatchObject([
      { cause: 'conflict', detail: 'stopped for a conflict, c1: b goes on instead' },
    ])
    expect(driver.attempt('a').n).toBe(2)
  })

  test('terminate: its files are free at once, what it uses only when it is gone', () => {
    const uses = { kind: 'resource', on: 'env:staging', mode: 'exclusive' } as const
    const driver = Driver.running(
      tasks(['a', 'b'], { all: { workspace: 'repo' }, with: { b: { writes: ['src/**'], uses: [uses] } } }),
    )
    driver.must(prepared())
    start(driver, 'a')
    driver.advance(1_000)
    start(driver, 'b')
    driver.must(seen('overlap'))
    driver.must(resolve('terminate'))
    const grants = (): unknown => driver.state.projects.get(PROJECT)!.locks.grants
    expect(grants()).toMatchObject([{ holder: holder('b'), locks: [uses] }])
    driver.must(exited(at(driver, 'b')))
    expect(driver.task('b').past).toMatchObject([{ state: 'TERMINATED', cause: 'conflict' }])
    expect(grants()).toEqual([])
  })

  test('split: who gives way may not change the files any more', () => {
    const driver = atWork()
    driver.must(seen('overlap'))
    driver.must(resolve('split'))
    const project = driver.state.projects.get(PROJECT)!
    expect(leftToOthers(project, holder('b'))).toEqual(['src/hops.py'])
    expect(leftToOthers(project, holder('a'))).toEqual([])
  })

  test('split, and allowed all the same since', () => {
    const writes = { a: { writes: ['src/**'] }, b: { writes: ['docs/**'] } }
    const driver = Driver.running(tasks(['a', 'b'], { all: { workspace: 'repo' }, with: writes }))
    driver.must(prepared())
    start(driver, 'a', 'b')
    driver.must(seen('predicted', { files: ['docs/x.md', 'docs/y.md'] }))
    driver.must(resolve('split', holder('a')))
    const left = () => leftToOthers(driver.state.projects.get(PROJECT)!, holder('b'))
    expect(left()).toEqual(['docs/x.md', 'docs/y.md'])
    driver.must({ type: 'report.strayed', ...at(driver, 'b'), paths: ['docs/x.md'], isolated: true })
    driver.must({ ...resolve('allow'), conflict: 'c2' } as Command)
    expect(left()).toEqual(['docs/y.md'])
  })

  test('split by a glob cannot be taken back file by file', () => {
    const writes = { a: { writes: ['src/**'] }, b: { writes: ['docs/**'] } }
    const driver = Driver.running(tasks(['a', 'b'], { all: { workspace: 'repo' }, with: writes }))
    driver.must(prepared())
    start(driver, 'a', 'b')
    driver.must(seen('overlap', { files: ['docs/*'] }))
    driver.must(resolve('split', holder('a')))
    driver.must({ type: 'report.strayed', ...at(driver, 'b'), paths: ['docs/x.md'], isolated: true })
    expect(driver.send({ ...resolve('allow'), conflict: 'c2' } as Command)).toMatchObject({
      reason: 'docs/* was settled to belong to another; b goes on without (discard), or ends',
    })
  })

  test('terminate of one that stands still', () => {
    const driver = atWork({}, { hold: [holder('b')] })
    driver.must(resolve('terminate'))
    expect(driver.attempt('b')).toMatchObject({ state: 'RUNNING', stopping: { cause: 'conflict' } })
  })

  test.each(['merge', 'split', 'dismiss'] as const)('%s: all go on', (action) => {
    const driver = atWork({}, { hold: [holder('b')] })
    driver.must(resolve(action))
    expect(driver.attempt('b')).toMatchObject({ state: 'RUNNING', paused: false })
    expect(driver.attempt('a')).toMatchObject({ state: 'RUNNING', paused: false })
  })

  test.each([
    [resolve('allow'), 'invalid', 'c1 can be settled with wait, terminate, merge, split, dismiss'],
    [resolve('wait', 'r1/c#1'), 'invalid', 'r1/c#1 has no part in c1: it is between a and b'],
    [{ ...resolve('wait'), conflict: 'c9' } as Command, 'unknown', 'there is no conflict c9'],
    [{ ...resolve('wait'), project: 'q' } as Command, 'unknown', 'project q is not registered'],
  ])('refusals %#', (command, rejected, reason) => {
    const driver = atWork()
    driver.must(seen('overlap'))
    expect(driver.send(command)).toEqual({ rejected, reason })
  })

  it('is done once', () => {
    const driver = atWork()
    driver.must(seen('overlap'))
    driver.must(resolve('dismiss'))
    expect(driver.send(resolve('wait'))).toMatchObject({ rejected: 'stale' })
  })

  it('does not stop what is being merged', () => {
    const driver = Driver.running(tasks(['a', 'b'], { all: { workspace: 'repo' } }))
    driver.must(prepared())
    start(driver, 'a', 'b')
    driver.must(seen('overlap', { parties: [holder('a'), holder('b')] }))
    driver.must(exited(at(driver, 'b')))
    expect(driver.send(resolve('terminate'))).toEqual({
      rejected: 'not-now',
      reason: 'the work of b is being merged',
    })
  })

  it('is verified once it is settled', () => {
    const driver = atWork()
    driver.must(seen('overlap'))
    const verified: Command = {
      type: 'report.conflict-verified',
      project: PROJECT,
      conflict: 'c1',
      clean: true,
      detail: 'only a changed src/hops.py',
    }
    expect(driver.send(verified)).toMatchObject({ rejected: 'stale' })
    driver.must(resolve('dismiss'))
    driver.must(verified)
    expect(driver.send(verified)).toMatchObject({ rejected: 'stale' })
    expect(conflicts(driver)[0]?.resolution).toMatchObject({ verified: true })
  })
})

test('a settlement that still binds somebody is kept, however many came after it', () => {
  const driver = atWork()
  driver.must(seen('overlap'))
  driver.must(resolve('wait'))
  for (let i = 2; i <= 70; i++) {
    driver.must(seen('duplicate', { parties: [holder('a')], files: [`f${i}`] }))
    driver.must({ type: 'report.conflict-gone', project: PROJECT, conflict: `c${i}`, detail: 'gone' })
  }
  expect(conflicts(driver).map(({ id }) => id)).toContain('c1')
  expect(conflicts(driver).length).toBeLessThan(55)
  finish(driver, 'a')
  expect(driver.attempt('b')).toMatchObject({ state: 'RUNNING', paused: false })
})
