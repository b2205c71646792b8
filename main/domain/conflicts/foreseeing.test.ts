import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Message } from '../talk/message.ts'
import { messagesOf } from '../talk/messageLog.ts'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import { everyInvariant } from '../testing/invariants.ts'
import { tasks } from '../testing/plan.ts'
import { at, finish, prepared, start } from '../testing/steps.ts'
import type { Conflict, Foreseen } from './conflict.ts'
import type { PredictionAction } from './prediction.ts'

/** `a`, `b` … at work on the same file, in the order of their names; `a` has the better claim. */
function atWork(names: readonly string[], action: PredictionAction = 'warn'): Driver {
  const plan = tasks(names, { all: { workspace: 'repo', writes: ['src/**'] } })
  const driver = Driver.running(
    { ...plan, prediction: { action }, tasks: plan.tasks.map(({ uses: _, ...task }) => task) },
    [everyInvariant()],
  )
  driver.must(prepared())
  for (const name of names) {
    start(driver, name)
    driver.advance(10)
  }
  return driver
}

const holder = (name: string): string => `${RUN}/${name}#1`
const HASH = 'f'.repeat(64)

function between(names: readonly string[], files: readonly string[] = ['src/x.ts']): Foreseen {
  const parties = names.map(holder)
  const sides = names.length > 1 ? parties : [...parties, null]
  return { parties, files, patches: sides.map((one) => ({ holder: one, hash: HASH, bytes: 9 })) }
}

const see = (driver: Driver, foreseen: readonly Foreseen[], unknown: readonly (readonly string[])[] = []) =>
  driver.must({ type: 'report.predicted', project: PROJECT, foreseen, unknown })
const conflicts = (driver: Driver): readonly Conflict[] => driver.state.projects.get(PROJECT)!.conflicts
const open = (driver: Driver): readonly Conflict[] =>
  conflicts(driver).filter(({ resolution }) => resolution === null)
const told = (driver: Driver, name: string): readonly Message[] =>
  [...messagesOf(driver.run().talk.messages)].filter(({ recipients }) =>
    recipients.includes(driver.index(name)),
  )

describe('a conflict that is foreseen', () => {
  it('is raised once, between both, with what each changes, and both are told', () => {
    const driver = atWork(['a', 'b'])
    see(driver, [between(['b', 'a'])])
    expect(open(driver)).toMatchObject([
      {
        cause: 'predicted',
        kind: 'technical',
        parties: [holder('a'), holder('b')],
        files: ['src/x.ts'],
        text: 'a and b change src/x.ts in ways that do not go together',
        recommendation: { action: 'wait', keep: holder('a') },
      },
    ])
    expect(open(driver)[0]!.evidence.map(({ holder: who, patch }) => [who, patch])).toEqual([
      [holder('b'), HASH],
      [holder('a'), HASH],
    ])
    expect(told(driver, 'a')).toHaveLength(1)
    expect(told(driver, 'b')).toHaveLength(1)
    expect(see(driver, [between(['a', 'b'])])).toEqual([])
    expect(driver.attempt('b')).toMatchObject({ state: 'RUNNING', paused: false })
  })

  it('is over when it is not seen any more, and comes back with a new name', () => {
    const driver = atWork(['a', 'b'])
    see(driver, [between(['a', 'b'])])
    see(driver, [])
    expect(open(driver)).toEqual([])
    expect(conflicts(driver)[0]!.resolution).toMatchObject({
      by: 'engine',
      detail: 'what a and b make goes together again',
    })
    see(driver, [between(['a', 'b'])])
    expect(open(driver).map(({ id }) => id)).toEqual(['c2'])
  })

  it('stays while nothing can be said of its parties', () => {
    const driver = atWork(['a', 'b', 'c'])
    see(driver, [between(['a', 'b']), between(['a', 'c'])])
    see(driver, [], [[holder('b'), holder('a')]])
    expect(open(driver).map(({ parties }) => parties)).toEqual([[holder('a'), holder('b')]])
  })

  it('grows with the files', () => {
    const driver = atWork(['a', 'b'])
    see(driver, [between(['a', 'b'])])
    see(driver, [between(['a', 'b'], ['src/x.ts', 'src/y.ts'])])
    expect(open(driver)).toMatchObject([{ id: 'c1', files: ['src/x.ts', 'src/y.ts'] }])
  })

  it('that somebody settled is not raised again, unless it is about more', () => {
    const driver = atWork(['a', 'b'])
    see(driver, [between(['a', 'b'])])
    driver.must({ type: 'conflict.resolve', project: PROJECT, conflict: 'c1', action: 'dismiss' })
    expect(see(driver, [between(['a', 'b'])])).toEqual([])
    see(driver, [between(['a', 'b'], ['src/y.ts'])])
    expect(open(driver).map(({ id }) => id)).toEqual(['c2'])
  })

  it('of one that is over is no news', () => {
    const driver = atWork(['a', 'b'])
    finish(driver, 'a')
    expect(see(driver, [between(['a', 'b'])])).toEqual([])
    expect(see(driver, [{ ...between(['b']), parties: [holder('gone')] }])).toEqual([])
  })

  it('becomes one with what is merged when the first is merged', () => {
    const driver = atWork(['a', 'b'])
    see(driver, [between(['a', 'b'])])
    finish(driver, 'a')
    see(driver, [between(['b'])])
    expect(conflicts(driver)[0]!.resolution?.detail).toBe('a is merged')
    expect(open(driver)).toMatchObject([
      { id: 'c2', parties: [holder('a'), holder('b')], recommendation: { action: 'merge', keep: null } },
    ])
  })

  it('with what was merged by nobody known is told to the one at work', () => {
    const driver = atWork(['a', 'b'])
    see(driver, [between(['b'], ['docs/other.md'])])
    expect(open(driver)).toMatchObject([
      { parties: [holder('b')], recommendation: { action: 'merge', keep: null } },
    ])
    expect(told(driver, 'b')).toHaveLength(1)
  })
})

describe('where the project says hold', () => {
  it('the lesser claim stands still until the other is merged, goes on, and is told what still does not fit', () => {
    const driver = atWork(['a', 'b'], 'hold')
    see(driver, [between(['a', 'b'])])
    expect(driver.attempt('a')).toMatchObject({ state: 'RUNNING', paused: false })
    expect(driver.attempt('b')).toMatchObject({ state: 'CONFLICT', paused: true })
    expect(conflicts(driver)[0]!.resolution).toMatchObject({
      action: 'wait',
      keep: holder('a'),
      by: 'engine',
    })
    // Still seen while it stands still.
    expect(see(driver, [between(['a', 'b'], ['src/x.ts', 'src/z.ts'])])).toEqual([])
    finish(driver, 'a')
    expect(driver.attempt('b')).toMatchObject({ state: 'RUNNING' })
    const before = told(driver, 'b').length
    see(driver, [between(['b'])])
    expect(open(driver)).toMatchObject([{ parties: [holder('a'), holder('b')] }])
    expect(told(driver, 'b')).toHaveLength(before + 1)
    expect(driver.attempt('b')).toMatchObject({ state: 'RUNNING' })
    finish(driver, 'b')
    expect(open(driver)).toEqual([])
    expect(driver.run().status).toBe('completed')
  })

  it('three in a row go one after the other', () => {
    const driver = atWork(['a', 'b', 'c'], 'hold')
    see(driver, [between(['a', 'b']), between(['b', 'c']), between(['a', 'c'])])
    expect(driver.attempt('b').state).toBe('CONFLICT')
    expect(driver.attempt('c').state).toBe('CONFLICT')
    finish(driver, 'a')
    expect(driver.attempt('b').state).toBe('RUNNING')
    finish(driver, 'b')
    expect(driver.attempt('c').state).toBe('RUNNING')
    finish(driver, 'c')
    expect(driver.run().status).toBe('completed')
  })

  it('nobody stands still for one that waits for its locks, and a wait for one that stands still is refused', () => {
    const driver = atWork(['a', 'b'], 'hold')
    const lock = { kind: 'resource', on: 'port:1', mode: 'exclusive' } as const
    driver.must({ type: 'agent.lock', ...at(driver, 'b'), locks: [lock], wait: false })
    driver.must({ type: 'agent.lock', ...at(driver, 'a'), locks: [lock], wait: true })
    see(driver, [between(['a', 'b'])])
    expect(driver.attempt('b').state).toBe('RUNNING')
    expect(open(driver)).toHaveLength(1)

    const other = atWork(['a', 'b'], 'hold')
    other.must({ type: 'agent.lock', ...at(other, 'b'), locks: [lock], wait: false })
    see(other, [between(['a', 'b'])])
    expect(other.attempt('b').state).toBe('CONFLICT')
    other.must({ type: 'agent.lock', ...at(other, 'a'), locks: [lock], wait: true })
    expect(other.answer?.refused).toBe(
      'waiting for it would never end: a waits for b, b waits for a (rule: NO cross-agent cyclic dependencies (deadlock prevention))',
    )
  })
})

describe('where the project says take-in', () => {
  it('the lesser claim is given what the other changes, and the conflict stays open until it is gone', () => {
    const driver = atWork(['a', 'b'], 'take-in')
    see(driver, [between(['a', 'b'])])
    const offer = told(driver, 'b').find(({ artifacts }) => artifacts.length > 0)
    expect(offer).toMatchObject({
      subject: 'Conflict c1: take in what a changed',
      artifacts: [{ path: 'conflicts/c1/a.patch', hash: HASH, bytes: 9 }],
    })
    expect(driver.run().talk.artifacts.map(({ path }) => path)).toEqual(['conflicts/c1/a.patch'])
    expect(told(driver, 'a').every(({ artifacts }) => artifacts.length === 0)).toBe(true)
    expect(open(driver)).toHaveLength(1)
    see(driver, [])
    expect(open(driver)).toEqual([])
  })

  it('is given what is merged, too', () => {
    const driver = atWork(['a', 'b'], 'take-in')
    finish(driver, 'a')
    see(driver, [between(['b'])])
    expect(driver.run().talk.artifacts.map(({ path }) => path)).toEqual(['conflicts/c1/merged.patch'])
  })
})

it('whatever is foreseen in whatever order, every run comes to its end', () => {
  const names = ['a', 'b', 'c', 'd']
  const anything = fc.oneof(
    fc.record({
      kind: fc.constant('see' as const),
      pairs: fc.array(fc.subarray(names, { minLength: 1, maxLength: 2 })),
    }),
    fc.record({ kind: fc.constant('finish' as const), name: fc.constantFrom(...names) }),
  )
  const action = fc.constantFrom<PredictionAction>('none', 'warn', 'hold', 'take-in')
  fc.assert(
    fc.property(action, fc.array(anything, { maxLength: 20 }), (policy, steps) => {
      const driver = atWork(names, policy)
      for (const step of steps) {
        if (step.kind === 'see')
          see(
            driver,
            step.pairs.map((pair) => between(pair)),
          )
        else if (driver.task(step.name).current?.state === 'RUNNING') finish(driver, step.name)
      }
      for (let left = names.length; left > 0; left--) {
        const next = names.find((name) => driver.task(name).current?.state === 'RUNNING')
        if (next !== undefined) finish(driver, next)
      }
      expect(driver.run().status).toBe('completed')
      expect(open(driver)).toEqual([])
    }),
    { numRuns: 300 },
  )
})
