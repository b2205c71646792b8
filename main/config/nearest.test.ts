import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editDistance, nearest } from './nearest.ts'

describe('nearest', () => {
  it.each([
    ['mintues', ['minutes', 'months'], 'minutes'],
    ['max_runtme', ['max_runtime', 'max_agents'], 'max_runtime'],
    ['Buildmaster', ['BuildMaster'], 'BuildMaster'],
    ['maxRuntime', ['max_runtime'], 'max_runtime'],
    ['xyz', ['minutes'], undefined],
    ['m', ['B', 'MB'], undefined],
    ['b', ['a'], undefined],
    ['x'.repeat(1000), ['x'], undefined],
    ['a', [], undefined],
  ])('%s', (word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected)
  })
})

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['abcd', 'abdc', 1],
    ['kitten', 'sitting', 3],
  ])('%j to %j', (a, b, expected) => {
    expect(editDistance(a, b)).toBe(expected)
  })

  it('is symmetric, zero for equals only, and at most the longer word', () => {
    const word = fc.string({ maxLength: 12 })
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b)
        expect(distance).toBe(editDistance(b, a))
        expect(distance === 0).toBe(a === b)
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length))
      }),
    )
  })
})
