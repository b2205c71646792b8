import { expect, it } from 'vitest'
import { Driver } from '../testing/driver.ts'
import { plan, type TaskOptions, tasks } from '../testing/plan.ts'
import { at, finish, prepared, start } from '../testing/steps.ts'
import { messageDraftSchema } from './message.ts'

const MINUTE = 60_000
const writes = (...globs: string[]): TaskOptions => ({ workspace: 'repo', writes: globs })

function atWork(driver: Driver, ...names: readonly string[]): Driver {
  if (driver.run().status === 'preparing') driver.must(prepared())
  start(driver, ...names)
  return driver
}
/** Asks and waits for so many seconds; the refusal of the wait, if any. */
function ask(driver: Driver, from: string, to: string, seconds = 50) {
  driver.must({
    type: 'agent.send',
    ...at(driver, from),
    message: messageDraftSchema.parse({ to, type: 'REQUEST', kind: 'question', content: '?' }),
  })
  const on = `m${driver.run().talk.messages.count}`
  return driver.send({ type: 'agent.await', ...at(driver, from), on, seconds })
}
const answer = (driver: Driver, from: string, message: number) =>
  driver.must({
    type: 'agent.send',
    ...at(driver, from),
    message: messageDraftSchema.parse({ to: 'sender', type: 'RESPONSE', correlation: String(message) }),
  })
const lock = (driver: Driver, task: string, on: string) =>
  driver.send({
    type: 'agent.lock',
    ...at(driver, task),
    locks: [{ kind: 'files', on, mode: 'exclusive' }],
    wait: true,
  })
const never = (circle: string) => ({
  rejected: 'not-now',
  reason: `waiting for it would never end: ${circle}`,
})

it('two that ask each other do not both wait, until one of them answers', () => {
  const driver = atWork(Driver.running(tasks(['a', 'b'])), 'a', 'b')
  expect(ask(driver, 'a', 'b')).toBeUndefined()
  expect(ask(driver, 'b', 'a')).toMatchObject(never('b waits for a, a waits for b'))
  answer(driver, 'b', 1)
  expect(ask(driver, 'b', 'a')).toBeUndefined()
})

it('a wait counts until its time is up, and between the calls of one that waits on', () => {
  const driver = atWork(Driver.running(tasks(['a', 'b'])), 'a', 'b')
  ask(driver, 'a', 'b', 50)
  driver.advance(54_000)
  expect(ask(driver, 'b', 'a')).toMatchObject(never('b waits for a, a waits for b'))
  driver.advance(1_000)
  expect(ask(driver, 'b', 'a')).toBeUndefined()
})

it('asking and locking together close a circle, too', () => {
  const driver = atWork(
    Driver.running(tasks(['a', 'b', 'c'], { with: { a: writes('src/**'), b: writes('docs/**') } })),
    'a',
    'b',
    'c',
  )
  expect(lock(driver, 'b', 'src/x')).toBeUndefined()
  expect(ask(driver, 'c', 'b')).toBeUndefined()
  expect(ask(driver, 'a', 'c')).toMatchObject(never('a waits for c, c waits for b, b waits for a'))
  driver.must({ type: 'agent.unlock', ...at(driver, 'b'), locks: null })
  expect(ask(driver, 'a', 'c')).toBeUndefined()
  expect(lock(driver, 'b', 'src/x')).toBeUndefined()
  expect(driver.answer?.refused).toBe(
    'waiting for it would never end: b waits for a, a waits for c, c waits for b (rule: NO cross-agent cyclic dependencies (deadlock prevention))',
  )
})

it('one that cannot begin before is not waited for', () => {
  const driver = atWork(
    Driver.running(
      plan([['a', 'b', 'n: a', 'free'], ['later']], { with: { a: writes('src/**'), b: writes('src/**') } }),
    ),
    'a',
  )
  expect(driver.attempt('b').state).toBe('BLOCKED')
  expect(ask(driver, 'a', 'b')).toMatchObject(never('a waits for b, b waits for a'))
  expect(ask(driver, 'a', 'n')).toMatchObject(never('n begins when a is done'))
  expect(ask(driver, 'a', 'later')).toMatchObject(never('later begins when a is done'))
  expect(ask(driver, 'a', 'free')).toBeUndefined()
})

it('several, people and ballots hold nobody up for ever', () => {
  const driver = atWork(Driver.running(tasks(['a', 'b', 'c'])), 'a', 'b', 'c')
  expect(ask(driver, 'a', 'all')).toBeUndefined()
  expect(ask(driver, 'b', 'a')).toBeUndefined()
  expect(ask(driver, 'a', 'person')).toBeUndefined()
  expect(driver.events('agent.awaits')).toHaveLength(1)
})

it('who is over waits for nobody', () => {
  const driver = atWork(Driver.running(tasks(['a', 'b'], { all: { timeoutMs: 60 * MINUTE } })), 'a', 'b')
  ask(driver, 'a', 'b', 3_600)
  finish(driver, 'a')
  expect(driver.send({ type: 'agent.await', ...at(driver, 'b'), on: 'm1', seconds: 5 })).toBeUndefined()
  expect(driver.events('agent.awaits')).toHaveLength(1)
})
