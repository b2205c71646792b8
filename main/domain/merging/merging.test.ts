import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { Report } from '../commands.ts'
import { needsPerson } from '../metrics.ts'
import { stateFromJson, stateToJson } from '../serialise.ts'
import { taskStatus } from '../status.ts'
import { check } from '../testing/check.ts'
import { Driver, RUN } from '../testing/driver.ts'
import { everyInvariant } from '../testing/invariants.ts'
import { mergePolicy, type PlanOptions, plan } from '../testing/plan.ts'
import { at, checked, committed, end, finish, prepared, start, stopAgent, stopRun } from '../testing/steps.ts'

function queueOf(driver: Driver): readonly string[] {
  return driver.run().mergeQueue?.entries.map(({ task }) => driver.run().plan.tasks[task]!.id) ?? []
}

function running(lines: readonly string[], batch: number, options: PlanOptions = {}): Driver {
  const made = plan([lines], {
    limits: { maxConcurrentAgents: 64 },
    ...options,
    all: { workspace: 'repo', ...options.all },
  })
  const driver = Driver.running({ ...made, merge: mergePolicy(batch) }, [everyInvariant()])
  driver.must(prepared())
  return driver
}

/** Ends the agent of each and commits what it made. */
function commit(driver: Driver, ...names: readonly string[]): void {
  for (const name of names) {
    end(driver, name, 0)
    driver.must(committed(at(driver, name)))
  }
}

const say = (driver: Driver, result: 'passed' | 'failed' | 'lost' = 'passed', detail?: string): void => {
  driver.must(checked(driver, RUN, result, detail))
}

/** The tasks of the check under way; undefined when there is none. */
function inCheck(driver: Driver): readonly string[] | undefined {
  return driver.run().mergeQueue?.check?.tasks.map((task) => driver.run().plan.tasks[task]!.id)
}

/** Merged tasks in the order in which the branch took them in. */
function merged(driver: Driver): readonly string[] {
  return driver.events('work.merged').map(({ task }) => driver.run().plan.tasks[task]!.id)
}

/** Plays all checks; the verdict is asked about everything the branch would hold. Answers what was checked. */
function play(
  driver: Driver,
  verdict: (contents: readonly string[]) => boolean,
): readonly (readonly string[])[] {
  const asked: (readonly string[])[] = []
  for (let tasks = inCheck(driver); tasks !== undefined; tasks = inCheck(driver)) {
    if (driver.run().mergeQueue!.check!.move === null) asked.push(tasks)
    say(driver, verdict([...merged(driver), ...tasks]) ? 'passed' : 'failed', `broke with ${tasks.join()}`)
  }
  return asked
}

describe('committed work', () => {
  it('waits without a slot, is checked together and merged when that passes', () => {
    const driver = running(['a', 'b', 'c: a'], 8, { limits: { maxConcurrentAgents: 1 } })
    commit(driver, 'a')
    expect(driver.attempt('a')).toMatchObject({ state: 'COMPLETING', effects: [] })
    expect([driver.task('a').state, driver.effects()]).toEqual(['REVIEW', ['merge.check', 'b:workspace.cut']])
    commit(driver, 'b')
    expect([inCheck(driver), queueOf(driver)]).toEqual([['a'], ['a', 'b']])
    say(driver)
    expect([driver.effects(), driver.task('c').state]).toEqual([['merge.advance'], 'CREATED'])
    say(driver)
    expect([merged(driver), inCheck(driver), driver.task('c').state]).toEqual([['a'], ['b'], 'ASSIGNED'])
    play(driver, () => true)
    expect(driver.run().tip).toBe('f'.repeat(40))
    commit(driver, 'c')
    play(driver, () => true)
    expect(driver.run()).toMatchObject({ status: 'completed', effects: [], attention: [] })
  })

  it('costs no event more where nothing is checked, and what changed nothing is not checked', () => {
    const driver = Driver.running(plan([['a']], { all: { workspace: 'repo' } }))
    driver.must(prepared())
    finish(driver, 'a')
    expect(driver.log.filter(({ type }) => type.startsWith('merge.'))).toEqual([])
    const queueing = running(['a'], 2)
    end(queueing, 'a', 0)
    queueing.must(committed(at(queueing, 'a'), null))
    expect([queueing.run().status, queueing.run().mergeQueue]).toEqual(['completed', undefined])
  })

  it('stands in graph order behind what is being checked, a few at a time', () => {
    const driver = running(['a', 'b', 'c', 'x', 'y: x'], 2)
    finish(driver, 'x')
    play(driver, () => true)
    commit(driver, 'a')
    commit(driver, 'y', 'c', 'b')
    expect(queueOf(driver)).toEqual(['a', 'c', 'b', 'y'])
    expect(play(driver, () => true)).toEqual([['a'], ['c', 'b'], ['y']])
  })

  it('says where it stands', () => {
    const driver = running(['a', 'b', 'c'], 2)
    commit(driver, 'a', 'b', 'c')
    say(driver)
    say(driver)
    const why = (task: number) => taskStatus(driver.run(), task, driver.now).why
    expect([why(1), why(2)]).toEqual([
      { kind: 'merge-check', check: 2, others: [2], since: driver.now, limitMs: 60_000 },
      { kind: 'merge-check', check: 2, others: [1], since: driver.now, limitMs: 60_000 },
    ])
    say(driver, 'failed')
    expect([why(1), why(2)]).toEqual([
      { kind: 'merge-check', check: 3, others: [], since: driver.now, limitMs: 60_000 },
      { kind: 'merge-queue', place: 2, held: false },
    ])
    say(driver)
    expect(why(1)).toEqual({ kind: 'merging' })
  })
})

describe('who breaks the check', () => {
  const AD = (contents: readonly string[]): boolean => !(contents.includes('a') && contents.includes('d'))

  it('is found, and goes back to its agent with the reason; the rest goes on', () => {
    const driver = running(['a', 'b', 'c', 'd', 'e'], 8, { all: { retry: 1 } })
    commit(driver, 'a', 'b', 'c', 'd', 'e')
    const asked = play(driver, AD)
    expect(asked).toEqual([['a'], ['b', 'c', 'd', 'e'], ['b', 'c'], ['d'], ['d'], ['e']])
    expect(driver.events('work.rejected')).toEqual([
      { type: 'work.rejected', task: 3, attempt: 1, check: 5, detail: 'broke with d' },
    ])
    expect(driver.task('d')).toMatchObject({ state: 'ASSIGNED', onTip: true, attempts: 2 })
    expect(driver.task('d').past).toMatchObject([
      { state: 'TERMINATED', cause: 'conflict', detail: expect.stringContaining('broke with d') },
    ])
    expect(driver.task('d').past[0]!.commit).toHaveLength(40)
    commit(driver, 'd')
    play(driver, () => true)
    expect([merged(driver), driver.run().status]).toEqual([['a', 'b', 'c', 'e', 'd'], 'completed'])
  })

  it('keeps its locks until then and no longer', () => {
    const driver = running(['a', 'b'], 2, { all: { writes: ['src/**'] } })
    commit(driver, 'a')
    expect(driver.attempt('b').state).toBe('BLOCKED')
    play(driver, (contents) => !contents.includes('a'))
    expect([driver.task('a').outcome, driver.attempt('b').state]).toEqual(['failed', 'WAITING'])
  })

  it('is nobody where the branch fails by itself: a person is asked, and may check again', () => {
    const driver = running(['a', 'b'], 2)
    commit(driver, 'a', 'b')
    expect(play(driver, () => false)).toEqual([['a'], []])
    expect(driver.attention()).toEqual(['merge-held'])
    expect([needsPerson(driver.run()), driver.run().status, queueOf(driver)]).toEqual([
      true,
      'running',
      ['a', 'b'],
    ])
    expect(driver.run().attention[0]!.text).toContain('Waiting to be merged: a, b')
    driver.must({ type: 'attention.answer', run: RUN, id: 'merge-held', choice: 'retry' })
    play(driver, () => true)
    expect(driver.run()).toMatchObject({ status: 'completed', attention: [] })
  })

  it('may be merged all the same when the person says so, and what comes later is checked again', () => {
    const driver = running(['a', 'b', 'c: b'], 2)
    commit(driver, 'a', 'b')
    play(driver, () => false)
    driver.must({ type: 'attention.answer', run: RUN, id: 'merge-held', choice: 'skip-check' })
    expect(driver.run().mergeQueue!.check).toMatchObject({ unchecked: true, tasks: [0, 1] })
    play(driver, () => true)
    commit(driver, 'c')
    expect(driver.run().mergeQueue!.check).toMatchObject({ unchecked: false, tasks: [2] })
  })

  it('conflicts with what is merged already: out as ever, and the others are checked without it', () => {
    const driver = running(['a', 'b'], 2)
    commit(driver, 'a')
    say(driver)
    commit(driver, 'b')
    say(driver)
    const { n } = driver.run().mergeQueue!.check!
    const report: Report = { type: 'report.check-conflict', run: RUN, check: n, task: 1, files: ['x'] }
    driver.must(report)
    expect([driver.attempt('b').state, driver.task('b').state]).toEqual(['CONFLICT', 'BLOCKED'])
    expect([queueOf(driver), driver.attention()]).toEqual([[], ['b#1:conflict']])
    expect(driver.send(report)).toMatchObject({ rejected: 'stale' })
  })
})

describe('a check that fails by chance', () => {
  /** Plays all checks; all pass but those of these numbers. */
  const flaky = (driver: Driver, bad: readonly number[]): void => {
    for (let now = driver.run().mergeQueue!.check; now !== null; now = driver.run().mergeQueue!.check)
      say(driver, now.move === null && bad.includes(now.n) ? 'failed' : 'passed', 'by chance')
  }

  it('blames nobody who is left over by inference alone', () => {
    const driver = running(['first', 'a', 'b'], 8)
    commit(driver, 'first', 'a', 'b')
    flaky(driver, [2])
    expect([merged(driver), driver.run().status]).toEqual([['first', 'a', 'b'], 'completed'])
  })

  it('blames nobody by one failure alone, and asks a person where the branch itself seems to fail', () => {
    const driver = running(['first', 'a', 'b'], 8)
    commit(driver, 'first', 'a', 'b')
    flaky(driver, [2, 3])
    expect([merged(driver), driver.attention()]).toEqual([['first', 'a', 'b'], []])
    const other = running(['a'], 8)
    commit(other, 'a')
    flaky(other, [1, 2])
    expect(other.attention()).toEqual(['merge-held'])
  })

  test('never takes anybody out, whichever check it is and however many wait', () => {
    check(
      200,
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 12 }),
        (count, batch, bad) => {
          const names = Array.from({ length: count }, (_, i) => `t${i}`)
          const driver = running(names, batch)
          commit(driver, ...names)
          flaky(driver, [bad])
          expect(driver.events('work.rejected')).toEqual([])
          expect(merged(driver)).toEqual(names)
        },
      ),
    )
  })
})

describe('a check that comes to no end', () => {
  it('is made again, and after three a person is asked', () => {
    const driver = running(['a'], 2)
    commit(driver, 'a')
    for (const n of [1, 2, 3]) {
      expect(driver.run().mergeQueue!.check!.n).toBe(n)
      say(driver, 'lost', 'it is gone')
    }
    expect([inCheck(driver), driver.attention()]).toEqual([undefined, ['merge-held']])
  })

  it.each(['merge.check', 'merge.advance'] as const)('cannot be made at all: %s is refused', (effect) => {
    const driver = running(['a'], 2)
    commit(driver, 'a')
    if (effect === 'merge.advance') say(driver)
    const failed = {
      run: RUN,
      task: null,
      attempt: null,
      error: 'no image',
      remedy: 'Pull it.',
      permanent: true,
    }
    driver.must({ type: 'report.effect-failed', effect, ...failed })
    expect([driver.effects(), driver.run().attention[0]!.text]).toEqual([
      [],
      'no image Pull it. Waiting to be merged: a',
    ])
    stopAgent(driver, 'a')
    expect(driver.run()).toMatchObject({ status: 'failed', attention: [] })
  })
})

it('is held up where the runner is away, and that is over when the check is called off', () => {
  const driver = running(['a', 'b'], 2)
  commit(driver, 'a')
  const away = { run: RUN, task: null, attempt: null, error: 'away', remedy: '', permanent: false }
  driver.must({ type: 'report.effect-failed', effect: 'merge.check', ...away })
  expect(driver.run().trouble).toMatchObject({ effect: 'merge.check', error: 'away' })
  stopAgent(driver, 'a')
  expect([driver.run().trouble, driver.effects()]).toEqual([null, ['b:workspace.cut']])
})

describe('people', () => {
  it('stop an agent that waits: the others are checked without it', () => {
    const driver = running(['a', 'b', 'c'], 8)
    commit(driver, 'a')
    commit(driver, 'b', 'c')
    say(driver)
    say(driver)
    expect(inCheck(driver)).toEqual(['b', 'c'])
    expect(stopAgent(driver, 'c')).toBeUndefined()
    expect([inCheck(driver), driver.task('c').outcome]).toEqual([['b'], 'cancelled'])
    say(driver)
    expect(stopAgent(driver, 'b')).toMatchObject({ reason: 'its work is being merged' })
    say(driver)
    expect(driver.task('b').state).toBe('COMPLETED')
  })

  it('stop the run: what waits is cancelled, what is being merged is merged', () => {
    const driver = running(['a', 'b', 'c'], 1)
    commit(driver, 'a', 'b')
    end(driver, 'c', 0)
    say(driver)
    stopRun(driver)
    expect([queueOf(driver), driver.effects()]).toEqual([['a'], ['merge.advance', 'c:work.commit']])
    driver.must(committed(at(driver, 'c')))
    expect(driver.run().status).toBe('stopping')
    say(driver)
    expect(driver.run()).toMatchObject({ status: 'stopped', effects: [] })
    expect(['a', 'b', 'c'].map((id) => driver.task(id).outcome)).toEqual([
      'succeeded',
      'cancelled',
      'cancelled',
    ])
  })

  it('stop the run while a check is under way: it is called off', () => {
    const driver = running(['a', 'b'], 8)
    commit(driver, 'a')
    start(driver, 'b')
    stopRun(driver, true)
    expect(driver.effects()).toEqual(['b:agent.stop'])
  })

  it('pause the run: the check under way counts, and no other begins', () => {
    const driver = running(['a', 'b'], 1)
    commit(driver, 'a', 'b')
    driver.must({ type: 'run.pause', run: RUN })
    say(driver)
    say(driver)
    expect([merged(driver), inCheck(driver)]).toEqual([['a'], undefined])
    driver.must({ type: 'run.continue', run: RUN })
    expect(inCheck(driver)).toEqual(['b'])
  })

  it('retry another task while checks run', () => {
    const driver = running(['a', 'b'], 1)
    end(driver, 'b', 1)
    commit(driver, 'a')
    expect(driver.send({ type: 'task.retry', run: RUN, task: 'b' })).toBeUndefined()
  })
})

/** How many checks a search among so many needs at most: all, halves, the branch by itself, and the one once more. */
const bound = (count: number): number => 3 + Math.ceil(Math.log2(Math.max(1, count)))

test('bisection takes out exactly who breaks what passed before it, in few checks, and merges all others once', () => {
  const anyClash = fc.array(fc.nat(15), { minLength: 1, maxLength: 3 })
  check(
    300,
    fc.property(
      fc.integer({ min: 1, max: 16 }),
      fc.integer({ min: 1, max: 16 }),
      fc.array(anyClash, { maxLength: 5 }),
      (count, batch, clashes) => {
        const names = Array.from({ length: count }, (_, i) => `t${i}`)
        const verdict = (contents: readonly string[]): boolean =>
          !clashes.some((clash) => clash.every((i) => contents.includes(`t${i % count}`)))
        const driver = running(names, batch)
        // All wait before the first check ends.
        commit(driver, ...names)
        const asked = play(driver, verdict)
        const expected: string[] = []
        for (const name of names) if (verdict([...expected, name])) expected.push(name)
        expect(merged(driver)).toEqual(expected)
        const rejected = driver.events('work.rejected').length
        expect(rejected).toBe(count - expected.length)
        // One check for what came first alone, one a batch that passes, and one search each that is taken out.
        const batches = Math.ceil(count / batch) + 1 + rejected
        expect(asked.length).toBeLessThanOrEqual(batches + rejected * bound(Math.min(batch, count)))
        const copy = stateFromJson(JSON.parse(JSON.stringify(stateToJson(driver.state))))
        expect(stateToJson(copy)).toEqual(JSON.parse(JSON.stringify(stateToJson(driver.state))))
      },
    ),
  )
})

test('one search among n that are checked together takes at most 3 + log2 n checks', () => {
  check(
    60,
    fc.property(fc.integer({ min: 1, max: 32 }), fc.nat(), (count, at) => {
      const names = ['first', ...Array.from({ length: count }, (_, i) => `t${i}`)]
      const culprit = `t${at % count}`
      const driver = running(names, 64)
      commit(driver, ...names)
      // The first was checked alone while the others came.
      say(driver)
      say(driver)
      const asked = play(driver, (contents) => !contents.includes(culprit))
      // Those behind it are checked once more, without it.
      const rest = at % count === count - 1 ? 0 : 1
      expect(asked.length - rest).toBeLessThanOrEqual(bound(count))
      expect(merged(driver)).toEqual(names.filter((name) => name !== culprit))
    }),
  )
})
