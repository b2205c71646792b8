import { describe, expect, test } from 'vitest'
import type { StoreError } from '../engine/ports/store.ts'
import type { Fault } from './faultyStore.ts'
import { faultyStore, randomFaults } from './faultyStore.ts'
import { memoryDisk, openMemoryStore } from './memoryStore.ts'
import { fullBatch } from './testing/samples.ts'
import { storeContract } from './testing/storeContract.ts'

async function kindOf(promise: Promise<unknown>): Promise<StoreError['kind'] | 'done'> {
  return promise.then(
    () => 'done' as const,
    (error: StoreError) => error.kind,
  )
}

describe('without faults', () => {
  storeContract(() => {
    const disk = memoryDisk()
    return async () => faultyStore(openMemoryStore(disk), { next: () => 'none', pause: async () => {} })
  })
})

test.each<[Fault, string, number]>([
  ['none', 'done', 1],
  ['failBefore', 'unavailable', 0],
  ['unknownBefore', 'unknown', 0],
  ['failAfter', 'unknown', 1],
])('a write with %s says %s and leaves %i events', async (fault, kind, events) => {
  const inner = openMemoryStore()
  const store = faultyStore(inner, { next: () => fault })
  expect(await kindOf(store.append(fullBatch(1, 1)))).toBe(kind)
  expect(await inner.lastSeq()).toBe(events)
})

test.each<Fault>(['failBefore', 'unknownBefore', 'failAfter'])(
  'a read with %s is unavailable',
  async (fault) => {
    const store = faultyStore(openMemoryStore(), { next: () => fault })
    expect(await kindOf(store.lastSeq())).toBe('unavailable')
    expect(await kindOf(store.getMeta('k'))).toBe('unavailable')
  },
)

test('chance draws the faults in their shares, the same for the same numbers', () => {
  const numbers = [0, 0.099, 0.1, 0.19, 0.21, 0.29, 0.31, 0.999]
  const random = () => numbers.shift()!
  const plan = randomFaults(random, { failBefore: 0.1, unknownBefore: 0.1, failAfter: 0.1 })
  const drawn = Array.from({ length: 8 }, () => plan.next('append'))
  expect(drawn).toEqual([
    'failBefore',
    'failBefore',
    'unknownBefore',
    'unknownBefore',
    'failAfter',
    'failAfter',
    'none',
    'none',
  ])
})
