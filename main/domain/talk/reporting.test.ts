import { describe, expect, test } from 'vitest'
import { commitId } from '../ids.ts'
import { RUN } from '../testing/driver.ts'
import { at, end, exited, fail, start } from '../testing/steps.ts'
import { by, talking } from '../testing/talk.ts'
import { TALK_LIMITS } from './talk.ts'

const artifact = (path: string) => ({ path, type: 'code', hash: 'a'.repeat(64), bytes: 1 }) as const

test('progress said twice is recorded once', () => {
  const driver = talking(['a'])
  for (const percent of [10, 10, null, null]) by(driver, 'a', { type: 'agent.progress', percent, text: 'x' })
  expect(driver.events('agent.progressed').map(({ percent }) => percent)).toEqual([10, null])
  expect(driver.attempt('a').progress).toEqual({ percent: null, text: 'x', at: driver.now })
})

describe('outputs', () => {
  test('are kept when the agent ends, below those of its file', () => {
    const driver = talking(['a', 'b: a'])
    for (const value of ['1', '2', '2']) by(driver, 'a', { type: 'agent.output', name: 'port', value })
    by(driver, 'a', { type: 'agent.output', name: 'host', value: 'x' })
    expect(driver.events('agent.output')).toHaveLength(3)
    driver.must(exited(at(driver, 'a'), 0, { outputs: { host: 'y' } }))
    expect(driver.task('a').outputs).toEqual({ port: '2', host: 'y' })
  })

  test('have an end', () => {
    const driver = talking(['a'])
    const value = 'x'.repeat(8_000)
    for (let i = 0; i < 8; i++) by(driver, 'a', { type: 'agent.output', name: `o${i}`, value })
    expect(by(driver, 'a', { type: 'agent.output', name: 'more', value })?.reason).toMatch(/64 KiB/)
    expect(by(driver, 'a', { type: 'agent.output', name: 'o1', value })).toBeUndefined()
  })
})

test('what is published is known to the run once, and there is a limit', () => {
  const driver = talking(['a'])
  for (let i = 0; i < 2; i++) by(driver, 'a', { type: 'agent.publish', artifact: artifact('x') })
  expect(driver.run().talk.artifacts).toEqual([{ ...artifact('x'), task: 0, at: driver.now }])
  for (let i = 1; i < TALK_LIMITS.artifacts; i++)
    by(driver, 'a', { type: 'agent.publish', artifact: artifact(`${i}`) })
  expect(by(driver, 'a', { type: 'agent.publish', artifact: artifact('more') })?.rejected).toBe('not-now')
})

describe('checkpoints', () => {
  const kept = (driver: ReturnType<typeof talking>, error: string | null = null) =>
    driver.send({
      type: 'report.checkpointed',
      ...at(driver, 'a'),
      commit: error === null ? commitId('f'.repeat(40)) : null,
      error,
    })
  const ask = (driver: ReturnType<typeof talking>) =>
    by(driver, 'a', { type: 'agent.checkpoint', note: 'so far' })
  const withRepo = () => {
    const driver = talking(['a'], { all: { workspace: 'repo', retry: 1 } })
    driver.must({
      type: 'report.prepared',
      run: RUN,
      base: null,
      branch: 'main',
      tip: commitId('b'.repeat(40)),
      warnings: [],
    })
    start(driver, 'a')
    return driver
  }

  test('are made one at a time and counted', () => {
    const driver = withRepo()
    for (let i = 0; i < 2; i++) expect(ask(driver)).toBeUndefined()
    expect(driver.effects()).toEqual(['a:work.checkpoint'])
    kept(driver)
    expect(driver.attempt('a').checkpoint).toMatchObject({ count: 1 })
    ask(driver)
    kept(driver, 'the disk is full')
    expect([driver.attempt('a').checkpoint?.count, driver.effects()]).toEqual([1, []])
    expect(kept(driver)?.rejected).toBe('stale')
  })

  test('are asked for by people, too, while somebody is at work', () => {
    const driver = withRepo()
    const byPerson = () => driver.send({ type: 'task.checkpoint', run: RUN, task: 'a' })
    for (let i = 0; i < 2; i++) expect(byPerson()).toBeUndefined()
    expect(driver.effects()).toEqual(['a:work.checkpoint'])
    kept(driver)
    fail(driver, 'a')
    expect(byPerson()).toMatchObject({ rejected: 'not-now', reason: 'no agent is at work on a' })
  })

  test('of an agent that has ended come too late, and the next attempt begins anew', () => {
    const driver = withRepo()
    ask(driver)
    const place = at(driver, 'a')
    fail(driver, 'a')
    const late = { type: 'report.checkpointed', ...place, commit: null, error: null } as const
    expect(driver.send(late)?.rejected).toBe('stale')
    driver.advance(60_000)
    start(driver, 'a')
    expect(driver.attempt('a').checkpoint).toBeNull()
  })

  test('need a workspace', () => {
    expect(ask(talking(['a']))?.reason).toBe('this task has no workspace to keep')
  })
})

test('a step of the checklist is checked once', () => {
  const driver = talking(['a'])
  for (let i = 0; i < 2; i++) by(driver, 'a', { type: 'agent.check', step: 'read_framework' })
  expect(driver.attempt('a').checked).toEqual(['read_framework'])
  end(driver, 'a', 0)
})
