import { describe, expect, test } from 'vitest'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import { atWork, conflicts, HOUR, holder, seen } from '../testing/overlapping.ts'
import { tasks } from '../testing/plan.ts'
import { at, finish, start } from '../testing/steps.ts'
import type { ConflictAction } from './conflict.ts'

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
