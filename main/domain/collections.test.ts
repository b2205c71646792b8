import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Heap, type HeapEntry, heapEntries, popHeap, pushHeap } from './heap.ts'
import { check } from './testing/check.ts'
import { Vec } from './vec.ts'

describe('Vec against an array', () => {
  test('any sizes and any writes; earlier versions stay as they were', () => {
    const writes = fc.array(fc.tuple(fc.nat(), fc.integer()), { maxLength: 30 })
    check(
      200,
      fc.property(fc.integer({ min: 1, max: 2_500 }), writes, (size, changes) => {
        let array = Array.from({ length: size }, (_, i) => i)
        let vec = Vec.from(array)
        const versions: (readonly [Vec<number>, readonly number[]])[] = [[vec, array]]
        for (const [at, value] of changes) {
          array = array.with(at % size, value)
          vec = vec.set(at % size, value)
          versions.push([vec, array])
        }
        for (const [was, expected] of versions) expect([...was]).toEqual(expected)
        expect(JSON.stringify(vec)).toBe(JSON.stringify(array))
      }),
    )
  })

  test.each([0, 1, 31, 32, 33, 1_023, 1_024, 1_025, 32_768, 32_769])('of %i', (size) => {
    const vec = Vec.from(Array.from({ length: size }, (_, i) => i))
    expect([vec.length, vec.get(-1), vec.get(size)]).toEqual([size, undefined, undefined])
    expect(vec.get(size - 1)).toBe(size === 0 ? undefined : size - 1)
    expect(() => vec.set(size, 0)).toThrow(RangeError)
  })

  test('a write shares all but one path', () => {
    const items = Array.from({ length: 100 }, (_, i) => ({ i }))
    const vec = Vec.from(items)
    const changed = vec.set(50, { i: -1 })
    items.forEach((item, i) => {
      expect(changed.get(i) === item).toBe(i !== 50)
    })
  })
})

describe('Heap against a sorted array', () => {
  /** Undefined pops. */
  const steps = fc.array(fc.option(fc.nat(5), { nil: undefined, freq: 3 }), { maxLength: 200 })
  const sort = (entries: readonly HeapEntry[]): readonly HeapEntry[] =>
    entries.toSorted((a, b) => a.priority - b.priority || a.order - b.order)

  test('pops the least by priority, then by order; earlier versions stay as they were', () => {
    check(
      300,
      fc.property(steps, (all) => {
        let heap: Heap = null
        let model: readonly HeapEntry[] = []
        const versions: (readonly [Heap, readonly HeapEntry[]])[] = []
        all.forEach((priority, order) => {
          if (priority !== undefined) {
            const entry = { priority, order, task: order, epoch: 0 }
            heap = pushHeap(heap, entry)
            model = sort([...model, entry])
          } else if (heap !== null) {
            heap = popHeap(heap)
            model = model.slice(1)
          }
          expect(heap?.entry).toEqual(model[0])
          versions.push([heap, model])
        })
        for (const [was, expected] of versions) expect(sort(heapEntries(was))).toEqual(expected)
      }),
    )
  })

  test('100,000 in order and in reverse come out sorted and do not overflow the stack', () => {
    for (const sign of [1, -1]) {
      let heap: Heap = null
      for (let i = 0; i < 100_000; i++)
        heap = pushHeap(heap, { priority: 0, order: sign * i, task: i, epoch: 0 })
      let [last, sorted] = [Number.NEGATIVE_INFINITY, true]
      while (heap !== null) {
        const { order }: HeapEntry = heap.entry
        sorted &&= order > last
        last = order
        heap = popHeap(heap)
      }
      expect(sorted).toBe(true)
    }
  })
})
