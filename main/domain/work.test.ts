import { describe, expect, test } from 'vitest'
import type { Report } from './commands.ts'
import { Driver, RUN } from './testing/driver.ts'
import { plan, type TaskOptions, tasks } from './testing/plan.ts'
import {
  at,
  committed,
  conflicted,
  cut,
  end,
  exited,
  finish,
  lost,
  merged,
  prepared,
  start,
  started,
} from './testing/steps.ts'

const repo: TaskOptions = { workspace: 'repo' }

function repoRun(lines: readonly string[], options: TaskOptions = {}): Driver {
  const driver = Driver.running(tasks(lines, { all: { ...repo, ...options } }))
  driver.must(prepared())
  return driver
}

function intoConflict(driver: Driver, task: string): void {
  end(driver, task, 0)
  driver.must(committed(at(driver, task)))
  driver.must(conflicted(at(driver, task)))
}

describe('from code to merged work', () => {
  test('each step opens the next effect, and the run’s tip moves with the merge', () => {
    const driver = Driver.running(tasks(['a'], { all: repo }))
    const seen: (readonly string[])[] = []
    const say = (report: Report): void => {
      seen.push(driver.effects())
      driver.must(report)
    }
    say(prepared())
    say(cut(at(driver, 'a')))
    say(started(at(driver, 'a')))
    say(exited(at(driver, 'a')))
    say(committed(at(driver, 'a'), '1'.repeat(40)))
    say(merged(at(driver, 'a'), '2'.repeat(40)))
    expect(seen.flat()).toEqual([
      'run.prepare',
      'a:workspace.cut',
      'a:agent.start',
      'a:work.commit',
      'a:work.merge',
    ])
    expect(driver.run()).toMatchObject({ status: 'completed', tip: '2'.repeat(40) })
    expect(driver.task('a').result).toBe('1'.repeat(40))
  })

  test('nothing changed: no merge, and dependents build on what it was cut from', () => {
    const driver = repoRun(['a'])
    end(driver, 'a', 0)
    driver.must(committed(at(driver, 'a'), null))
    expect(driver.task('a')).toMatchObject({ state: 'COMPLETED', result: 'c'.repeat(40) })
  })

  test('REVIEW passes by itself', () => {
    const states: string[] = []
    const driver = Driver.running(tasks(['a']), [
      (_, __, after) => states.push(after.runs.get(RUN)?.tasks.get(0)?.state ?? ''),
    ])
    finish(driver, 'a')
    expect([...new Set(states)].filter((state) => state !== '')).toEqual([
      'CREATED',
      'ASSIGNED',
      'IN_PROGRESS',
      'REVIEW',
      'COMPLETED',
    ])
  })

  test('outputs reach the record', () => {
    const driver = Driver.running(tasks(['a']))
    start(driver, 'a')
    driver.must(exited(at(driver, 'a'), 0, { outputs: { version: '2' } }))
    expect(driver.task('a').outputs).toEqual({ version: '2' })
  })

  test.each([
    [{ oomKilled: true }, 137, 'it ran out of memory'],
    [{ error: 'no such image' }, 127, 'no such image'],
    [{ outputsError: 'line 3 has no name' }, 0, 'line 3 has no name'],
  ])('%j fails the attempt and says so', (more, code, words) => {
    const driver = Driver.running(tasks(['a']))
    start(driver, 'a')
    driver.must(exited(at(driver, 'a'), code, more))
    expect(driver.task('a')).toMatchObject({ outcome: 'failed', cause: words })
  })
})

describe('a merge conflict', () => {
  test('is CONFLICT and a question; it gives its slot back and the rest goes on', () => {
    const driver = repoRun(['a', 'b', 'c: a'])
    intoConflict(driver, 'a')
    expect(driver.attempt('a').state).toBe('CONFLICT')
    expect(driver.task('a')).toMatchObject({ state: 'BLOCKED', cause: 'conflict in src/a.ts' })
    expect(driver.run().counts).toMatchObject({ active: 1, blocked: 1 })
    finish(driver, 'b')
    expect([driver.run().status, driver.attention()]).toEqual(['running', ['a#1:conflict']])
  })

  test('a merge under way holds its slot', () => {
    const driver = repoRun(['a', 'b', 'c', 'd', 'e'])
    end(driver, 'a', 0)
    expect(driver.active()).toEqual(['a', 'b', 'c', 'd'])
  })

  test('the person’s retry is cut on the tip', () => {
    const driver = repoRun(['a'])
    intoConflict(driver, 'a')
    driver.must({ type: 'attention.answer', run: RUN, id: 'a#1:conflict', choice: 'retry' })
    expect(driver.task('a')).toMatchObject({ onTip: true, state: 'ASSIGNED' })
    expect(driver.attempt('a')).toMatchObject({ n: 2, effects: ['workspace.cut'] })
    finish(driver, 'a')
    expect(driver.run()).toMatchObject({ status: 'completed', attention: [] })
  })

  test.each([
    ['skip', 'completed', 'skipped'],
    ['fail', 'failed', 'failed'],
  ])('answered with %s', (choice, status, outcome) => {
    const driver = repoRun(['a'])
    intoConflict(driver, 'a')
    driver.must({ type: 'attention.answer', run: RUN, id: 'a#1:conflict', choice })
    expect([driver.run().status, driver.task('a').outcome]).toEqual([status, outcome])
  })

  test('what it builds on does not fit together: the attempt fails, a retry is cut on the tip', () => {
    const driver = repoRun(['a'], { retry: 1 })
    driver.must({ type: 'report.cut-conflict', ...at(driver, 'a'), files: ['x'] })
    expect(driver.task('a')).toMatchObject({ onTip: true, attempts: 2 })
  })
})

describe('trouble outside', () => {
  const trouble = (driver: Driver, effect: 'workspace.cut' | 'agent.start', permanent: boolean): Report => {
    const words = { error: 'Docker is gone.', remedy: 'Start it.' }
    return { type: 'report.effect-failed', effect, ...at(driver, 'a'), ...words, permanent }
  }

  test('that passes is shown once with its remedy and goes when the effect ends', () => {
    const driver = repoRun(['a'])
    expect(driver.must(trouble(driver, 'workspace.cut', false))).toHaveLength(1)
    expect(driver.must(trouble(driver, 'workspace.cut', false))).toEqual([])
    expect(driver.attempt('a').trouble).toMatchObject({ error: 'Docker is gone.', remedy: 'Start it.' })
    driver.must(cut(at(driver, 'a')))
    expect(driver.attempt('a').trouble).toBeNull()
  })

  test('that stays fails the attempt with cause and remedy', () => {
    const driver = repoRun(['a'])
    driver.must(trouble(driver, 'workspace.cut', true))
    expect(driver.task('a')).toMatchObject({ outcome: 'failed', cause: 'Docker is gone. Start it.' })
  })

  test('a repository that cannot be prepared fails the run; a retry prepares it again', () => {
    const driver = Driver.running(plan([['a'], ['b']], { all: repo }))
    const words = { error: 'It cannot be read.', remedy: 'Check it.', permanent: true }
    driver.must({
      type: 'report.effect-failed',
      effect: 'run.prepare',
      run: RUN,
      task: null,
      attempt: null,
      ...words,
    })
    expect(driver.run()).toMatchObject({ status: 'failed', cause: 'It cannot be read.', effects: [] })
    expect(driver.attention()).toEqual(['prepare-failed'])
    driver.must({ type: 'task.retry', run: RUN, task: 'a' })
    expect(driver.attention()).toEqual([])
    driver.must(prepared())
    finish(driver, 'a', 'b')
    expect(driver.run().status).toBe('completed')
  })
})

describe('duplicate and late reports are stale and change nothing', () => {
  const reports = (driver: Driver): readonly Report[] => {
    const place = at(driver, 'a')
    const steps = [cut(place), started(place), exited(place), committed(place), merged(place)]
    const effect = { type: 'report.effect-done', effect: 'agent.stop', ...place } as const
    return [
      ...steps,
      conflicted(place),
      effect,
      { type: 'report.stuck', ...place, quietMs: 9e9 },
      lost(place),
    ]
  }

  test.each([0, 1, 2, 3, 4])('after step %i, everything but what may come next', (done) => {
    const driver = repoRun(['a', 'x'])
    const all = reports(driver)
    for (const report of all.slice(0, done)) driver.must(report)
    // What may come: the next step; once started, signs of trouble; while merging, a conflict.
    const may = [[0], [1, 2, 8], [2, 7, 8], [3], [4, 5]][done]!
    all.forEach((report, i) => {
      if (may.includes(i)) return
      const before = driver.state
      expect(driver.send(report), `${report.type} after ${done}`).toMatchObject({ rejected: 'stale' })
      expect(driver.state).toBe(before)
    })
  })

  test('of an earlier attempt, of no attempt, of no run', () => {
    const driver = repoRun(['a', 'x'], { retry: 1 })
    const all = reports(driver)
    end(driver, 'a', 1)
    expect(driver.attempt('a').n).toBe(2)
    for (const report of all) {
      expect(driver.send(report)).toMatchObject({ rejected: 'stale' })
      expect(driver.send({ ...report, run: 'other' } as Report)).toMatchObject({ rejected: 'stale' })
    }
    finish(driver, 'a')
    for (const report of all) expect(driver.send(report)).toMatchObject({ rejected: 'stale' })
  })

  test('an effect with a report of its own cannot just be done', () => {
    const driver = repoRun(['a'])
    const done = { type: 'report.effect-done', effect: 'workspace.cut', ...at(driver, 'a') } as const
    expect(driver.send(done)).toMatchObject({ rejected: 'invalid' })
  })

  test('a pause that is done closes its effect, once', () => {
    const driver = Driver.running(tasks(['a']))
    start(driver, 'a')
    driver.must({ type: 'agent.pause', run: RUN, task: 'a' })
    const done = { type: 'report.effect-done', effect: 'agent.pause', ...at(driver, 'a') } as const
    driver.must(done)
    expect(driver.attempt('a')).toMatchObject({ paused: true, effects: [] })
    expect(driver.send(done)).toMatchObject({ rejected: 'stale' })
  })

  test('an exit found before the start was heard of counts as both', () => {
    const driver = Driver.running(tasks(['a']))
    driver.must(exited(at(driver, 'a')))
    expect(driver.events('agent.started')).toMatchObject([{ adopted: true }])
    expect(driver.run().status).toBe('completed')
  })
})
