import fc from 'fast-check'
import { expect, it } from 'vitest'
import { check } from '../testing/check.ts'
import { type AsideDatabase, DEFAULT_ASIDE, newestFirst, outdatedAside } from './aside.ts'

const DAY_MS = 24 * 3_600_000
const NOW = 100 * DAY_MS
const one = (days: number | null, completes: string | null = null): AsideDatabase => ({
  name: `shop_since_${days}`,
  bytes: 1,
  at: days === null ? null : NOW - days * DAY_MS,
  completes,
})
const gone = (...all: readonly AsideDatabase[]) =>
  outdatedAside(all, DEFAULT_ASIDE, NOW).map(({ name }) => name)

it.each([
  ['the newest two stay', [one(1), one(2)], []],
  ['what is beyond them goes', [one(3), one(1), one(2)], ['shop_since_3']],
  ['what is old goes, however few there are', [one(8)], ['shop_since_8']],
  [
    'what a rollback could not be undone whole without stays',
    [one(9, 'p3'), one(8, 'p4'), one(1), one(2), one(3)],
    ['shop_since_3'],
  ],
  ['what nobody knows the age of stays', [one(null), one(1), one(2), one(3)], ['shop_since_3']],
])('%s', (_, all, want) => {
  expect(gone(...all)).toEqual(want)
})

const some = fc.array(
  fc.record({
    name: fc.string(),
    bytes: fc.nat(),
    at: fc.option(fc.integer({ min: 0, max: NOW })),
    completes: fc.option(fc.constant('p1')),
  }),
)

it('never lets go of one that is needed, nor of more than the policy says', () => {
  check(
    200,
    fc.property(some, fc.nat(5), (all, keep) => {
      const policy = { keep, maxAgeMs: 7 * DAY_MS }
      const found = outdatedAside(all, policy, NOW)
      for (const { completes, at } of found) expect([completes, at === null]).toEqual([null, false])
      const young = newestFirst(all)
        .slice(0, keep)
        .filter(({ at }) => NOW - (at ?? 0) <= policy.maxAgeMs)
      for (const kept of young) expect(found).not.toContain(kept)
    }),
  )
})
