import { describe, expect, test } from 'vitest'
import { Driver, RUN } from '../testing/driver.ts'
import { finish } from '../testing/steps.ts'
import {
  handles,
  handsOff,
  lastMessage,
  message,
  opensBallot,
  personSays,
  says,
  talking,
  validates,
} from '../testing/talk.ts'
import { KEPT_MESSAGES } from './messageLog.ts'

const handle = (driver: Driver, ...messages: readonly number[]) =>
  driver.send({ type: 'message.handle', run: RUN, messages: [...messages] })
const answer = (driver: Driver, id: string, choice: string) =>
  driver.send({ type: 'attention.answer', run: RUN, id, choice })

describe('the person writes', () => {
  test('under their name, and is told the number of the message', () => {
    const driver = talking(['a', 'b'])
    expect(personSays(driver, { to: 'all', type: 'UPDATE' })).toBeUndefined()
    expect(driver.answer).toEqual({ message: 1 })
    expect(message(driver, 1)).toMatchObject({ from: { kind: 'person', name: 'ann' }, recipients: [0, 1] })
  })

  test('and reads the answer, until it is handled', () => {
    const driver = talking(['a'])
    personSays(driver, { to: 'a', type: 'REQUEST' })
    says(driver, 'a', { to: 'sender', type: 'RESPONSE', correlation: '1' })
    expect(driver.run().talk.personInbox).toEqual([2])
    for (let i = 0; i < 2; i++) expect(handle(driver, 2)).toBeUndefined()
    expect([driver.run().talk.personInbox, driver.events('message.handled').length]).toEqual([[], 2])
  })

  test('to a run that is over, or there is not, is refused', () => {
    const driver = talking(['a'])
    finish(driver, 'a')
    expect(personSays(driver, { to: 'all', type: 'UPDATE' })?.reason).toMatch(/is over; nobody would read it/)
    expect(handle(driver, 1)?.reason).toMatch(/was not sent to you/)
    expect(new Driver().send({ type: 'message.handle', run: RUN, messages: [1] })?.rejected).toBe('unknown')
  })
})

describe('the person answers', () => {
  test('with words, and with the choices where there are some', () => {
    const driver = talking(['a'])
    says(driver, 'a', { to: 'person', type: 'REQUEST', content: 'which?', options: ['x', 'y'] })
    expect(driver.run().attention).toMatchObject([
      { kind: 'question', choices: ['x', 'y'], about: 'm1', task: 0 },
    ])
    expect(answer(driver, 'm1:question', 'z')?.reason).toBe('it can be answered with x, y')
    expect(answer(driver, 'm1:question', 'x')).toBeUndefined()
    expect(lastMessage(driver)).toMatchObject({ recipients: [0], content: 'x', answers: 1 })
    expect([driver.attention(), driver.run().talk.personInbox]).toEqual([[], []])
    expect(answer(driver, 'm1:question', 'x')?.rejected).toBe('stale')
  })

  test('at no more length than can be kept', () => {
    const driver = talking(['a'])
    says(driver, 'a', { to: 'person', type: 'REQUEST' })
    expect(answer(driver, 'm1:question', 'x'.repeat(70_000))?.rejected).toBe('invalid')
    expect(driver.attention()).toEqual(['m1:question'])
  })

  test('by a message of their own as well', () => {
    const driver = talking(['a'])
    says(driver, 'a', { to: 'person', type: 'REQUEST' })
    personSays(driver, { to: 'sender', type: 'RESPONSE', correlation: 'm1', content: 'yes' })
    expect(driver.attention()).toEqual([])
    expect(message(driver, 1).answer).toBe(2)
  })

  test('to have read a question is no answer; to have read what is most urgent is', () => {
    const driver = talking(['a'])
    says(driver, 'a', { to: 'person', type: 'REQUEST' })
    says(driver, 'a', { to: 'person', type: 'ALERT', priority: 0 })
    handle(driver, 1, 2)
    expect(driver.attention()).toEqual(['m1:question'])
  })

  test('one card, however late', () => {
    const driver = talking(['a'])
    says(driver, 'a', { to: 'person', type: 'REQUEST' })
    driver.advance(4 * 3_600_000)
    expect(message(driver, 1).overdue).toBe(true)
    expect(driver.attention()).toEqual(['m1:question'])
  })

  test('a question that was put away and is late, whatever was said since', () => {
    const driver = talking(['a', 'b'])
    says(driver, 'a', { to: 'person', type: 'REQUEST' })
    handle(driver, 1)
    driver.advance(4 * 3_600_000)
    for (let i = 2; i <= KEPT_MESSAGES + 100; i++) {
      says(driver, 'a', { to: 'b', type: 'UPDATE' })
      handles(driver, 'b', i)
    }
    expect(answer(driver, 'm1:question', 'yes')).toBeUndefined()
    expect(driver.attention()).toEqual([])
    expect(lastMessage(driver)).toMatchObject({ recipients: [0], answers: 1 })
  })

  test('nothing more once who asked has ended', () => {
    const driver = talking(['a', 'b'])
    says(driver, 'a', { to: 'person', type: 'REQUEST' })
    finish(driver, 'a')
    expect(driver.attention()).toEqual([])
  })
})

describe('the person decides', () => {
  test('on a hand-off by what can be chosen', () => {
    const driver = talking(['a', 'b'])
    handsOff(driver, 'a')
    validates(driver, 'a')
    driver.advance(4 * 3_600_000)
    expect(driver.attention()).toEqual(['h1:handoff'])
    expect(answer(driver, 'h1:handoff', 'transfer')?.reason).toMatch(/answered with withdraw/)
    expect(answer(driver, 'h1:handoff', 'withdraw')).toBeUndefined()
    expect(driver.attention()).toEqual([])
  })

  test('in a ballot, and there is only one that can be', () => {
    const driver = talking(['a', 'b', 'c'])
    opensBallot(driver, 'a')
    const vote = (ballot: string) => driver.send({ type: 'ballot.vote', run: RUN, ballot, option: 'no' })
    expect(vote('v2')?.rejected).toBe('unknown')
    expect(vote('v1')).toBeUndefined()
    expect(vote('v1')).toBeUndefined()
    expect(driver.events('ballot.voted')).toHaveLength(1)
  })
})
