import { expect, it } from 'vitest'
import { type MemoryFacts, memorySigns } from './docker/memorySigns.ts'

const MB = 1_000_000
const WELL: MemoryFacts = { killed: 0, restarts: 0, bytes: 60 * MB, limit: 200 * MB, before: null }
const before = (bytes: number, peak: number) => ({ bytes: bytes * MB, peak: peak * MB, agoMs: 240_000 })

it.each<[string, Partial<MemoryFacts>, number, number]>([
  ['nothing', {}, 0, 0],
  ['memory that stays where it was', { before: before(60, 62) }, 0, 0],
  ['growth that is far from the limit', { bytes: 100 * MB, before: before(50, 100) }, 0, 0],
  ['a restart for whatever reason', { restarts: 1 }, 0.4, 0.6],
  ['nearly full', { bytes: 180 * MB }, 0.5, 0.7],
  ['nearly full, and grown', { bytes: 180 * MB, before: before(60, 180) }, 0.75, 0.85],
  ['ended for want of memory', { killed: 1, restarts: 1 }, 0.75, 0.85],
  ['all of it', { killed: 3, restarts: 3, bytes: 90 * MB, before: before(60, 196) }, 0.95, 1],
])('%s', (_, facts, least, most) => {
  const { confidence } = memorySigns({ ...WELL, ...facts })
  expect(confidence).toBeGreaterThanOrEqual(least)
  expect(confidence).toBeLessThanOrEqual(most)
})

it('says what was measured', () => {
  const facts = { ...WELL, killed: 2, restarts: 2, bytes: 178 * MB, before: before(58, 197) }
  expect(memorySigns(facts).words).toEqual([
    'memory 178 MB of 200 MB (89 %)',
    '58 MB 4 m ago, 197 MB at its most',
    'ended for want of memory 2 times',
    'started again 2 times',
  ])
})
