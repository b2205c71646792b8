import { describe, expect, test } from 'vitest'
import { Driver, RUN } from '../testing/driver.ts'
import { plan } from '../testing/plan.ts'
import { end, finish, start } from '../testing/steps.ts'
import { by, handsOff, lastMessage, message, says, validates } from '../testing/talk.ts'
import { digest } from './standing.ts'
import { DEFAULT_COMMUNICATION, type SyncPoint } from './talk.ts'
import { nextOccurrence } from './talkTimers.ts'

const HOUR = 3_600_000
const EVERY = 4 * HOUR

function meeting(
  syncPoints: readonly SyncPoint[] = [],
  lines: readonly string[] = ['a', 'b', 'c: a b'],
): Driver {
  const made = plan([lines], { limits: { maxRuntimeMs: 1e12 } })
  const driver = Driver.running({ ...made, communication: { ...DEFAULT_COMMUNICATION, syncPoints } })
  start(driver, 'a', 'b')
  return driver
}

const kinds = (driver: Driver): readonly (string | null)[] =>
  driver.events('message.sent').map(({ draft }) => draft.kind)

describe('the digest', () => {
  test('goes to everybody who is not over, every so often', () => {
    const driver = meeting()
    driver.advance(EVERY - 1)
    expect(kinds(driver)).toEqual([])
    driver.advance(1)
    expect(message(driver, 1)).toMatchObject({ kind: 'digest', recipients: [0, 1, 2], priority: 3 })
    driver.advance(3 * EVERY)
    expect(kinds(driver)).toHaveLength(4)
  })

  test('is not sent into an empty room, but as soon as somebody comes', () => {
    const driver = meeting()
    driver.must({ type: 'run.pause', run: RUN })
    for (const name of ['a', 'b']) {
      driver.send({ type: 'agent.continue', run: RUN, task: name })
      end(driver, name, 0)
    }
    expect(driver.active()).toEqual([])
    driver.advance(EVERY)
    expect(kinds(driver)).toEqual([])
    driver.must({ type: 'run.continue', run: RUN })
    driver.advance(0)
    expect(kinds(driver)).toEqual(['digest'])
  })

  test('timers do not grow with what is said', () => {
    const driver = meeting()
    const before = driver.timers.length
    for (let i = 0; i < 50; i++) {
      handsOff(driver, 'a', { title: `no. ${i}`, to: 'b' })
      validates(driver, 'a', `h${i + 1}`)
      by(driver, 'b', { type: 'agent.accept', handoff: `h${i + 1}` })
    }
    expect(driver.timers.length - before).toBeLessThanOrEqual(50)
  })

  test('says how far the run is, who is at what, what was said and what is open', () => {
    const driver = meeting()
    by(driver, 'a', { type: 'agent.progress', percent: 40, text: 'routes' })
    says(driver, 'a', { to: 'b', type: 'UPDATE', subject: 'the port is 5432' })
    says(driver, 'b', { to: 'person', type: 'REQUEST', content: 'may I?' })
    handsOff(driver, 'a', { to: 'b' })
    expect(digest(driver.run())).toBe(
      [
        '0 of 3 tasks done.',
        '',
        '### At work',
        '- Worker at a 40 %: routes',
        '- Worker at b',
        '',
        '### 2 messages',
        '- 1: the port is 5432',
        '- 2: may I?',
        '',
        '### Open hand-offs',
        '- h1 the API (initiated)',
        '',
        '### Waits for a person',
        '- may I?',
      ].join('\n'),
    )
  })

  test('of a run that is over there is none', () => {
    const driver = meeting()
    finish(driver, 'a', 'b', 'c')
    driver.advance(2 * EVERY)
    expect(kinds(driver)).toEqual([])
  })
})

describe('sync points', () => {
  test('everybody is called when it is time, once each time', () => {
    const driver = meeting([{ name: 'Standup', weekday: null, minute: 9 * 60 }])
    driver.advance(3 * 24 * HOUR)
    const calls = driver.log.filter(
      ({ data }) => data.type === 'message.sent' && data.draft.kind === 'sync_point',
    )
    expect(calls.map(({ time }) => new Date(time).toISOString().slice(0, 16))).toEqual([
      '1970-01-01T09:00',
      '1970-01-02T09:00',
      '1970-01-03T09:00',
    ])
    expect(lastMessage(driver).toPerson).toBe(false)
  })
})

describe('the next time after', () => {
  const at = (text: string): number => Date.parse(`${text}Z`)
  test.each([
    ['every day, later today', null, '2026-11-20T08:59', '2026-11-20T09:00'],
    ['every day, just now', null, '2026-11-20T09:00', '2026-11-21T09:00'],
    ['Mondays, from a Friday', 1, '2026-11-20T12:00', '2026-11-23T09:00'],
    ['Fridays, later today', 5, '2026-11-20T08:00', '2026-11-20T09:00'],
    ['Fridays, just now', 5, '2026-11-20T09:00', '2026-11-27T09:00'],
    ['Sundays over the end of a year', 0, '2026-12-31T12:00', '2027-01-03T09:00'],
    ['the 29th of February', null, '2028-02-28T10:00', '2028-02-29T09:00'],
  ] as const)('%s', (_name, weekday, after, next) => {
    expect(nextOccurrence({ name: 'x', weekday, minute: 9 * 60 }, at(after))).toBe(at(next))
  })
})
