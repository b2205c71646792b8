import { expect, test } from 'vitest'
import { kindOf, lineCount, shortened, visible } from './DiffText.tsx'

test.each([
  ['diff --git a/x b/x', 'file'],
  ['index 1..2 100644', 'head'],
  ['--- a/x', 'head'],
  ['+++ b/x', 'head'],
  ['@@ -1 +1 @@', 'place'],
  ['+new', 'added'],
  ['-old', 'removed'],
  [' same', 'same'],
])('%s is shown as %s', (line, kind) => {
  expect(kindOf(line)).toBe(kind)
})

test('nothing an agent wrote hides or turns around what is there', () => {
  expect(visible('+a\u202eb\u0007')).toBe('+a\\u202eb\\u0007')
  expect(visible('')).toBe(' ')
})

test('in brief a file is known by its name, and its changes are left as they are', () => {
  const lines = [
    'diff --git a/x y b/x y',
    'index 1..2 100644',
    '--- a/x y',
    '+++ b/x y',
    '@@ -1 +1 @@',
    '+--- a',
  ]
  expect(lines.flatMap(shortened)).toEqual(['diff x y', '@@ -1 +1 @@', '+--- a'])
})

test('the end of the last line is no line', () => {
  expect(lineCount('a\nb\n')).toBe(2)
})
