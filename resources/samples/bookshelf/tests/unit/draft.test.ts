import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkDraft, isIsbn13, splitName } from '../../api/library/draft.ts'

const NAMES: readonly (readonly [name: string, given: string, family: string])[] = [
  ['Ursula K. Le Guin', 'Ursula K.', 'Le Guin'],
  ['Toni Morrison', 'Toni', 'Morrison'],
  ['Ludwig van der Rohe', 'Ludwig', 'van der Rohe'],
  ['Voltaire', '', 'Voltaire'],
  ['', '', ''],
]

for (const [name, given, family] of NAMES)
  test(`"${name}" is filed under "${family}"`, () => assert.deepEqual(splitName(name), [given, family]))

test('an ISBN needs thirteen digits and the right check digit', () => {
  assert.ok(isIsbn13('9780441478125'))
  assert.ok(!isIsbn13('9780441478126'))
  assert.ok(!isIsbn13('978044147812'))
  assert.ok(!isIsbn13('978044147812X'))
})

test('a complete draft is cleaned up', () => {
  const input = {
    title: ' Piranesi ',
    author: 'Susanna Clarke',
    isbn: '978-0-441-47812-5',
    published: '2020',
  }
  const draft = {
    title: 'Piranesi',
    given: 'Susanna',
    family: 'Clarke',
    isbn: '9780441478125',
    published: 2020,
    genre: 'Fiction',
  }
  assert.deepEqual(checkDraft(input), { status: 'valid', draft })
})

test('all problems are named at once', () => {
  const checked = checkDraft({ title: ' ', isbn: '12', published: 'soon' })
  assert.equal(checked.status, 'invalid')
  assert.equal(checked.status === 'invalid' && checked.problems.length, 4)
})
