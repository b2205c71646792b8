import { expect, test } from 'vitest'
import { heightOf, linesOf } from './lines.ts'

const RANGE = { from: 0, to: 100_000, most: 1 }
const SIZE = { width: 100, height: 64 }
const at = (time: number, value: number) => ({ at: time, value })

test('a line goes through what was seen, and is broken where nobody looked', () => {
  const points = [at(0, 0), at(10_000, 1), at(60_000, 0.5), at(65_000, 0.5)]
  const { line, area } = linesOf(points, RANGE, SIZE, 10_000)
  expect(line).toBe('M0.0 62.5L10.0 2.5M60.0 32.5L65.0 32.5')
  expect(area.match(/Z/g)).toHaveLength(2)
})

test('nothing of before the picture is drawn, and nothing at all draws nothing', () => {
  expect(linesOf([at(-5_000, 1)], RANGE, SIZE, 10_000)).toEqual({ line: '', area: '' })
  expect(linesOf([], RANGE, SIZE, 10_000)).toEqual({ line: '', area: '' })
})

test('what is more than the top stays at the top', () => {
  expect(heightOf(9, 1, 64)).toBe(heightOf(1, 1, 64))
  expect(Number.isFinite(heightOf(0, 0, 64))).toBe(true)
})
