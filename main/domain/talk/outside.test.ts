import { describe, expect, test } from 'vitest'
import type { Driver } from '../testing/driver.ts'
import { RUN } from '../testing/driver.ts'
import { finish } from '../testing/steps.ts'
import { by, message, says, talking } from '../testing/talk.ts'
import { type MessageDraftInput, messageDraftSchema } from './message.ts'
import { TALK_LIMITS } from './talk.ts'

const outside = (driver: Driver, draft: Partial<MessageDraftInput> = {}) =>
  driver.send({
    type: 'outside.send',
    run: RUN,
    name: 'ci',
    message: messageDraftSchema.parse({ to: 'ci.results', type: 'UPDATE', ...draft }),
  })

/** a listens to `ci.results`; another task has a name like a topic. */
function listening(): Driver {
  const driver = talking(['a', 'b', 'ci.build'], { roles: { Worker: { skills: ['ts'] } } })
  by(driver, 'a', { type: 'agent.join', channel: 'ci.results' })
  return driver
}

test('what comes from outside reaches those who joined the topic', () => {
  const driver = listening()
  expect(outside(driver)).toBeUndefined()
  expect(message(driver, 1)).toMatchObject({
    from: { kind: 'outside', name: 'ci' },
    recipients: [0],
    toPerson: false,
  })
})

describe('and nobody else, however it is put', () => {
  const PUT: readonly [name: string, draft: Partial<MessageDraftInput>][] = [
    ['a topic nobody joined', { to: 'ci.other' }],
    ['a task that is named like a topic', { to: 'ci.build' }],
    ['a request for help', { to: 'ci.other', kind: 'request_help', skills: ['ts'] }],
    ['a request for help nobody can give', { to: 'ci.other', kind: 'request_help', skills: ['none'] }],
    ['most urgent', { to: 'ci.other', type: 'ALERT', priority: 0 }],
  ]
  test.each(PUT)('%s', (_name, draft) => {
    const driver = listening()
    expect(outside(driver, draft)).toBeUndefined()
    expect(message(driver, 1)).toMatchObject({ recipients: [], toPerson: false })
    expect(driver.attention()).toEqual([])
  })

  test.each(['a', 'all', 'person', '#ops', 'help', 'sender'])('%s is no topic', (to) => {
    expect(outside(listening(), { to })?.rejected).toBe('invalid')
  })
})

test('it fills no inbox beyond its limit, be it ever so urgent', () => {
  const driver = listening()
  for (let i = 0; i < TALK_LIMITS.inbox; i++) outside(driver)
  expect(outside(driver, { priority: 0, type: 'ALERT' })?.rejected).toBe('not-now')
})

test('it answers what was asked on a topic, and nothing else', () => {
  const driver = listening()
  says(driver, 'a', { to: 'b', type: 'REQUEST' })
  says(driver, 'a', { to: 'ci.results', type: 'REQUEST' })
  for (const correlation of ['1', '2']) outside(driver, { type: 'RESPONSE', correlation })
  expect([message(driver, 1).answer, message(driver, 1).open]).toEqual([null, [1]])
  // Nobody was there to be asked.
  expect(message(driver, 2)).toMatchObject({ due: null, answer: 4 })
})

test('a run that is over hears nothing', () => {
  const driver = listening()
  finish(driver, 'a', 'b', 'ci.build')
  expect(outside(driver)?.rejected).toBe('not-now')
})
