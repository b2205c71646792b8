import { expect, test } from 'vitest'
import { atThread, ballotIn, handoffIn, messageIn, tabOf, threadIn } from './tabs.ts'

test.each([
  [undefined, 'talk'],
  ['m12', 'talk'],
  ['new', 'talk'],
  ['t:h3', 'talk'],
  ['h3', 'handoffs'],
  ['handoffs', 'handoffs'],
  ['v1', 'ballots'],
  ['ballots', 'ballots'],
])('%s is in %s', (at, tab) => {
  expect(tabOf(at)).toBe(tab)
})

test('what is meant by a place', () => {
  expect([messageIn('m12'), messageIn('m'), messageIn('12')]).toEqual([12, undefined, undefined])
  expect([handoffIn('h3'), ballotIn('v1'), threadIn(atThread('any / thread'))]).toEqual([
    'h3',
    'v1',
    'any / thread',
  ])
})
