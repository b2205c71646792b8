import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { Store } from '../../api/database/store.ts'
import { addBook, findBook, searchBooks } from '../../api/library/catalogue.ts'
import { lendBook, loansOf, returnBook } from '../../api/library/lending.ts'
import { counts, overdueLoans } from '../../api/library/reports.ts'
import { seededStore } from '../../scripts/lib/seed.ts'

const ON_SHELF = 2
let store: Store

beforeEach(() => {
  store = seededStore(':memory:')
})

test('a book is lent for three weeks', () => {
  assert.deepEqual(lendBook(store, ON_SHELF, ' Amara ', '2026-03-01'), { status: 'lent', due: '2026-03-22' })
  assert.equal(findBook(store, ON_SHELF)?.borrower, 'Amara')
})

test('a lent book is not lent again until it is back', () => {
  lendBook(store, ON_SHELF, 'Amara', '2026-03-01')
  assert.deepEqual(lendBook(store, ON_SHELF, 'Bruno', '2026-03-02'), {
    status: 'already-lent',
    borrower: 'Amara',
  })
  assert.deepEqual(returnBook(store, ON_SHELF, '2026-03-03'), { status: 'returned' })
  assert.equal(lendBook(store, ON_SHELF, 'Bruno', '2026-03-03').status, 'lent')
})

test('what is not there cannot be lent, what is not lent cannot be returned', () => {
  assert.deepEqual(lendBook(store, 999, 'Amara', '2026-03-01'), { status: 'unknown-book' })
  assert.deepEqual(lendBook(store, ON_SHELF, '  ', '2026-03-01'), { status: 'nameless' })
  assert.deepEqual(returnBook(store, ON_SHELF, '2026-03-01'), { status: 'not-lent' })
})

test('who borrows for the first time becomes a member, once', () => {
  const before = counts(store).members
  lendBook(store, ON_SHELF, 'Dalia', '2026-03-01')
  lendBook(store, ON_SHELF + 1, 'Dalia', '2026-03-01')
  assert.equal(counts(store).members, before + 1)
  assert.equal(loansOf(store, 'Dalia')?.length, 2)
  assert.equal(loansOf(store, 'Nobody'), undefined)
})

test('a loan is overdue from the day after it is due', () => {
  lendBook(store, ON_SHELF, 'Dalia', '2026-06-01')
  const overdue = (today: string): string[] => overdueLoans(store, today).map(({ name }) => name)
  assert.ok(!overdue('2026-06-22').includes('Dalia'))
  assert.ok(overdue('2026-06-23').includes('Dalia'))
})

test('the database itself refuses a second open loan of a book', () => {
  const insert = "INSERT INTO loans (book_id, member_id, lent, due) VALUES (1, 1, '2026-03-01', '2026-03-22')"
  assert.throws(() => store.database.exec(insert), /UNIQUE/)
})

test('an ISBN stands on the shelf once', () => {
  const draft = {
    isbn: '9780000000019',
    title: 'Again',
    given: 'A',
    family: 'B',
    published: 2000,
    genre: 'Fiction',
  }
  assert.deepEqual(addBook(store, draft), { status: 'known-isbn' })
})

test('the search looks at titles and authors', () => {
  assert.equal(searchBooks(store, 'le guin').length, 3)
  assert.equal(searchBooks(store, 'solaris')[0]?.author, 'Stanislaw Lem')
  assert.equal(searchBooks(store, 'no such book').length, 0)
})
