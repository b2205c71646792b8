import assert from 'node:assert/strict'
import { output } from '../lib/output.ts'
import { currentVersion, visitRelease } from '../lib/releases.ts'

type Check = (url: string) => Promise<void>

/** The few things that must never fail, asked of the released server itself. */
const checks: Readonly<Record<string, Check>> = {
  'answers that it is well, and as this version': async (url) => {
    const health = await (await fetch(`${url}/healthz`)).json()
    assert.equal(health.status, 'ok')
    assert.equal(health.version, currentVersion())
  },
  'shows the shelf with its style': async (url) => {
    const page = await (await fetch(url)).text()
    const style = /href="(\/assets\/styles[^"]+)"/.exec(page)?.[1]
    assert.equal((await fetch(`${url}${style}`)).status, 200)
    assert.match(page, /class="book /)
  },
  'has a shelf mark on every book': async (url) => {
    const books: { shelf_mark: string }[] = await (await fetch(`${url}/api/books`)).json()
    assert.ok(books.length > 0)
    for (const { shelf_mark } of books) assert.match(shelf_mark, /^\S{2,3} \d{4}$/)
  },
  'lends a book and takes it back': async (url) => {
    const books: { id: number; borrower: string | null }[] = await (await fetch(`${url}/api/books`)).json()
    const free = books.find(({ borrower }) => borrower === null)
    assert.ok(free, 'a book stands on the shelf')
    const loan = `${url}/api/books/${free.id}/loan`
    const body = new URLSearchParams({ name: 'Smoke Test' })
    assert.equal((await fetch(loan, { method: 'POST', body })).status, 201)
    assert.equal((await fetch(loan, { method: 'POST', body })).status, 409)
    assert.equal((await fetch(loan, { method: 'DELETE' })).status, 200)
  },
}

await visitRelease(currentVersion(), async (url) => {
  for (const [name, check] of Object.entries(checks)) {
    await check(url)
    console.log(`ok ${name}`)
  }
})
output({ checks: Object.keys(checks).length })
