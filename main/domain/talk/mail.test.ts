import { describe, expect, test } from 'vitest'
import { Driver, RUN } from '../testing/driver.ts'
import { plan } from '../testing/plan.ts'
import { end, fail, finish, rerun, retry, skip, start, stopRun } from '../testing/steps.ts'
import {
  by,
  handles,
  handsOff,
  lastMessage,
  message,
  opensBallot,
  personSays,
  quiet,
  says,
  takes,
  talking,
  validates,
} from '../testing/talk.ts'
import type { MessageDraftInput } from './message.ts'
import { DEFAULT_COMMUNICATION, TALK_LIMITS } from './talk.ts'

const SLA = DEFAULT_COMMUNICATION.responseSlaMs
const ask = (to = 'b', more: Partial<MessageDraftInput> = {}): MessageDraftInput => ({
  to,
  type: 'REQUEST',
  ...more,
})
const answer = (correlation: string, more: Partial<MessageDraftInput> = {}): MessageDraftInput => ({
  to: 'sender',
  type: 'RESPONSE',
  correlation,
  ...more,
})

describe('taking and handling', () => {
  test('the oldest come first, each is handed over once, and what is not handled is seen again', () => {
    const driver = talking(['a', 'b'])
    for (const content of ['1', '2', '3']) says(driver, 'a', { to: 'b', type: 'UPDATE', content })
    expect(takes(driver, 'b', 2)).toEqual([1, 2])
    expect(takes(driver, 'b')).toEqual([1, 2, 3])
    expect(driver.events('message.delivered').map(({ numbers }) => numbers)).toEqual([[1, 2], [3]])
    handles(driver, 'b', 2)
    expect(takes(driver, 'b')).toEqual([1, 3])
  })

  test('handled is handled: saying it again, or of what was let go, changes nothing', () => {
    const driver = talking(['a', 'b'])
    says(driver, 'a', { to: 'b', type: 'UPDATE' })
    expect(handles(driver, 'b', 1)).toBeUndefined()
    expect(handles(driver, 'b', 1, 1)).toBeUndefined()
    for (let i = 0; i < 400; i++) {
      says(driver, 'a', { to: 'b', type: 'UPDATE' })
      handles(driver, 'b', i + 2)
    }
    expect(message(driver, 1)).toBeUndefined()
    expect(handles(driver, 'b', 1)).toBeUndefined()
    expect(driver.events('message.handled')).toHaveLength(401)
  })

  test.each([
    ['that went to somebody else', 2],
    ['that was never sent', 99],
  ])('a message %s cannot be handled', (_name, number) => {
    const driver = talking(['a', 'b', 'c'])
    says(driver, 'a', { to: 'b', type: 'UPDATE' })
    says(driver, 'a', { to: 'c', type: 'UPDATE' })
    expect(handles(driver, 'b', 1, number)).toEqual({
      rejected: 'unknown',
      reason: `message ${number} was not sent to you`,
    })
    expect(driver.task('b').inbox).toEqual([1])
  })

  test('a full inbox takes only what is most urgent; the person’s too', () => {
    const driver = talking(['a', 'b'])
    for (let i = 0; i < TALK_LIMITS.inbox; i++) says(driver, 'a', { to: 'b', type: 'UPDATE' })
    expect(says(driver, 'a', { to: 'b', type: 'UPDATE' })?.reason).toMatch(/^b has 1000/)
    expect(says(driver, 'a', { to: 'b', type: 'ALERT', priority: 0 })).toBeUndefined()
    for (let i = 0; i < TALK_LIMITS.inbox; i++) says(driver, 'a', { to: 'person', type: 'UPDATE' })
    expect(says(driver, 'a', { to: 'person', type: 'UPDATE' })?.reason).toMatch(/^the person has 1000/)
  })
})

describe('what is refused when it is sent', () => {
  const REFUSED: readonly [draft: MessageDraftInput, reason: RegExp][] = [
    [{ to: 'x', type: 'UPDATE' }, /nobody called x/],
    [{ to: '#ops', type: 'UPDATE' }, /nobody is at #ops/],
    [{ to: 'sender', type: 'UPDATE' }, /only an answer/],
    [{ to: 'b', type: 'RESPONSE' }, /which message it answers/],
    [{ to: 'b', type: 'UPDATE', correlation: '9' }, /no message 9/],
    [{ to: 'b', type: 'UPDATE', correlation: 'my-own' }, /no message my-own/],
    [{ to: 'a', type: 'UPDATE' }, /to itself/],
  ]
  test.each(REFUSED)('%j', (draft, reason) => {
    const driver = talking(['a', 'b'])
    expect(says(driver, 'a', draft)?.reason).toMatch(reason)
    expect(driver.run().talk.messages.count).toBe(0)
  })

  test('a topic nobody reads yet is no mistake', () => {
    const driver = talking(['a'])
    expect(says(driver, 'a', { to: 'pipeline.events', type: 'UPDATE' })).toBeUndefined()
    expect(message(driver, 1)).toMatchObject({ recipients: [], toPerson: false })
  })
})

describe('answers', () => {
  test.each(['1', 'm1', 'my-id'])(
    'a question is named as %j, and who asked gets the answer',
    (correlation) => {
      const driver = talking(['a', 'b'])
      says(driver, 'a', ask('b', { ref: 'my-id', thread: 'ports' }))
      says(driver, 'b', answer(correlation))
      expect(message(driver, 1)).toMatchObject({ answer: 2, open: [] })
      expect(message(driver, 2)).toMatchObject({ answers: 1, recipients: [0], thread: 'ports' })
    },
  )

  test('the first answer is the answer; further ones are messages', () => {
    const driver = talking(['a', 'b', 'c'])
    says(driver, 'a', ask('all'))
    says(driver, 'b', answer('1'))
    says(driver, 'c', answer('1'))
    expect(message(driver, 1)).toMatchObject({ answer: 2, open: [] })
    expect(driver.task('a').inbox).toEqual([2, 3])
  })

  const NO_ANSWERS: readonly [what: string, by: string, draft: MessageDraftInput][] = [
    ['a word of who asked', 'a', { to: 'b', type: 'UPDATE', correlation: '1' }],
    ['a question back', 'b', { to: 'a', type: 'REQUEST', correlation: '1' }],
    ['an answer of somebody who was not asked', 'c', { to: 'a', type: 'RESPONSE', correlation: '1' }],
    ['an answer that goes to somebody else', 'b', { to: 'c', type: 'RESPONSE', correlation: '1' }],
  ]
  test.each(NO_ANSWERS)('no answer is %s', (_what, who, draft) => {
    const driver = talking(['a', 'b', 'c'])
    says(driver, 'a', ask())
    expect(says(driver, who, draft)).toBeUndefined()
    expect(message(driver, 1).answer).toBeNull()
    driver.advance(SLA)
    expect(driver.attention()).toContain('m1:unanswered')
  })

  test('an answer to who has ended cannot be sent', () => {
    const driver = talking(['a', 'b'])
    says(driver, 'a', ask())
    finish(driver, 'a')
    expect(says(driver, 'b', answer('1'))?.reason).toBe(
      'a is over (succeeded); nobody waits for the answer; mark it as handled',
    )
    expect(handles(driver, 'b', 1)).toBeUndefined()
    expect(driver.task('b').inbox).toEqual([])
  })
})

describe('time', () => {
  test('a question nobody answered is brought to a person, and taken back when the answer comes', () => {
    const driver = talking(['a', 'b'])
    says(driver, 'a', ask('b', { subject: 'which port?' }))
    driver.advance(SLA - 1)
    expect(driver.attention()).toEqual([])
    driver.advance(1)
    expect(driver.run().attention).toMatchObject([
      { id: 'm1:unanswered', task: 0, text: 'b has not answered: which port?' },
    ])
    says(driver, 'b', answer('1'))
    expect(driver.attention()).toEqual([])
  })

  test('nobody is called when who asked has ended', () => {
    const driver = talking(['a', 'b'])
    says(driver, 'a', ask())
    finish(driver, 'a')
    driver.advance(SLA)
    expect(message(driver, 1).overdue).toBe(true)
    expect(driver.attention()).toEqual([])
  })

  test('what is most urgent is shown to a person until all have been handed it', () => {
    const driver = talking(['a', 'b', 'c'])
    says(driver, 'a', { to: 'all', type: 'ALERT', priority: 0, content: 'stop' })
    takes(driver, 'b')
    expect(driver.attention()).toEqual(['m1:p0-message'])
    takes(driver, 'c')
    expect(driver.attention()).toEqual([])
  })

  test('it is still shown when who called it out has ended', () => {
    const driver = talking(['a', 'b'])
    says(driver, 'a', { to: 'b', type: 'ALERT', priority: 0, content: 'the key is public' })
    finish(driver, 'a')
    expect(driver.attention()).toEqual(['m1:p0-message'])
  })
})

describe('when agents end', () => {
  test('what the next attempt of a task has to do with waits for it', () => {
    const driver = talking(['a', 'b'], { with: { b: { retry: 1 } } })
    says(driver, 'a', ask())
    takes(driver, 'b')
    fail(driver, 'b')
    driver.advance(60_000)
    start(driver, 'b')
    expect(driver.attempt('b').n).toBe(2)
    expect(takes(driver, 'b')).toEqual([1])
    says(driver, 'b', answer('1'))
    expect(driver.events('message.returned')).toEqual([])
    expect(message(driver, 1).answer).toBe(2)
  })

  const ENDS: Readonly<Record<string, (driver: Driver) => unknown>> = {
    completed: (driver) => finish(driver, 'b'),
    'failed for good': (driver) => end(driver, 'b', 1),
    skipped: (driver) => [end(driver, 'b', 1), skip(driver, 'b')],
    'stopped with the run': (driver) => stopRun(driver, true),
  }
  test.each(Object.keys(ENDS))('%s: what was not handled goes back once', (how) => {
    const driver = talking(['a', 'b'])
    says(driver, 'a', ask())
    personSays(driver, ask())
    says(driver, 'a', { to: 'b', type: 'UPDATE' })
    ENDS[how]!(driver)
    driver.advance(60_000)
    for (const name of driver.active())
      driver.send({ type: 'report.lost', run: RUN, task: driver.index(name), attempt: 1, detail: '' })
    const returned = driver.events('message.returned').filter(({ task }) => task === 1)
    expect(returned.flatMap(({ numbers }) => numbers)).toEqual([1, 2, 3])
    expect(driver.task('b').inbox).toEqual([])
    expect(message(driver, 2)).toMatchObject({ returned: [1], answer: expect.any(Number) })
    expect(driver.run().talk.personInbox).toHaveLength(1)
  })

  test('a task made anew hears what is said from then on, and nothing of before', () => {
    const driver = talking(['a', 'b'])
    says(driver, 'a', { to: 'b', type: 'UPDATE' })
    finish(driver, 'b')
    expect(says(driver, 'a', { to: 'b', type: 'UPDATE' })?.reason).toMatch(/is over/)
    expect(rerun(driver, 'b')).toBeUndefined()
    expect(says(driver, 'a', { to: 'b', type: 'UPDATE' })).toBeUndefined()
    expect(driver.task('b').inbox).toEqual([2])
  })

  test('retried by a person after it failed for good: it hears what is said from then on', () => {
    const driver = talking(['a', 'b'])
    fail(driver, 'b')
    expect(retry(driver, 'b')).toBeUndefined()
    start(driver, 'b')
    expect(says(driver, 'a', ask())).toBeUndefined()
    expect(takes(driver, 'b')).toEqual([1])
  })

  test('with the run everything that was asked of people is over', () => {
    const driver = talking(['a', 'b'])
    says(driver, 'a', ask('person'))
    says(driver, 'b', ask('a'))
    handsOff(driver, 'a')
    validates(driver, 'a')
    opensBallot(driver, 'a')
    driver.advance(SLA)
    expect(driver.attention()).toHaveLength(3)
    finish(driver, 'a', 'b')
    expect(driver.run().endedAt).not.toBeNull()
    expect(driver.attention()).toEqual([])
    expect(driver.run().talk.ballots[0]!.closed).not.toBeNull()
  })

  test.each([
    ['another attempt', { attempt: 2 }, /your attempt is over/],
    ['a task that is not at work', { task: 1, attempt: 1 }, /your attempt is over/],
    ['a task there is not', { task: 99 }, /your attempt is over/],
  ])('%s says nothing', (_name, change, reason) => {
    const driver = Driver.running(quiet(plan([['a', 'b: a']])))
    start(driver, 'a')
    const place = { run: RUN, task: 0, attempt: 1, ...change }
    const rejection = driver.send({ type: 'agent.progress', percent: 1, text: '', ...place })
    expect(rejection).toMatchObject({ rejected: 'stale', reason: expect.stringMatching(reason) })
  })

  test('it may talk before its start is on record, and not once it is over', () => {
    const driver = Driver.running(quiet(plan([['a', 'b']])))
    expect(says(driver, 'a', { to: 'b', type: 'UPDATE' })).toBeUndefined()
    start(driver, 'a')
    driver.must({
      type: 'report.exited',
      run: RUN,
      task: 0,
      attempt: 1,
      handle: 'h',
      code: 0,
      oomKilled: false,
      error: null,
      lagMs: 0,
      outputs: {},
      outputsError: null,
    })
    const place = { run: RUN, task: 0, attempt: 1 }
    expect(driver.send({ type: 'agent.take', limit: 1, ...place })).toMatchObject({ rejected: 'stale' })
  })
})

describe('channels', () => {
  test('who joined gets what is said there, until it leaves; both can be said twice', () => {
    const driver = talking(['a', 'b', 'c'])
    for (const name of ['b', 'c', 'b'])
      expect(by(driver, name, { type: 'agent.join', channel: '#ops' })).toBeUndefined()
    says(driver, 'a', { to: '#ops', type: 'UPDATE' })
    for (let i = 0; i < 2; i++)
      expect(by(driver, 'b', { type: 'agent.leave', channel: '#ops' })).toBeUndefined()
    says(driver, 'a', { to: '#ops', type: 'UPDATE' })
    expect(lastMessage(driver).recipients).toEqual([2])
    expect(driver.task('b').inbox).toEqual([1])
  })

  test('there are so many and no more, and they are named as such', () => {
    const driver = talking(['a'])
    for (let i = 0; i < TALK_LIMITS.channels; i++) by(driver, 'a', { type: 'agent.join', channel: `#c${i}` })
    expect(by(driver, 'a', { type: 'agent.join', channel: '#more' })).toMatchObject({ rejected: 'not-now' })
    expect(by(driver, 'a', { type: 'agent.join', channel: '#c1' })).toBeUndefined()
    expect(by(driver, 'a', { type: 'agent.join', channel: 'ops' })).toMatchObject({ rejected: 'invalid' })
  })
})
