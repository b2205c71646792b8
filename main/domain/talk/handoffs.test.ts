import { describe, expect, test } from 'vitest'
import { type Driver, RUN } from '../testing/driver.ts'
import { accept, clarified, clarify, decline, IN, inState } from '../testing/handoffs.ts'
import { fail, finish, rerun, start } from '../testing/steps.ts'
import { by, handoff, handsOff, lastMessage, message, takes, talking, validates } from '../testing/talk.ts'
import { mandatoryChecks } from './handoffChecks.ts'
import { DEFAULT_COMMUNICATION, TALK_LIMITS } from './talk.ts'

describe('who is told', () => {
  test('the receiver gets the document, the giver what came of it', () => {
    const driver = inState('transferred')
    expect(lastMessage(driver)).toMatchObject({ recipients: [1], kind: 'handoff', tags: ['h1'] })
    expect(lastMessage(driver).content).toContain('# Task Handoff: the API')
    accept(driver)
    expect(lastMessage(driver)).toMatchObject({ recipients: [0], subject: 'Hand-off h1 was accepted' })
    expect(driver.task('b').inbox).toEqual([])
  })

  test('what the checks found goes to the giver, who may mend it', () => {
    const driver = inState('returned')
    expect(lastMessage(driver)).toMatchObject({ recipients: [0], content: 'syntax validation: line 3' })
    expect(handsOff(driver, 'a', { notes: 'mended' }, 'h1')).toBeUndefined()
    validates(driver, 'a')
    expect(handoff(driver)).toMatchObject({ state: 'transferred', checks: [], document: { notes: 'mended' } })
  })

  test('questions and answers go to the other, and are kept', () => {
    const driver = inState('clarifying')
    expect(driver.task('a').inbox).toEqual([2])
    clarified(driver)
    expect(handoff(driver).clarifications).toEqual([{ question: 'where?', answer: 'there' }])
    expect([driver.task('a').inbox, driver.task('b').inbox]).toEqual([[], [3]])
  })

  test('withdrawn by a person: both are told, and nothing else of it is left to read', () => {
    const driver = inState('withdrawn')
    expect([driver.task('a').inbox, driver.task('b').inbox]).toEqual([[2], [3]])
    expect(message(driver, 3).content).toBe('by person:ann')
  })

  test('a document with more artifacts than a message may name goes over all the same', () => {
    const driver = talking(['a', 'b'])
    const artifact = { path: 'x', type: 'code', hash: null, bytes: null } as const
    handsOff(driver, 'a', { artifacts: Array.from({ length: 100 }, () => artifact) })
    expect(validates(driver, 'a')).toBeUndefined()
    expect(lastMessage(driver).artifacts).toHaveLength(50)
  })
})

describe('what is refused', () => {
  test.each([
    ['to itself', { to: 'a' }, /writing to itself/],
    ['to nobody', { to: 'x' }, /nobody called x/],
    ['to a person', { to: 'person' }, /nobody a hand-off can go to/],
  ])('%s', (_name, change, reason) => {
    expect(handsOff(talking(['a', 'b']), 'a', change)?.reason).toMatch(reason)
  })

  test('one that is somebody else’s, or is not there', () => {
    const driver = inState('transferred')
    expect(by(driver, 'c', { type: 'agent.accept', handoff: 'h1' })?.reason).toBe(
      'h1 is not for you to answer',
    )
    expect(by(driver, 'b', { type: 'agent.clarified', handoff: 'h1', answer: '' })?.rejected).toBe(
      'forbidden',
    )
    expect(by(driver, 'b', { type: 'agent.accept', handoff: 'h2' })?.rejected).toBe('unknown')
    expect(handsOff(driver, 'c', { to: 'b' }, 'h1')?.reason).toBe('there is no hand-off h1 of yours')
  })

  test('where the registry lets the giver not write', () => {
    const roles = { Dev: { tier: 3 }, Ops: { tier: 4 } }
    const driver = talking(['a', 'b'], { roles, with: { b: { role: 'Ops' } } })
    expect(handsOff(driver, 'a')?.reason).toBe(
      'Dev may not hand over to b; the registry lets it write to nobody',
    )
  })

  test('a second while the checks of a first run, and more than may be open', () => {
    const driver = talking(['a', 'b'])
    handsOff(driver, 'a')
    expect(handsOff(driver, 'a', { title: 'other' })?.reason).toMatch(/checks of another/)
    validates(driver, 'a')
    for (let i = 2; i <= TALK_LIMITS.openHandoffsOfTask; i++) {
      handsOff(driver, 'a', { title: `no. ${i}` })
      validates(driver, 'a', `h${i}`)
    }
    expect(handsOff(driver, 'a', { title: 'more' })?.reason).toMatch(/20 hand-offs of yours are open/)
  })
})

test('the same again is the same hand-off', () => {
  const driver = inState('transferred')
  expect(handsOff(driver, 'a')).toBeUndefined()
  expect(driver.answer).toEqual({ handoff: 'h1' })
  expect(driver.run().talk.handoffs).toHaveLength(1)
})

test('to a role: the task that needs the giver’s work, else one that has not begun', () => {
  const options = { roles: { Dev: {}, Ops: {} }, all: { role: 'Ops' }, with: { a: { role: 'Dev' } } }
  const driver = talking(['a', 'x', 'y: a', 'z: y'], options)
  handsOff(driver, 'a', { to: 'Ops' })
  expect(handoff(driver).to).toBe(2)
  const other = talking(['a', 'x', 'y: x'], options)
  handsOff(other, 'a', { to: 'Ops' })
  expect(handoff(other).to).toBe(2)
})

describe('when agents end', () => {
  test('the giver before the checks are through: it is returned, and its next attempt may try again', () => {
    const driver = talking(['a', 'b'], { with: { a: { retry: 1 } } })
    handsOff(driver, 'a')
    fail(driver, 'a')
    expect(handoff(driver)).toMatchObject({
      state: 'returned',
      reason: expect.stringMatching(/before the checks/),
    })
    driver.advance(60_000)
    start(driver, 'a')
    handsOff(driver, 'a')
    const late = {
      type: 'report.validated',
      run: RUN,
      task: 0,
      attempt: 1,
      handoff: 'h1',
      checks: [],
    } as const
    expect(driver.send(late)?.rejected).toBe('stale')
    expect(validates(driver, 'a')).toBeUndefined()
    expect(handoff(driver)).toMatchObject({ state: 'transferred', attempt: 2 })
  })

  test('the giver for good, with one that came back: a person decides', () => {
    const driver = inState('returned')
    finish(driver, 'a')
    expect(driver.run().attention).toMatchObject([{ id: 'h1:handoff', choices: ['transfer', 'withdraw'] }])
    driver.must({ type: 'attention.answer', run: RUN, id: 'h1:handoff', choice: 'transfer' })
    expect([driver.attention(), handoff(driver).state]).toEqual([[], 'transferred'])
    accept(driver)
    expect(handoff(driver).state).toBe('completed')
  })

  test.each([
    ['asked before it ended', (driver: Driver) => [clarify(driver), finish(driver, 'a')]],
    ['asked after it ended', (driver: Driver) => [finish(driver, 'a'), clarify(driver)]],
  ])('the giver for good, %s: a person answers in its place', (_name, play) => {
    const driver = inState('transferred')
    play(driver)
    expect(driver.attention()).toEqual(['h1:question'])
    driver.must({ type: 'attention.answer', run: RUN, id: 'h1:question', choice: 'in src' })
    expect(lastMessage(driver)).toMatchObject({ recipients: [1], content: 'in src' })
    expect([driver.attention(), handoff(driver).state]).toEqual([[], 'transferred'])
  })

  test.each([
    ['accepts', accept, 'completed'],
    ['declines', decline, 'returned'],
  ] as const)('a question to an ended giver is taken back when the receiver %s', (_name, act, state) => {
    const driver = inState('clarifying')
    finish(driver, 'a')
    act(driver)
    expect(driver.attention()).not.toContain('h1:question')
    expect(handoff(driver).state).toBe(state)
  })

  test.each(['initiated', 'returned', 'transferred', 'clarifying'] as const)(
    'the receiver for good while it is %s: it is withdrawn, and giver and person hear of it',
    (state) => {
      const driver = inState(state)
      finish(driver, 'b')
      expect(handoff(driver)).toMatchObject({ state: 'withdrawn', reason: 'b ended without confirming it' })
      expect(lastMessage(driver)).toMatchObject({ recipients: [0], subject: 'Hand-off h1 was withdrawn' })
      expect(driver.attention()).toEqual(['h1:handoff'])
      driver.must({ type: 'attention.answer', run: RUN, id: 'h1:handoff', choice: 'ok' })
      expect(driver.attention()).toEqual([])
    },
  )

  test('the receiver is tried again: it is still its, and the document is handed to it again', () => {
    const driver = talking(['a', 'b'], { with: { b: { retry: 1 } } })
    IN.transferred(driver)
    takes(driver, 'b')
    fail(driver, 'b')
    driver.advance(60_000)
    start(driver, 'b')
    expect(takes(driver, 'b')).toEqual([1])
    expect(accept(driver)).toBeUndefined()
  })

  test('one that is done stays done when its giver is made anew', () => {
    const driver = inState('completed')
    expect(rerun(driver, 'a')).toBeUndefined()
    start(driver, 'a')
    finish(driver, 'a')
    expect(handoff(driver).state).toBe('completed')
  })
})

describe('time', () => {
  const DUE = DEFAULT_COMMUNICATION.acknowledgeMs

  test('a confirmation is due from when the receiver is there', () => {
    const driver = talking(['a', 'b: c', 'c'])
    IN.transferred(driver)
    driver.advance(2 * DUE)
    expect(driver.attention()).toEqual([])
    finish(driver, 'c')
    start(driver, 'b')
    driver.advance(DUE - 1)
    expect(driver.attention()).toEqual([])
    driver.advance(1)
    expect(driver.run().attention).toMatchObject([
      { id: 'h1:handoff', text: expect.stringMatching(/waits for b$/) },
    ])
    accept(driver)
    expect(driver.attention()).toEqual([])
  })

  test('an answer is due from when it was asked', () => {
    const driver = inState('transferred')
    driver.advance(DUE - 1)
    clarify(driver)
    driver.advance(DUE)
    expect(driver.run().attention).toMatchObject([{ text: expect.stringMatching(/waits for a$/) }])
  })
})

describe('mandatory checks', () => {
  const failing = (driver: Driver, missing: readonly string[] = []): readonly string[] =>
    mandatoryChecks(driver.run(), handoff(driver), missing)
      .filter(({ result }) => result === 'failed')
      .map(({ name }) => name)

  test('everything is said, and the agent has told how far it is', () => {
    const driver = inState('initiated')
    expect(failing(driver)).toEqual(['context_updated'])
    by(driver, 'a', { type: 'agent.progress', percent: 90, text: '' })
    expect(failing(driver)).toEqual([])
    expect(failing(driver, ['a.ts'])).toEqual(['artifacts_accessible'])
  })

  test('an empty list is not an answer', () => {
    const driver = talking(['a', 'b'])
    handsOff(driver, 'a', { dependencies: [], knownIssues: [], successCriteria: [] })
    const expected = [
      'context_updated',
      'dependencies_documented',
      'known_issues_listed',
      'success_criteria_defined',
    ]
    expect(failing(driver)).toEqual(expected)
  })
})
