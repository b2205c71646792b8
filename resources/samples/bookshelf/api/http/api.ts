import { addBook, findBook, otherBooks, searchBooks } from '../library/catalogue.ts'
import { checkDraft } from '../library/draft.ts'
import { lendBook, loansOf, returnBook } from '../library/lending.ts'
import { bookHistory, overdueLoans } from '../library/reports.ts'
import { json, problem, type Reply, text } from './reply.ts'
import type { Call, Route } from './router.ts'

const NO_SUCH_BOOK = 'There is no book with that number.'

/** What programs call. People use the pages. */
export const apiRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/books',
    handle: ({ app, url }) => json(200, searchBooks(app.store, url.searchParams.get('q') ?? '')),
  },
  { method: 'POST', path: '/api/books', handle: postBook },
  { method: 'GET', path: '/api/books/:id', handle: getBook },
  { method: 'POST', path: '/api/books/:id/loan', handle: postLoan },
  { method: 'DELETE', path: '/api/books/:id/loan', handle: deleteLoan },
  {
    method: 'GET',
    path: '/api/authors/:id/books',
    handle: ({ app, params }) => json(200, otherBooks(app.store, Number(params.id))),
  },
  { method: 'GET', path: '/api/members/:name/loans', handle: getLoans },
  {
    method: 'GET',
    path: '/api/overdue',
    handle: ({ app }) => json(200, overdueLoans(app.store, app.today())),
  },
  { method: 'GET', path: '/healthz', handle: ({ app }) => json(200, { status: 'ok', ...app.build }) },
  {
    method: 'GET',
    path: '/metrics',
    handle: ({ app }) => text(200, app.metrics.render(app.build, app.store.statistics)),
  },
]

function getBook({ app, params }: Call): Reply {
  const book = findBook(app.store, Number(params.id))
  if (book === undefined) return problem(404, NO_SUCH_BOOK)
  return json(200, { ...book, history: bookHistory(app.store, book.id) })
}

function postBook({ app, fields }: Call): Reply {
  const checked = checkDraft(fields)
  if (checked.status === 'invalid') return problem(422, ...checked.problems)
  const added = addBook(app.store, checked.draft)
  if (added.status === 'known-isbn') return problem(409, 'A book with this ISBN is on the shelf already.')
  return json(201, findBook(app.store, added.id))
}

function postLoan({ app, params, fields }: Call): Reply {
  const result = lendBook(app.store, Number(params.id), String(fields.name ?? ''), app.today())
  switch (result.status) {
    case 'lent':
      return json(201, { due: result.due })
    case 'unknown-book':
      return problem(404, NO_SUCH_BOOK)
    case 'nameless':
      return problem(422, 'Say who borrows the book.')
    case 'already-lent':
      return problem(409, `${result.borrower} has that book.`)
  }
}

function deleteLoan({ app, params }: Call): Reply {
  const result = returnBook(app.store, Number(params.id), app.today())
  return result.status === 'returned' ? json(200, result) : problem(409, 'That book is not lent.')
}

function getLoans({ app, params }: Call): Reply {
  const loans = loansOf(app.store, decodeURIComponent(params.name ?? ''))
  return loans === undefined ? problem(404, 'There is no member of that name.') : json(200, loans)
}
