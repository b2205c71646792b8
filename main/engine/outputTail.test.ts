import { expect, test } from 'vitest'
import { lastLines } from './outputTail.ts'

test.each([
  ['', ''],
  ['ok\n\n  \nnot ok 2 - \u001b[31mred\u001b[0m\n', 'ok\nnot ok 2 - red'],
  ['10 %\r50 %\r100 %\r\ndone', '100 %\ndone'],
  ['bell\u0007 and\ttab', 'bell and\ttab'],
])('%j is shown as %j', (output, shown) => {
  expect(lastLines(output)).toBe(shown)
})

test('the last lines of much output, and not too much of one line', () => {
  const lines = Array.from({ length: 100 }, (_, i) => `line ${i}`)
  expect(lastLines(lines.join('\n'))).toBe(lines.slice(-20).join('\n'))
  expect(lastLines('x'.repeat(10_000))).toHaveLength(2_000)
})
