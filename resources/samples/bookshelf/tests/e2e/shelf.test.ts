import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { RunningServer } from '../../scripts/lib/server.ts'
import { Browser } from '../support/browser.ts'
import { startLibrary } from '../support/library.ts'

let library: RunningServer
let browser: Browser
before(async () => {
  library = await startLibrary()
})
after(() => library[Symbol.asyncDispose]())
beforeEach(async () => {
  browser = new Browser(library.url)
  await browser.visit('/')
})

test('everything the page asks for is there', async () => {
  assert.equal(browser.status, 200)
  const wanted = new Set([...browser.page.matchAll(/(?:href|src)="(\/[^"#]*)"/g)].map(([, path]) => path!))
  assert.ok(wanted.size >= 3)
  for (const path of wanted) assert.equal((await fetch(library.url + path)).status, 200, path)
})

test('a reader searches, borrows a book and brings it back', async () => {
  await browser.submit(browser.form('/'), { q: 'stanislaw' })
  assert.deepEqual(browser.titles(), ['Solaris', 'The Cyberiad'])
  const { id, state } = browser.book('Solaris')
  assert.equal(state, 'in')

  await browser.submit(browser.form(`/books/${id}/borrow`), { name: 'Dalia' })
  assert.equal(browser.status, 200)
  assert.equal(browser.book('Solaris').state, 'lent')
  assert.match(browser.book('Solaris').text, /Until \d{4}-\d\d-\d\d Dalia/)

  await browser.submit(browser.form(`/books/${id}/return`), {})
  assert.equal(browser.book('Solaris').state, 'in')
})

test('who comes too late is told who has the book', async () => {
  const form = browser.form(`/books/${browser.book('Kokoro').id}/borrow`)
  const slower = new Browser(library.url)
  await browser.submit(form, { name: 'First' })
  await slower.submit(form, { name: 'Second' })
  assert.equal(slower.status, 409)
  assert.match(slower.text(), /First was faster/)
})

test('a loan that is late is marked as such', () => {
  const { state, text } = browser.book('The Left Hand of Darkness')
  assert.equal(state, 'overdue')
  assert.match(text, /Overdue since 2026-02-23 Bruno/)
})

test('someone puts a book on the shelf, with a title that looks like markup', async () => {
  const title = '<script>alert("1 & 2")</script>'
  const typed = { title, author: 'Bobby Tables', isbn: '9781526622426', published: '2007' }
  await browser.submit(browser.form('/books'), typed)
  assert.equal(browser.status, 200)
  assert.match(browser.book(title).text, /TAB 2007/)
  assert.ok(!browser.page.includes('<script'))
})

test('a form filled in badly says everything that is wrong', async () => {
  await browser.submit(browser.form('/books'), {
    title: 'Untitled',
    author: '',
    isbn: '1',
    published: '3000',
  })
  assert.equal(browser.status, 422)
  assert.match(browser.text(), /Say who wrote it\. The ISBN has 13 digits.*The year/)
})
