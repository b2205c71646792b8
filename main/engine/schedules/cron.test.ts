import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lastDue, nextDue } from './cron.ts'

const at = (text: string): number => Date.parse(text)
const berlin = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' }

function all(expression: typeof berlin, from: string, count: number): readonly string[] {
  const found: string[] = []
  for (let now = at(from); found.length < count; ) {
    now = nextDue(expression, now)!
    found.push(new Date(now).toISOString())
  }
  return found
}

describe('due times follow the wall clock of their zone', () => {
  test('02:30 that is not there in spring is due at 03:00', () => {
    expect(all(berlin, '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ])
  })

  test('02:30 that is there twice in autumn is due once', () => {
    expect(all(berlin, '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ])
  })

  test.each([
    [
      'up to and with the moment itself',
      '2026-11-20T01:30:00Z',
      '2026-11-21T01:30:00Z',
      '2026-11-21T01:30:00.000Z',
    ],
    ['not before it', '2026-11-20T01:30:00Z', '2026-11-21T01:29:59.999Z', null],
    ['the last of several', '2026-11-01T00:00:00Z', '2026-11-21T12:00:00Z', '2026-11-21T01:30:00.000Z'],
    ['the clock went back', '2026-11-21T01:30:00Z', '2026-11-20T12:00:00Z', null],
  ])('the last one: %s', (_, after, until, expected) => {
    const due = lastDue(berlin, at(after), at(until))
    expect(due === null ? null : new Date(due).toISOString()).toBe(expected)
  })

  test('what is no expression is never due', () => {
    expect(nextDue({ cron: 'often', timeZone: 'UTC' }, 0)).toBeNull()
    expect(lastDue({ cron: '* * * * *', timeZone: 'Mars/Olympus' }, 0, 9e12)).toBeNull()
  })

  test('looking back finds exactly what looking ahead found', () => {
    const cron = fc.constantFrom(
      '30 2 * * *',
      '0 * * * *',
      '*/15 1-3 * * *',
      '0 0 1 * *',
      '15 2 * * 0',
      '59 23 31 12 *',
    )
    const timeZone = fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
    )
    const year = at('2026-01-01T00:00:00Z')
    const moment = fc.integer({ min: 0, max: 365 * 86_400 }).map((seconds) => year + seconds * 1_000)
    void fc.assert(
      fc.property(
        cron,
        timeZone,
        moment,
        fc.integer({ min: 0, max: 3 * 86_400_000 }),
        (expression, zone, from, ms) => {
          const of = { cron: expression, timeZone: zone }
          let last: number | null = null
          for (let due = nextDue(of, from); due !== null && due <= from + ms; due = nextDue(of, due))
            last = due
          expect(lastDue(of, from, from + ms)).toBe(last)
        },
      ),
      { numRuns: 150 },
    )
  })
})
