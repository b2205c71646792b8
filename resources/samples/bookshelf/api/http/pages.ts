import { addBook, type Book, searchBooks } from '../library/catalogue.ts'
import { checkDraft } from '../library/draft.ts'
import { lendBook, returnBook } from '../library/lending.ts'
import { counts } from '../library/reports.ts'
import { html, type Reply, seeOther } from './reply.ts'
import type { Call, Route } from './router.ts'
import { fill } from './template.ts'

/** What people use: one page and three forms. It works without a script in the browser. */
export const pageRoutes: readonly Route[] = [
  { method: 'GET', path: '/', handle: (call) => shelfPage(call, 200, '') },
  { method: 'POST', path: '/books', handle: takeBook },
  { method: 'POST', path: '/books/:id/borrow', handle: borrow },
  { method: 'POST', path: '/books/:id/return', handle: giveBack },
]

function takeBook(call: Call): Reply {
  const checked = checkDraft(call.fields)
  if (checked.status === 'invalid') return shelfPage(call, 422, checked.problems.join(' '))
  const added = addBook(call.app.store, checked.draft)
  if (added.status === 'known-isbn')
    return shelfPage(call, 409, 'A book with this ISBN is on the shelf already.')
  return seeOther(`/#book-${added.id}`)
}

function borrow(call: Call): Reply {
  const id = Number(call.params.id)
  const result = lendBook(call.app.store, id, String(call.fields.name ?? ''), call.app.today())
  switch (result.status) {
    case 'lent':
      return seeOther(`/#book-${id}`)
    case 'unknown-book':
      return shelfPage(call, 404, 'That book is not on this shelf.')
    case 'nameless':
      return shelfPage(call, 422, 'Say who borrows the book.')
    case 'already-lent':
      return shelfPage(call, 409, `${result.borrower} was faster and has that book.`)
  }
}

function giveBack(call: Call): Reply {
  const id = Number(call.params.id)
  const result = returnBook(call.app.store, id, call.app.today())
  return result.status === 'returned'
    ? seeOther(`/#book-${id}`)
    : shelfPage(call, 409, 'That book is not lent.')
}

function shelfPage({ app, url }: Call, status: number, message: string): Reply {
  const search = url.searchParams.get('q') ?? ''
  const books = searchBooks(app.store, search)
  const { shelf } = app.templates
  const page = fill(
    shelf,
    {
      ...counts(app.store),
      search,
      message,
      version: app.build.version,
      found: foundWords(books.length, search),
    },
    { books: books.map((book) => bookCard(app.templates, book, app.today())).join('\n') },
  )
  return html(status, page)
}

function bookCard(templates: Call['app']['templates'], book: Book, today: string): string {
  const { id, title, author, published, genre, shelf_mark, borrower, due } = book
  const state = borrower === null ? 'in' : due !== null && due < today ? 'overdue' : 'lent'
  const template = borrower === null ? templates.bookIn : templates.bookLent
  const facts = { id, title, author, published, genre, mark: shelf_mark, state, hue: id % 8 }
  return fill(template, {
    ...facts,
    borrower: borrower ?? '',
    when: state === 'overdue' ? `▲ Overdue since ${due}` : `● Until ${due}`,
  })
}

function foundWords(count: number, search: string): string {
  const books = count === 1 ? '1 book' : `${count} books`
  return search === '' ? `${books} on show` : `${books} found for “${search}”`
}
