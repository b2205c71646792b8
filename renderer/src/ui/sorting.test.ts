import { expect, test } from 'vitest'
import { sorted, turned } from './sorting.ts'

test('sorts numbers and names as people count, keeps equal rows, puts the unknown last', () => {
  const rows = [{ n: 2 }, { n: undefined }, { n: 10 }, { n: 1 }]
  expect(sorted(rows, (row) => row.n, false).map((row) => row.n)).toEqual([1, 2, 10, undefined])
  expect(sorted(rows, (row) => row.n, true).map((row) => row.n)).toEqual([10, 2, 1, undefined])
  const names = ['test-10', 'test-2', 'build'].map((id, i) => ({ id, i, same: 1 }))
  expect(sorted(names, (row) => row.id, false).map((row) => row.id)).toEqual(['build', 'test-2', 'test-10'])
  expect(sorted(names, (row) => row.same, true).map((row) => row.i)).toEqual([0, 1, 2])
})

test('a head turns up, down, off', () => {
  const up = turned(undefined, 'a')
  expect(up).toEqual({ column: 'a', down: false })
  expect(turned(up, 'b')).toEqual({ column: 'b', down: false })
  expect(turned(up, 'a')).toEqual({ column: 'a', down: true })
  expect(turned(turned(up, 'a'), 'a')).toBeUndefined()
})
