import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { RunningServer } from '../../scripts/lib/server.ts'
import { startLibrary } from '../support/library.ts'

let library: RunningServer
before(async () => {
  library = await startLibrary()
})
after(() => library[Symbol.asyncDispose]())

const call = (path: string, init?: RequestInit): Promise<Response> => fetch(library.url + path, init)
const send = (method: string, value: unknown): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
})

test('says that it is well and what it is', async () => {
  const health = await (await call('/healthz')).json()
  assert.equal(health.status, 'ok')
  assert.match(health.version, /^\d+\.\d+\.\d+$/)
})

test('lists, finds and does not find books', async () => {
  const books: { id: number; title: string }[] = await (await call('/api/books?q=earthsea')).json()
  assert.deepEqual(
    books.map(({ title }) => title),
    ['A Wizard of Earthsea'],
  )
  const book = await (await call('/api/books/1')).json()
  assert.equal(book.shelf_mark, 'LEG 1969')
  assert.equal(book.history.length, 2)
  assert.equal((await call('/api/books/999')).status, 404)
})

test('adds a book, refuses it twice and refuses nonsense', async () => {
  const book = { title: 'Piranesi', author: 'Susanna Clarke', isbn: '9781526622426', published: 2020 }
  const added = await call('/api/books', send('POST', book))
  assert.equal(added.status, 201)
  assert.equal((await added.json()).shelf_mark, 'CLA 2020')
  assert.equal((await call('/api/books', send('POST', book))).status, 409)
  const nonsense = await call('/api/books', send('POST', { title: '' }))
  assert.equal(nonsense.status, 422)
  assert.equal((await nonsense.json()).problems.length, 4)
})

test('lends to one of two who ask at the same time', async () => {
  const ask = (name: string): Promise<Response> => call('/api/books/7/loan', send('POST', { name }))
  const answers = await Promise.all([ask('Amara'), ask('Bruno')])
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409])
  assert.equal((await call('/api/books/7/loan', { method: 'DELETE' })).status, 200)
  assert.equal((await call('/api/books/7/loan', { method: 'DELETE' })).status, 409)
})

test('knows what a member borrowed', async () => {
  const loans: unknown[] = await (await call('/api/members/Amara/loans')).json()
  assert.ok(loans.length >= 2)
  assert.equal((await call('/api/members/Nobody/loans')).status, 404)
})

test('refuses what it cannot read, and says why', async () => {
  const type = { 'content-type': 'application/json' }
  assert.equal((await call('/api/books', { method: 'POST', headers: type, body: '[' })).status, 400)
  assert.equal(
    (await call('/api/books', { method: 'POST', headers: type, body: `"${'x'.repeat(70_000)}"` })).status,
    413,
  )
  assert.equal((await call('/api/books', { method: 'POST', body: 'title=x' })).status, 415)
  assert.equal((await call('/nowhere')).status, 404)
  const wrong = await call('/api/books', { method: 'DELETE' })
  assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'GET, POST'])
})

test('takes no forms of other sites', async () => {
  const headers = { 'sec-fetch-site': 'cross-site' }
  const answer = await call('/books/2/borrow', {
    method: 'POST',
    headers,
    body: new URLSearchParams({ name: 'Eve' }),
  })
  assert.equal(answer.status, 403)
})

test('counts what it did', async () => {
  const metrics = await (await call('/metrics')).text()
  assert.match(metrics, /bookshelf_requests_total\{route="\/api\/books\/:id",status="404"\} 1/)
  assert.match(metrics, /bookshelf_query_calls_total\{query="findBook"\} \d+/)
})
