import { expect, test } from 'vitest'
import { rank } from './rank.ts'

const entries = ['Graph', 'Run again', 'compile-api', 'Pause all', 'api', 'unit-graphics'].map((label) => ({
  label,
}))
const found = (text: string) => rank(entries, text).map(({ label }) => label)

test.each([
  ['', ['Graph', 'Run again', 'compile-api', 'Pause all', 'api', 'unit-graphics']],
  ['graph', ['Graph', 'unit-graphics']],
  ['api', ['api', 'compile-api', 'unit-graphics']],
  ['AGAIN', ['Run again']],
  ['pal', ['Pause all']],
  ['zzz', []],
  ['(', []],
])('%j', (text, labels) => {
  expect(found(text)).toEqual(labels)
})

test('a hint counts less than a name', () => {
  const named = [{ label: 'x', hint: 'ship#1' }, { label: 'ship' }]
  expect(rank(named, 'ship').map(({ label }) => label)).toEqual(['ship', 'x'])
})
