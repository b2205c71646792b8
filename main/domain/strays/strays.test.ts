import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conflictsOf } from '../testing/conflicts.ts'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import { type TaskOptions, tasks } from '../testing/plan.ts'
import { at, committed, exited, finish, merged, prepared, start } from '../testing/steps.ts'
import { MUCH_TROUBLE, randomFrom, World } from '../testing/world.ts'
import type { StrayPolicy } from './stray.ts'

const writes = (...globs: string[]): TaskOptions => ({ workspace: 'repo', writes: globs })

/** Tasks `a` on `src/**`, `b` on `docs/**`, at work. */
function running(strays: StrayPolicy = 'hold', names: readonly string[] = ['a', 'b']): Driver {
  const plan = tasks(names, { with: { a: writes('src/**'), b: writes('docs/**'), c: writes('test/**') } })
  const driver = Driver.running({ ...plan, strays })
  driver.must(prepared())
  start(driver, ...names)
  return driver
}

const stray = (driver: Driver, task: string, ...paths: string[]) =>
  driver.send({ type: 'report.strayed', ...at(driver, task), paths, isolated: true })

function setAside(
  driver: Driver,
  task: string,
  paths: readonly string[],
  left: readonly string[] = [],
): void {
  const { attempt } = { attempt: driver.attempt(task) }
  if (attempt.effects.includes('agent.pause')) effectDone(driver, task, 'agent.pause')
  driver.must({
    type: 'report.set-aside',
    ...at(driver, task),
    count: attempt.strays!.count,
    commit: paths.length === 0 ? null : 'a'.repeat(40),
    patch: paths.length === 0 ? null : 'b'.repeat(64),
    paths,
    left: left.map((path) => ({ path, reason: 'too much to be kept' })),
  })
}

function effectDone(
  driver: Driver,
  task: string,
  effect: 'agent.pause' | 'agent.resume' | 'agent.stop',
): void {
  driver.must({ type: 'report.effect-done', effect, ...at(driver, task) })
}

const resolve = (driver: Driver, action: 'allow' | 'discard' | 'terminate', conflict = 'c1') =>
  driver.send({ type: 'conflict.resolve', project: PROJECT, conflict, action })

const only = (driver: Driver) => conflictsOf(driver)[0]!

describe('an agent that writes what it may not', () => {
  it('stands still, what it wrote is set aside, and who holds it comes first among the parties', () => {
    const driver = running()
    expect(stray(driver, 'a', 'docs/x.md', 'docs/y.md')).toBeUndefined()
    expect(driver.attempt('a')).toMatchObject({
      state: 'CONFLICT',
      paused: true,
      effects: ['agent.pause', 'work.set-aside'],
    })
    expect(only(driver)).toMatchObject({
      cause: 'undeclared-write',
      parties: ['r1/b#1', 'r1/a#1'],
      files: ['docs/x.md', 'docs/y.md'],
      text: 'a wrote docs/x.md, docs/y.md, which b holds; it stands still',
      recommendation: { action: 'discard' },
    })
    expect(driver.run().attention).toMatchObject([{ task: 0, choices: ['allow', 'discard', 'terminate'] }])
    setAside(driver, 'a', ['docs/x.md', 'docs/y.md'])
    expect(only(driver).evidence).toMatchObject([{ holder: 'r1/a#1', patch: 'b'.repeat(64) }])
    expect(driver.attempt('a')).toMatchObject({ state: 'CONFLICT', effects: [] })
  })

  it('goes on without it when it is discarded, also where that is said before it is set aside', () => {
    for (const first of [true, false]) {
      const driver = running()
      stray(driver, 'a', 'docs/x.md')
      if (first) expect(resolve(driver, 'discard')).toBeUndefined()
      expect(driver.attempt('a').state).toBe('CONFLICT')
      setAside(driver, 'a', ['docs/x.md'])
      if (!first) expect(resolve(driver, 'discard')).toBeUndefined()
      expect(driver.attempt('a')).toMatchObject({
        state: 'RUNNING',
        paused: false,
        effects: ['agent.resume'],
      })
      expect(driver.attempt('a').strays).toMatchObject({ open: null })
    }
  })

  it('gets it back and may write it when it is allowed and nobody holds it', () => {
    const driver = running()
    stray(driver, 'a', 'other (1).md')
    setAside(driver, 'a', ['other (1).md'])
    expect(resolve(driver, 'allow')).toBeUndefined()
    expect(driver.attempt('a')).toMatchObject({ state: 'CONFLICT', effects: ['work.put-back'] })
    driver.must({ type: 'report.put-back', ...at(driver, 'a') })
    expect(driver.attempt('a')).toMatchObject({ state: 'RUNNING', effects: ['agent.resume'] })
    const { grants } = driver.state.projects.get(PROJECT)!.locks
    expect(grants.find(({ holder }) => holder === 'r1/a#1')!.locks.at(-1)).toEqual({
      kind: 'files',
      on: 'other \\(1\\).md',
      mode: 'exclusive',
    })
  })

  it('waits in line, held, for what another holds, and gets it when that is merged', () => {
    const driver = running()
    stray(driver, 'a', 'docs/x.md')
    setAside(driver, 'a', ['docs/x.md'])
    expect(resolve(driver, 'allow')).toBeUndefined()
    expect(driver.attempt('a')).toMatchObject({ state: 'CONFLICT', effects: [] })
    expect(driver.state.projects.get(PROJECT)!.locks.waiters).toMatchObject([{ holder: 'r1/a#1' }])
    driver.must(exited(at(driver, 'b')))
    driver.must(committed(at(driver, 'b')))
    driver.must(merged(at(driver, 'b')))
    expect(driver.attempt('a')).toMatchObject({ state: 'CONFLICT', effects: ['work.put-back'] })
    driver.must({ type: 'report.put-back', ...at(driver, 'a') })
    expect(driver.attempt('a').state).toBe('RUNNING')
  })

  it('is not allowed what it could only wait for in a circle', () => {
    const driver = running()
    driver.must({
      type: 'agent.lock',
      ...at(driver, 'b'),
      locks: [{ kind: 'files', on: 'src/z.ts', mode: 'exclusive' }],
      wait: true,
    })
    stray(driver, 'a', 'docs/x.md')
    setAside(driver, 'a', ['docs/x.md'])
    expect(resolve(driver, 'allow')).toMatchObject({ rejected: 'not-now' })
    expect(only(driver).resolution).toBeNull()
    expect(resolve(driver, 'discard')).toBeUndefined()
  })

  it('is ended when a person says so; the one that holds the files is not', () => {
    const driver = running()
    stray(driver, 'a', 'docs/x.md')
    setAside(driver, 'a', ['docs/x.md'])
    expect(resolve(driver, 'terminate')).toBeUndefined()
    expect(driver.attempt('a')).toMatchObject({ stopping: { cause: 'conflict' }, effects: ['agent.stop'] })
    expect(driver.attempt('b').stopping).toBeNull()
    effectDone(driver, 'a', 'agent.stop')
    driver.must(exited(at(driver, 'a'), 143))
    expect(driver.task('a').past).toMatchObject([{ state: 'TERMINATED', cause: 'conflict' }])
  })

  it('stopped for it, it says what it wrote, and nobody is asked what is settled', () => {
    const driver = running('stop')
    stray(driver, 'a', 'docs/x.md', 'other.txt')
    expect(only(driver).text).toBe(
      'a wrote docs/x.md, other.txt, which it did not declare (b holds docs/x.md); it is stopped',
    )
    setAside(driver, 'a', ['docs/x.md', 'other.txt'])
    driver.must(exited(at(driver, 'a'), 143))
    expect(driver.task('a').past.at(-1)?.detail).toBe(
      'stopped for a conflict, c1: it wrote docs/x.md, other.txt, which it did not declare in writes',
    )
    expect(driver.events('attention.raised').filter(({ about }) => about === 'c1')).toEqual([])
  })

  it('is stopped at once where the project says so, after what it wrote was set aside', () => {
    const driver = running('stop')
    stray(driver, 'a', 'other.md')
    expect(driver.attempt('a').stopping).toBeNull()
    setAside(driver, 'a', ['other.md'])
    expect(driver.attempt('a')).toMatchObject({ stopping: { cause: 'conflict' }, effects: ['agent.stop'] })
    expect(only(driver).resolution).toMatchObject({ action: 'terminate', keep: null, by: 'engine' })
    expect(only(driver).resolution?.detail).toBe('a is stopped')
    expect(only(driver).evidence).toHaveLength(1)
    driver.must(exited(at(driver, 'a'), 143))
    expect(driver.task('a').past.at(-1)?.detail).toBe(
      'stopped for a conflict, c1: it wrote other.md, which it did not declare in writes',
    )
  })

  it('works on where it is only reported, or where it cannot be kept apart; nothing is asked twice', () => {
    for (const isolated of [true, false]) {
      const driver = running(isolated ? 'report' : 'hold')
      const report = { type: 'report.strayed', ...at(driver, 'a'), paths: ['other.md'], isolated } as const
      driver.must(report)
      expect(driver.attempt('a')).toMatchObject({ state: 'RUNNING', effects: ['work.set-aside'] })
      setAside(driver, 'a', ['other.md'])
      driver.must(report)
      expect(driver.attempt('a').effects).toEqual([])
      expect(conflictsOf(driver)).toHaveLength(1)
      expect(resolve(driver, 'allow')).toBeUndefined()
      expect(driver.attempt('a')).toMatchObject({ state: 'RUNNING', effects: [], strays: { open: null } })
    }
  })

  it('is not asked about again for what stays where it is', () => {
    const driver = running()
    stray(driver, 'a', 'big')
    setAside(driver, 'a', [], ['big'])
    expect(only(driver).files).toEqual(['big'])
    resolve(driver, 'discard')
    effectDone(driver, 'a', 'agent.resume')
    expect(stray(driver, 'a', 'big')).toMatchObject({ rejected: 'stale' })
    expect(stray(driver, 'a', 'big', 'more')).toBeUndefined()
    expect(driver.attempt('a').strays).toMatchObject({ count: 2 })
  })

  it('goes on when what it wrote is gone again before it could be looked at', () => {
    const driver = running()
    stray(driver, 'a', 'docs/x.md')
    setAside(driver, 'a', [])
    expect(only(driver).resolution).toMatchObject({ action: 'dismiss' })
    expect(driver.attempt('a')).toMatchObject({ state: 'RUNNING', effects: ['agent.resume'] })
  })

  it('is on record with what its commit leaves out', () => {
    const driver = running('hold', ['a'])
    driver.must(exited(at(driver, 'a')))
    driver.must({ ...committed(at(driver, 'a')), undeclared: ['docs/x.md'], patch: 'c'.repeat(64) } as never)
    expect(only(driver)).toMatchObject({
      files: ['docs/x.md'],
      evidence: [{ patch: 'c'.repeat(64) }],
      resolution: { action: 'discard', by: 'engine' },
    })
    driver.must(merged(at(driver, 'a')))
    expect(driver.run()).toMatchObject({ status: 'completed', attention: [] })
  })

  it('reports that come late or twice change nothing', () => {
    const driver = running('hold', ['a', 'b', 'c'])
    stray(driver, 'a', 'x')
    expect(stray(driver, 'a', 'x')).toMatchObject({ rejected: 'stale' })
    setAside(driver, 'a', ['x'])
    const again = { ...at(driver, 'a'), count: 1, commit: null, patch: null, paths: [], left: [] }
    expect(driver.send({ type: 'report.set-aside', ...again })).toMatchObject({ rejected: 'stale' })
    expect(driver.send({ type: 'report.put-back', ...at(driver, 'a') })).toMatchObject({ rejected: 'stale' })
    finish(driver, 'b')
    expect(stray(driver, 'c', 'x')).toBeUndefined()
    expect(conflictsOf(driver)).toHaveLength(2)
  })
})

/** An agent that is held for what it wrote has something open for it, and the other way round. */
function check(driver: Driver): void {
  for (const { current } of driver.run().tasks) {
    if (current === null) continue
    const open = current.strays?.open ?? null
    const wants = (effect: 'work.set-aside' | 'work.put-back', stage: string): void => {
      const is = current.effects.includes(effect)
      const atWork =
        current.exitedAt === null && (current.state === 'RUNNING' || current.state === 'CONFLICT')
      if (atWork && is !== (open?.stage === stage))
        throw new Error(`${effect} is ${is}, stage ${open?.stage}`)
    }
    wants('work.set-aside', 'taking')
    wants('work.put-back', 'returning')
    if (current.state !== 'CONFLICT' || current.conflict === undefined || current.exitedAt !== null) continue
    const conflict = conflictsOf(driver).find(({ id }) => id === current.conflict!.id)!
    const settled = conflict.resolution !== null && current.stopping === null
    if (settled && open === null) throw new Error(`${conflict.id} is settled, and its agent stands still`)
  }
}

it('whatever is written, ruled and broken off, everybody comes to an end and holds nothing', () => {
  const policies = fc.constantFrom<StrayPolicy>('hold', 'stop', 'report')
  fc.assert(
    fc.property(fc.integer(), policies, (seed, policy) => {
      const random = randomFrom(seed)
      const plan = tasks(['a', 'b', 'c', 'd: a', 'e: b'], {
        all: { ...writes('src/**'), retry: 1 },
        with: { b: writes('docs/**'), c: writes('docs/a', 'x'), e: writes('*.md') },
      })
      const driver = Driver.running({ ...plan, strays: policy })
      const world = new World(driver, random, MUCH_TROUBLE)
      const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
      for (let step = 0; step < 150; step++) {
        const task = pick(['a', 'b', 'c', 'd', 'e'])
        const { current } = driver.task(task)
        if (current !== null && random() < 0.2)
          stray(driver, task, ...new Set([pick(['docs/a', 'x', 'new']), pick(['src/b', 'top.md'])]))
        else if (random() < 0.1) {
          const open = conflictsOf(driver).filter(({ resolution }) => resolution === null)
          if (open.length > 0) resolve(driver, pick(['allow', 'discard', 'terminate']), pick(open).id)
        } else world.step()
        check(driver)
      }
      for (let round = 0; round < 60; round++) {
        world.settle()
        check(driver)
        for (const { id, cause, resolution } of conflictsOf(driver))
          if (resolution === null && cause === 'undeclared-write')
            resolve(driver, pick(['allow', 'discard', 'terminate']), id)
        for (const { id, choices } of driver.run().attention)
          if (choices.includes('skip'))
            driver.send({ type: 'attention.answer', run: RUN, id, choice: 'skip' })
        if (driver.run().endedAt !== null) break
      }
      expect(driver.run().endedAt).not.toBeNull()
      expect(driver.state.projects.get(PROJECT)!.locks).toMatchObject({ grants: [], waiters: [] })
    }),
    { numRuns: process.env.AMPHITHEATRE_SOAK === undefined ? 200 : 10_000 },
  )
})
