import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DURATION_UNITS, formatDuration, parseDuration } from './duration.ts'

describe('parseDuration', () => {
  it.each([
    ['5 minutes', 300_000],
    ['30s', 30_000],
    ['30 seconds', 30_000],
    ['24h', 86_400_000],
    ['1h 30m', 5_400_000],
    ['1h30m', 5_400_000],
    ['1 hour and 5 min', 3_900_000],
    ['1 hour, 5 minutes', 3_900_000],
    ['2 hours', 7_200_000],
    ['500ms', 500],
    ['1.5 h', 5_400_000],
    ['.5s', 500],
    ['1 day', 86_400_000],
    ['1 week', 604_800_000],
    ['  3 Minutes ', 180_000],
    ['0s', 0],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toEqual({ ok: true, ms })
  })

  it.each([
    ['', 'a duration is empty: write for example "5 minutes"'],
    ['5', '"5" does not say its unit: write "5 seconds" or "5 minutes"'],
    ['1h 30', '"1h 30" does not say its unit: write "30 seconds" or "30 minutes"'],
    ['-5s', '"-5s" is negative: a duration is at least 0'],
    ['1h 1 hour', '"1h 1 hour" names the unit "hour" twice'],
    ['99999999999999 weeks', '"99999999999999 weeks" is too long'],
    ['soon', '"soon" is not a duration: write for example "5 minutes", "30s" or "1h 30m"'],
    ['5 s!', '"5 s!" is not a duration: write for example "5 minutes", "30s" or "1h 30m"'],
    ['5e3 s', '"5e3 s" has an unknown unit "e"'],
  ])('refuses %j', (text, reason) => {
    expect(parseDuration(text)).toMatchObject({ ok: false, reason })
  })

  it('names the word it takes for a unit', () => {
    expect(parseDuration('5 mintues')).toMatchObject({ ok: false, unit: 'mintues' })
  })

  it('takes every unit with any spacing and case', () => {
    const unit = fc.constantFrom(...DURATION_UNITS)
    fc.assert(
      fc.property(
        fc.nat(10_000),
        unit,
        fc.constantFrom('', ' ', '  '),
        fc.boolean(),
        (n, word, space, loud) => {
          const one = parseDuration(`1${word}`)
          const many = parseDuration(`${n}${space}${loud ? word.toUpperCase() : word}`)
          expect(one.ok && many).toEqual({ ok: true, ms: one.ok ? one.ms * n : 0 })
        },
      ),
    )
  })

  it('never throws, and never takes a number without a unit', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof parseDuration(text).ok === 'boolean'))
    fc.assert(fc.property(fc.nat(), (n) => !parseDuration(String(n)).ok))
  })
})

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [40, '40 ms'],
    [999.6, '1 s'],
    [1_500, '1.5 s'],
    [9_960, '10 s'],
    [12_000, '12 s'],
    [59_600, '1 m'],
    [72_000, '1 m 12 s'],
    [300_000, '5 m'],
    [3_599_900, '1 h'],
    [3_900_000, '1 h 5 m'],
    [86_399_000, '1 d'],
    [90_000_000, '1 d 1 h'],
    [8_640_000_000, '100 d'],
    [-1_500, '-1.5 s'],
    [Number.NaN, 'unknown'],
  ])('%d', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  it('reads back within its rounding', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (ms) => {
        const back = parseDuration(formatDuration(ms))
        const most = ms < 9_950 ? 50 : ms < 3_570_000 ? 500 : ms < 86_370_000 ? 30_000 : 1_800_000
        expect(back.ok && Math.abs(back.ms - ms) <= most).toBe(true)
      }),
    )
  })
})
