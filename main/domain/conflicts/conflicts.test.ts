import { describe, expect, it, test } from 'vitest'
import type { Command } from '../commands.ts'
import type { ProjectId } from '../ids.ts'
import { messageDraftSchema } from '../talk/message.ts'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import { checkCounts } from '../testing/invariants.ts'
import { tasks } from '../testing/plan.ts'
import { at, committed, conflicted, cut, exited, finish, prepared, start } from '../testing/steps.ts'
import type { Conflict, ConflictAction, ConflictCause } from './conflict.ts'
import { leftToOthers } from './splitting.ts'

const HOUR = 3_600_000
const holder = (task: string, n = 1): string => `${RUN}/${task}#${n}`

/** `a` and `b` are at work; `a` began earlier, or has the better priority. */
function atWork(priorities: Readonly<Record<string, number>> = {}, more: { hold?: string[] } = {}): Driver {
  const withPriority = Object.fromEntries(
    ['a', 'b'].map((name) => [name, { priority: priorities[name] ?? 3, retry: 1 }]),
  )
  const driver = Driver.running(
    tasks(['a', 'b', 'c'], { with: withPriority, limits: { maxRuntimeMs: 90 * HOUR } }),
    [
      (_, __, state) => {
        for (const run of state.runs.values()) checkCounts(run)
      },
    ],
  )
  start(driver, 'a')
  driver.advance(1_000)
  start(driver, 'b')
  if (more.hold !== undefined) driver.must(seen('predicted', { hold: more.hold }))
  return driver
}

function seen(
  cause: ConflictCause,
  more: Partial<Extract<Command, { type: 'report.conflict' }>> = {},
): Extract<Command, { type: 'report.conflict' }> {
  return {
    type: 'report.conflict',
    project: PROJECT,
    cause,
    parties: [holder('b'), holder('a')],
    files: ['src/hops.py'],
    text: 'a and b both modifying src/hops.py',
    evidence: [],
    ...more,
  }
}

function conflicts(driver: Driver, project: ProjectId = PROJECT): readonly Conflict[] {
  return driver.state.projects.get(project)!.conflicts
}

function resolve(action: ConflictAction, keep?: string): Command {
  return {
    type: 'conflict.resolve',
    project: PROJECT,
    conflict: 'c1',
    action,
    ...(keep === undefined ? {} : { keep }),
  }
}

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

describe('standing still', () => {
  it('keeps its slot, takes no time and no messages from it are lost', () => {
    const driver = atWork({}, { hold: [holder('b')] })
    const active = driver.run().counts.active
    driver.advance(HOUR)
    expect(driver.run().counts.active).toBe(active)
    expect(driver.attempt('b')).toMatchObject({ state: 'CONFLICT' })
    driver.must(resolve('merge'))
    expect(driver.attempt('b').pausedMs).toBe(HOUR)
  })

  it('ends with it, when its process was quicker', () => {
    const driver = atWork({}, { hold: [holder('b')] })
    driver.must(exited(at(driver, 'b')))
    expect(driver.task('b').state).toBe('COMPLETED')
  })

  it('ends when a person stops it', () => {
    const driver = atWork({}, { hold: [holder('b')] })
    driver.must({ type: 'agent.stop', run: RUN, task: 'b', force: false })
    driver.must(exited(at(driver, 'b'), 143))
    expect(driver.task('b')).toMatchObject({ state: 'FAILED', outcome: 'cancelled' })
    expect(conflicts(driver)[0]?.resolution).toMatchObject({ by: 'engine' })
  })

  it('is kept over a pause of its run, which a person ends', () => {
    const driver = atWork({}, { hold: [holder('b')] })
    driver.must({ type: 'run.pause', run: RUN })
    driver.must({ type: 'run.continue', run: RUN })
    expect(driver.attempt('b')).toMatchObject({ state: 'CONFLICT', paused: true })
    driver.must({ type: 'run.pause', run: RUN })
    driver.must(resolve('merge'))
    expect(driver.attempt('b')).toMatchObject({ state: 'RUNNING', paused: true })
    driver.must({ type: 'run.continue', run: RUN })
    expect(driver.attempt('b')).toMatchObject({ state: 'RUNNING', paused: false })
  })

  it('leaves paused what a person had paused', () => {
    const driver = atWork()
    driver.must({ type: 'agent.pause', run: RUN, task: 'b' })
    driver.must(seen('predicted', { hold: [holder('b')] }))
    driver.must(resolve('merge'))
    expect(driver.attempt('b')).toMatchObject({ state: 'RUNNING', paused: true })
  })
})

describe('settled meanwhile', () => {
  const overlap = (files: string[], parties: string[]): Command => seen('overlap', { files, parties })
  const settled = (id: string, keep: string): Command =>
    ({ ...resolve('wait', keep), conflict: id }) as Command

  it('one that stands still for one conflict waits for the other, too', () => {
    const driver = atWork()
    start(driver, 'c')
    driver.must(overlap(['x'], [holder('a'), holder('b')]))
    driver.must(overlap(['y'], [holder('c'), holder('b')]))
    driver.must(settled('c1', holder('a')))
    driver.must(settled('c2', holder('c')))
    expect(driver.attempt('b')).toMatchObject({ state: 'CONFLICT', conflict: { id: 'c1' } })
    finish(driver, 'a')
    expect(driver.attempt('b')).toMatchObject({
      state: 'CONFLICT',
      paused: true,
      conflict: { id: 'c2', wasPaused: false },
      effects: ['agent.pause'],
    })
    finish(driver, 'c')
    expect(driver.attempt('b')).toMatchObject({ state: 'RUNNING', paused: false })
  })

  it('but not for one that waits for it by now', () => {
    const driver = atWork()
    start(driver, 'c')
    driver.must(overlap(['x'], [holder('a'), holder('b')]))
    driver.must(overlap(['y'], [holder('c'), holder('b')]))
    driver.must(settled('c1', holder('a')))
    driver.must(settled('c2', holder('c')))
    driver.must({
      type: 'agent.send',
      ...at(driver, 'c'),
      message: messageDraftSchema.parse({ to: 'b', type: 'REQUEST', kind: 'question', content: '?' }),
    })
    const on = `m${driver.run().talk.messages.count}`
    driver.must({ type: 'agent.await', ...at(driver, 'c'), on, seconds: 3_600 })
    finish(driver, 'a')
    expect(driver.attempt('b')).toMatchObject({ state: 'RUNNING', paused: false })
  })

  it('one that begins after it waits from then on', () => {
    const driver = atWork()
    expect(driver.attempt('c').state).toBe('WAITING')
    driver.must(overlap(['x'], [holder('a'), holder('c')]))
    driver.must(settled('c1', holder('a')))
    start(driver, 'c')
    expect(driver.attempt('c')).toMatchObject({ state: 'CONFLICT', conflict: { id: 'c1' } })
    finish(driver, 'a')
    expect(driver.attempt('c')).toMatchObject({ state: 'RUNNING', paused: false })
  })

  it('nobody waits for one that is over', () => {
    const driver = atWork()
    finish(driver, 'a')
    driver.must(seen('merge', { files: ['x'], parties: [holder('a'), holder('b')] }))
    driver.must({ type: 'report.conflict-gone', project: PROJECT, conflict: 'c1', detail: '' })
    driver.must(seen('predicted', { files: ['x'], parties: [holder('a'), holder('b')] }))
    expect(driver.send(settled('c2', holder('a')))).toMatchObject({
      reason: 'a is over: nobody waits for it any more',
    })
  })
})

describe('levels', () => {
  const vote = (driver: Driver, task: string, action: ConflictAction): unknown =>
    driver.send({ type: 'agent.settle', ...at(driver, task), conflict: 'c1', action })

  test('two agents that agree settle level 1', () => {
    const driver = atWork()
    driver.must(seen('overlap'))
    expect(vote(driver, 'a', 'wait')).toBeUndefined()
    expect(conflicts(driver)[0]).toMatchObject({ resolution: null, votes: { [holder('a')]: 'wait' } })
    expect(vote(driver, 'b', 'merge')).toBeUndefined()
    expect(vote(driver, 'b', 'wait')).toBeUndefined()
    expect(conflicts(driver)[0]?.resolution).toMatchObject({
      action: 'wait',
      keep: holder('a'),
      by: 'agents',
    })
    expect(driver.attempt('b').state).toBe('CONFLICT')
  })

  test('one whose other side is merged already settles it alone', () => {
    const driver = atWork()
    finish(driver, 'a')
    driver.must({
      type: 'report.conflict',
      project: PROJECT,
      cause: 'merge',
      parties: [holder('a'), holder('b')],
      files: ['x'],
      text: 'x',
      evidence: [],
    })
    expect(vote(driver, 'b', 'merge')).toBeUndefined()
    expect(conflicts(driver)[0]?.resolution).toMatchObject({ action: 'merge', by: 'agents' })
  })

  test('who has no part has no vote', () => {
    const driver = atWork()
    start(driver, 'c')
    driver.must(seen('overlap'))
    expect(vote(driver, 'c', 'wait')).toMatchObject({ rejected: 'forbidden' })
    expect(vote(driver, 'a', 'allow')).toMatchObject({ rejected: 'invalid' })
  })

  test('time passes it on: to the named authority, and a person is called', () => {
    const driver = atWork()
    driver.must(seen('overlap'))
    driver.advance(4 * HOUR - 1)
    expect(conflicts(driver)[0]?.level).toBe(1)
    expect(driver.run().attention).toEqual([])
    driver.advance(1)
    expect(conflicts(driver)[0]?.level).toBe(2)
    expect(driver.run().attention).toMatchObject([{ kind: 'conflict', about: 'c1', task: driver.index('b') }])
    expect(vote(driver, 'a', 'wait')).toEqual({
      rejected: 'forbidden',
      reason: 'c1 is at level 2: Context Manager decides',
    })
    driver.advance(4 * HOUR)
    expect(conflicts(driver)[0]?.level).toBe(3)
    driver.advance(40 * HOUR)
    expect(conflicts(driver)[0]?.level).toBe(3)
    expect(driver.run().attention).toHaveLength(1)
    driver.must({ type: 'attention.answer', run: RUN, id: 'c1:conflict', choice: 'terminate' })
    expect(driver.run().attention).toEqual([])
    expect(driver.attempt('b').stopping).toMatchObject({ cause: 'conflict' })
  })

  test('priority and resources are routine: settled at once as recommended', () => {
    const driver = atWork({ a: 1 })
    driver.must(seen('overlap', { kind: 'resource', files: ['database_schema'] }))
    expect(conflicts(driver)[0]?.resolution).toMatchObject({
      action: 'wait',
      keep: holder('a'),
      by: 'engine',
    })
    expect(driver.attempt('b').state).toBe('CONFLICT')
  })

  test('ownership goes up at once', () => {
    const driver = atWork()
    driver.must(seen('ownership'))
    expect(conflicts(driver)[0]).toMatchObject({ kind: 'ownership', level: 2 })
    expect(driver.run().attention).toHaveLength(1)
  })

  test('a project has its own authorities and times', () => {
    const own = { technical: { authorities: ['Agents', 'Lead', 'CTO'], slaMs: 60_000 } } as const
    const driver = Driver.running({ ...tasks(['a', 'b']), conflicts: own })
    start(driver, 'a', 'b')
    driver.must(seen('overlap'))
    driver.advance(60_000)
    expect(conflicts(driver)[0]?.level).toBe(2)
    expect(vote(driver, 'a', 'wait')).toMatchObject({ reason: 'c1 is at level 2: Lead decides' })
  })
})

describe('work that cannot be merged', () => {
  const foreseen: Command = {
    type: 'report.predicted',
    project: PROJECT,
    foreseen: [{ parties: [holder('b')], files: ['src/a.ts'], patches: [] }],
    unknown: [],
  }

  function clashing(retry = 1, early: (driver: Driver) => void = () => undefined): Driver {
    const all = { workspace: 'repo', retry } as const
    const writes = { a: { writes: ['src/*.ts'] }, b: { writes: ['docs/**'] } }
    const driver = Driver.running(tasks(['a', 'b'], { all, with: writes }))
    driver.must(prepared())
    start(driver, 'a', 'b')
    finish(driver, 'a')
    early(driver)
    driver.must(exited(at(driver, 'b')))
    driver.must(committed(at(driver, 'b')))
    driver.must(conflicted(at(driver, 'b')))
    return driver
  }

  it('is a conflict with what was merged before', () => {
    const driver = clashing()
    expect(conflicts(driver)).toMatchObject([
      {
        cause: 'merge',
        parties: [holder('a'), holder('b')],
        files: ['src/a.ts'],
        text: 'a and b both changed src/a.ts',
        recommendation: { action: 'merge' },
      },
    ])
  })

  it('is done again on what was merged', () => {
    const driver = clashing()
    driver.must(resolve('merge'))
    expect(driver.attempt('b')).toMatchObject({ n: 2, state: 'WAITING' })
    expect(driver.run().attention).toEqual([])
    driver.must(cut(at(driver, 'b')))
  })

  it('is done again also where no retries are left', () => {
    const driver = clashing(0)
    driver.must(resolve('merge'))
    expect(conflicts(driver)[0]?.resolution?.detail).toBe('b is done again on what was merged')
    expect(driver.task('b')).toMatchObject({ state: 'ASSIGNED', cause: null })
    expect(driver.attempt('b').n).toBe(2)
  })

  it('takes the place of what was foreseen of it', () => {
    const driver = clashing(1, (early) => {
      early.must(foreseen)
      expect(conflicts(early)).toMatchObject([{ cause: 'predicted', parties: [holder('a'), holder('b')] }])
    })
    expect(conflicts(driver)).toMatchObject([
      { cause: 'predicted', resolution: { by: 'engine', detail: 'it came about, as c2' } },
      { cause: 'merge', resolution: null },
    ])
    driver.must(foreseen)
    expect(conflicts(driver)).toHaveLength(2)
  })

  it('is settled by the answer to its question, too', () => {
    const driver = clashing()
    driver.must({ type: 'task.retry', run: RUN, task: 'b' })
    expect(conflicts(driver)[0]?.resolution).toMatchObject({ by: 'engine', detail: 'b is over' })
  })
})

describe('contested', () => {
  test('most urgent work that waits for less urgent: a person decides whether that is stopped', () => {
    const all = { workspace: 'repo', writes: ['src/**'] } as const
    const driver = Driver.running(
      tasks(['a', 'b: c', 'c'], { all, with: { b: { priority: 0 }, c: { writes: [] } } }),
    )
    driver.must(prepared())
    finish(driver, 'c')
    start(driver, 'a')
    expect(conflicts(driver)).toMatchObject([
      {
        cause: 'priority',
        kind: 'priority',
        level: 2,
        parties: [holder('b'), holder('a')],
        files: ['src/**'],
        text: 'b has priority 0 and waits for a, which has priority 3',
        recommendation: { action: 'terminate', keep: holder('b') },
      },
    ])
    expect(driver.send(resolve('merge'))).toMatchObject({
      reason: 'c1 can be settled with wait, terminate, dismiss',
    })
    expect(driver.send(resolve('wait', holder('b')))).toMatchObject({
      reason: 'b has not begun; nobody can wait for it',
    })
    driver.must(resolve('terminate'))
    expect(driver.attempt('a').stopping).toMatchObject({ cause: 'conflict' })
    driver.must(exited(at(driver, 'a'), 143))
    expect(driver.attempt('b').state).toBe('WAITING')
  })

  test('left to wait, it waits for who is at work', () => {
    const all = { workspace: 'repo', writes: ['src/**'] } as const
    const driver = Driver.running(
      tasks(['a', 'b: c', 'c'], { all, with: { b: { priority: 0 }, c: { writes: [] } } }),
    )
    driver.must(prepared())
    finish(driver, 'c')
    start(driver, 'a')
    driver.must(resolve('wait'))
    expect(conflicts(driver)[0]?.resolution).toMatchObject({ keep: holder('a'), detail: 'b waits for a' })
    expect(driver.attempt('a')).toMatchObject({ state: 'RUNNING', paused: false })
    finish(driver, 'a')
    start(driver, 'b')
    expect(driver.attempt('b').state).toBe('RUNNING')
  })

  test('files that another role owns, while an agent of it is at work', () => {
    const roles = { Api: { ownership: ['src/api/*'] }, Web: { ownership: ['src/*'] } }
    const driver = Driver.running(
      tasks(['a', 'b'], {
        roles,
        all: { workspace: 'repo' },
        with: { a: { role: 'Api' }, b: { role: 'Web' } },
      }),
    )
    driver.must(prepared())
    start(driver, 'a', 'b')
    const take = (task: string, on: string): void => {
      const locks = [{ kind: 'files', on, mode: 'exclusive' } as const]
      driver.must({ type: 'agent.lock', ...at(driver, task), locks, wait: false })
    }
    take('b', 'src/web.ts')
    take('a', 'docs/api.md')
    expect(conflicts(driver)).toEqual([])
    take('b', 'src/api/v1/hops.ts')
    expect(conflicts(driver)).toMatchObject([
      {
        cause: 'ownership',
        level: 2,
        parties: [holder('a'), holder('b')],
        text: 'b takes src/api/v1/hops.ts, which Api owns (a is at work)',
        recommendation: { action: 'wait', keep: holder('a') },
      },
    ])
    driver.must(resolve('wait'))
    expect(driver.attempt('b').state).toBe('CONFLICT')
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
