import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BYTE_UNITS, formatBytes, parseBytes } from './bytes.ts'

describe('parseBytes', () => {
  it.each([
    ['512MB', 512_000_000],
    ['2GiB', 2_147_483_648],
    ['1.5 kb', 1_500],
    ['10 bytes', 10],
    ['0B', 0],
  ])('%s', (text, bytes) => {
    expect(parseBytes(text)).toEqual({ ok: true, bytes })
  })

  it.each([
    ['', '"" is not a size: write for example "512MB" or "2GiB"'],
    ['512', '"512" does not say its unit: write "512MB" or "512GB"'],
    ['512m', '"512m" has a unit that tools disagree about: write "512MB" or "512MiB"'],
    ['5 MBB', '"5 MBB" has an unknown unit "MBB"'],
    ['-5MB', '"-5MB" is not a size: write for example "512MB" or "2GiB"'],
    ['99999999999 TB', '"99999999999 TB" is too large'],
  ])('refuses %j', (text, reason) => {
    expect(parseBytes(text)).toMatchObject({ ok: false, reason })
  })

  it('takes every unit and never throws', () => {
    for (const unit of BYTE_UNITS) expect(parseBytes(`1 ${unit}`).ok).toBe(true)
    fc.assert(fc.property(fc.string(), (text) => typeof parseBytes(text).ok === 'boolean'))
  })
})

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [700, '700 B'],
    [1_000, '1 kB'],
    [999_999, '1 MB'],
    [1_500_000_000, '1.5 GB'],
    [381_400_000, '381 MB'],
    [99_960_000, '100 MB'],
    [-2_000, '-2 kB'],
    [Number.POSITIVE_INFINITY, 'unknown'],
  ])('%d', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  it('reads back within a twentieth', () => {
    fc.assert(
      fc.property(fc.nat(), (bytes) => {
        const back = parseBytes(formatBytes(bytes))
        expect(back.ok && Math.abs(back.bytes - bytes) <= bytes / 20).toBe(true)
      }),
    )
  })
})
