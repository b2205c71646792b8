import { expect, it } from 'vitest'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import { clarify, inState } from '../testing/handoffs.ts'
import { tasks } from '../testing/plan.ts'
import { finish, start } from '../testing/steps.ts'
import { by, says, talking } from '../testing/talk.ts'
import { waitsOf } from './waitsOf.ts'

const holder = (task: string, n = 1): string => `${RUN}/${task}#${n}`
const waits = (driver: Driver) => waitsOf(driver.state, PROJECT, driver.now)

it('says who waits for an answer, from when, for how long and for what', () => {
  const driver = talking(['a', 'b'])
  const asked = driver.now
  says(driver, 'a', { to: 'b', type: 'REQUEST', kind: 'question', content: 'which port?\nor any?' })
  expect(waits(driver)).toEqual([])
  expect(by(driver, 'a', { type: 'agent.await', on: 'm1', seconds: 50 })).toBeUndefined()
  const wait = { holder: holder('a'), whom: holder('b'), kind: 'answer', about: 'm1', text: 'which port?' }
  expect(waits(driver)).toEqual([{ ...wait, since: asked, until: asked + 55_000 }])
  says(driver, 'b', { to: 'sender', type: 'RESPONSE', correlation: '1', content: '80' })
  expect(waits(driver)).toEqual([])
})

it('a wait that had its time is none, nor is one for who is over', () => {
  const driver = talking(['a', 'b'])
  says(driver, 'a', { to: 'b', type: 'REQUEST', kind: 'question', content: '?' })
  by(driver, 'a', { type: 'agent.await', on: 'm1', seconds: 50 })
  driver.advance(55_000)
  expect(waits(driver)).toEqual([])
  by(driver, 'a', { type: 'agent.await', on: 'm1', seconds: 50 })
  expect(waits(driver)).toHaveLength(1)
  finish(driver, 'b')
  expect(waits(driver)).toEqual([])
})

it('says who waits for what it asked about a hand-off', () => {
  const driver = inState('transferred')
  clarify(driver)
  const { seconds, ...wait } = { seconds: 50, type: 'agent.await', on: 'h1' } as const
  expect(by(driver, 'b', { ...wait, seconds })).toBeUndefined()
  expect(waits(driver)).toMatchObject([
    { holder: holder('b'), whom: holder('a'), kind: 'handoff', about: 'h1', text: 'where?' },
  ])
})

it('says who stands still until another is over', () => {
  const driver = Driver.running(tasks(['a', 'b']))
  start(driver, 'a')
  driver.advance(1_000)
  start(driver, 'b')
  const found = { cause: 'overlap', files: ['x'], text: 'both write x', evidence: [] } as const
  driver.must({
    type: 'report.conflict',
    project: PROJECT,
    ...found,
    parties: [holder('a'), holder('b')],
  })
  driver.must({ type: 'conflict.resolve', project: PROJECT, conflict: 'c1', action: 'wait' })
  const wait = { holder: holder('b'), whom: holder('a'), kind: 'conflict', about: 'c1', until: null }
  expect(waits(driver)).toEqual([{ ...wait, text: 'both write x', since: driver.now }])
  expect(driver.attempt('b').state).toBe('CONFLICT')
  finish(driver, 'a')
  expect(waits(driver)).toEqual([])
})
