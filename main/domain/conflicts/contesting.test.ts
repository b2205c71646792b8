import { describe, expect, test } from 'vitest'
import { Driver } from '../testing/driver.ts'
import { conflicts, holder, resolve } from '../testing/overlapping.ts'
import { tasks } from '../testing/plan.ts'
import { at, exited, finish, prepared, start } from '../testing/steps.ts'

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
