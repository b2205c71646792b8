import { describe, expect, test } from 'vitest'
import { RUN } from '../testing/driver.ts'
import { finish } from '../testing/steps.ts'
import { by, handles, lastMessage, message, opensBallot, talking, votes } from '../testing/talk.ts'
import type { Ballot } from './ballot.ts'
import { DEFAULT_COMMUNICATION, TALK_LIMITS } from './talk.ts'

const NAMES = ['a', 'b', 'c', 'd']
const ballot = (driver: ReturnType<typeof talking>): Ballot => driver.run().talk.ballots[0]!

test('the voters are asked by a message, and voting handles it', () => {
  const driver = talking(NAMES)
  opensBallot(driver, 'a')
  expect(message(driver, 1)).toMatchObject({
    recipients: [1, 2, 3],
    kind: 'vote',
    tags: ['v1'],
    options: ['yes', 'no'],
  })
  expect(JSON.parse(message(driver, 1).payload!)).toEqual({ ballot: 'v1', options: ['yes', 'no'] })
  votes(driver, 'b', 'yes')
  expect([driver.task('b').inbox, driver.task('c').inbox]).toEqual([[], [1]])
})

test('who asks is answered with the name of the ballot, who votes with nothing', () => {
  const driver = talking(['a', 'b'])
  opensBallot(driver, 'a')
  expect(driver.answer).toEqual({ ballot: 'v1' })
  expect(ballot(driver)).toMatchObject({ id: 'v1', voters: [1], needed: 1 })
  votes(driver, 'b', 'yes')
  // The message that tells of the result is the engine's, not the voter's.
  expect(driver.answer).toBeUndefined()
  expect(ballot(driver).closed).toMatchObject({ result: 'yes' })
})

test.each([
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 3],
  [5, 3],
] as const)('of %i voters %i decide', (voters, needed) => {
  const driver = talking(['a', ...Array.from({ length: voters }, (_, i) => `v${i}`)])
  opensBallot(driver, 'a')
  expect(ballot(driver).needed).toBe(needed)
})

describe('a ballot closes', () => {
  test('when an option has the votes it needs, and who asked is told', () => {
    const driver = talking(NAMES)
    opensBallot(driver, 'a', { needed: 2 })
    votes(driver, 'b', 'no')
    votes(driver, 'd', 'no')
    expect(ballot(driver).closed).toMatchObject({ result: 'no', reason: 'decided' })
    expect(lastMessage(driver)).toMatchObject({ recipients: [0], content: 'no (yes: 0, no: 2)' })
  })

  test('when all have voted and nothing won', () => {
    const driver = talking(['a', 'b', 'c'])
    opensBallot(driver, 'a')
    votes(driver, 'b', 'yes')
    votes(driver, 'c', 'no')
    expect(ballot(driver).closed).toMatchObject({ result: null, reason: 'all-voted' })
    expect(lastMessage(driver).content).toBe('No option got 2 votes (yes: 1, no: 1).')
  })

  test('when nobody is left who could vote', () => {
    const driver = talking(['a', 'b', 'c'])
    opensBallot(driver, 'a')
    votes(driver, 'b', 'yes')
    finish(driver, 'b')
    expect(ballot(driver).closed).toBeNull()
    finish(driver, 'c')
    expect(ballot(driver).closed).toMatchObject({ result: null, reason: 'voters-gone' })
  })

  test('when its time is up, with what leads if that is enough', () => {
    const driver = talking(NAMES)
    opensBallot(driver, 'a', { openMs: 5_000 })
    votes(driver, 'b', 'yes')
    driver.advance(4_999)
    expect(ballot(driver).closed).toBeNull()
    driver.advance(1)
    expect(ballot(driver).closed).toMatchObject({ result: null, reason: 'time' })
    expect(driver.fire({ kind: 'ballot', run: RUN, ballot: 'v1' })?.rejected).toBe('stale')
  })

  test('when the person votes: that decides', () => {
    const driver = talking(NAMES)
    opensBallot(driver, 'a')
    votes(driver, 'b', 'yes')
    driver.must({ type: 'ballot.vote', run: RUN, ballot: 'v1', option: 'no' })
    expect(ballot(driver).closed).toMatchObject({ result: 'no', reason: 'decided' })
  })

  test('and the person is told where who asked has ended', () => {
    const driver = talking(['a', 'b', 'c'])
    opensBallot(driver, 'a', { needed: 1 })
    finish(driver, 'a')
    votes(driver, 'b', 'yes')
    expect(lastMessage(driver)).toMatchObject({ recipients: [], toPerson: true })
  })

  test('after the time an answer takes, where none is said', () => {
    const driver = talking(['a', 'b'])
    opensBallot(driver, 'a')
    driver.advance(DEFAULT_COMMUNICATION.responseSlaMs)
    expect(ballot(driver).closed?.reason).toBe('time')
  })
})

describe('a vote', () => {
  test('said twice counts once, and cannot be changed', () => {
    const driver = talking(NAMES)
    opensBallot(driver, 'a')
    for (let i = 0; i < 2; i++) expect(votes(driver, 'b', 'yes')).toBeUndefined()
    expect(ballot(driver).votes).toEqual([{ task: 1, option: 'yes' }])
    expect(votes(driver, 'b', 'no')?.reason).toBe('you voted yes in v1 already')
  })

  test.each([
    ['of who asked', 'a', 'yes', /no vote in v1/],
    ['for what is no option', 'b', 'maybe', /answered with yes, no/],
  ])('%s is refused', (_name, who, option, reason) => {
    const driver = talking(NAMES)
    opensBallot(driver, 'a')
    expect(votes(driver, who, option)?.reason).toMatch(reason)
  })

  test('in one that is closed, or there is not, is refused', () => {
    const driver = talking(NAMES)
    opensBallot(driver, 'a', { needed: 1 })
    votes(driver, 'b', 'yes')
    expect(votes(driver, 'c', 'yes')?.reason).toBe('v1 is closed')
    expect(votes(driver, 'b', 'yes')).toBeUndefined()
    expect(votes(driver, 'c', 'yes', 'v2')?.rejected).toBe('unknown')
  })

  test('counts though the message was handled before', () => {
    const driver = talking(NAMES)
    opensBallot(driver, 'a')
    handles(driver, 'b', 1)
    votes(driver, 'b', 'yes')
    expect(ballot(driver).votes).toHaveLength(1)
  })
})

describe('a ballot is refused', () => {
  test.each([
    ['with one option twice', { options: ['yes', 'yes'] }, /the same/],
    ['with nobody to vote', { to: 'person' }, /nobody at person/],
    ['in an empty channel', { to: '#ops' }, /nobody is at #ops/],
    ['that needs more votes than there are voters', { needed: 4 }, /there are 3 voters/],
  ])('%s', (_name, change, reason) => {
    expect(opensBallot(talking(NAMES), 'a', change)?.reason).toMatch(reason)
  })

  test('where too many of the same agent are open', () => {
    const driver = talking(NAMES)
    for (let i = 0; i < TALK_LIMITS.openBallotsOfTask; i++) opensBallot(driver, 'a')
    expect(opensBallot(driver, 'a')?.reason).toMatch(/10 ballots of yours are open/)
    expect(opensBallot(driver, 'b')).toBeUndefined()
  })
})

test('only those the registry lets one write to are voters', () => {
  const roles = { Lead: { tier: 1 }, Dev: { tier: 3 }, Ops: { tier: 4 } }
  const driver = talking(['lead', 'dev', 'ops'], {
    roles,
    with: { dev: { role: 'Dev' }, ops: { role: 'Ops' } },
  })
  expect(opensBallot(driver, 'dev')).toBeUndefined()
  expect(ballot(driver)).toMatchObject({ voters: [0], needed: 1 })
  by(driver, 'ops', { type: 'agent.join', channel: '#ops' })
  expect(opensBallot(driver, 'dev', { to: '#ops' })?.reason).toMatch(/Dev may not write to #ops/)
})
