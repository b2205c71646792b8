import { expect, test } from 'vitest'
import { plainJson } from './output.ts'

test('nothing in JSON is obeyed by a terminal, and it reads back the same', () => {
  const value = { text: 'a\u001b[2J\u009b31m\u007f é \u0085' }
  const json = plainJson(value)
  expect(json).toMatch(/^[\u0020-\u007e\u00a0-\uffff]*$/)
  expect(JSON.parse(json)).toEqual(value)
})
