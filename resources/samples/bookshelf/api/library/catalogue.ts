import { type Store, transaction } from '../database/store.ts'
import { many, one, run } from '../queries/byName.ts'
import type { BookDraft } from './draft.ts'
import { shelfMark } from './shelfMark.ts'

export interface Book {
  readonly id: number
  readonly isbn: string
  readonly title: string
  readonly author: string
  readonly published: number
  readonly genre: string
  readonly shelf_mark: string
  /** Who has it; null when it stands on the shelf. */
  readonly borrower: string | null
  /** ISO date; null when it stands on the shelf. */
  readonly due: string | null
}

export type AddBookResult =
  | { readonly status: 'added'; readonly id: number }
  | { readonly status: 'known-isbn' }

/** Books whose title or author contains `search`, as they stand on the shelf. */
export function searchBooks(store: Store, search: string, limit = 100): Book[] {
  const pattern = `%${search.trim()}%`
  return many<Book>(store, 'listBooks', { pattern, limit })
}

export function findBook(store: Store, id: number): Book | undefined {
  return one<Book>(store, 'findBook', { id })
}

export function otherBooks(store: Store, author: number): { id: number; title: string; published: number }[] {
  return many<{ id: number; title: string; published: number }>(store, 'booksByAuthor', { author })
}

export function addBook(store: Store, draft: BookDraft): AddBookResult {
  const { isbn, title, given, family, published, genre } = draft
  return transaction(store.database, () => {
    if (one<{ id: number }>(store, 'findIsbn', { isbn }) !== undefined) return { status: 'known-isbn' }
    const author =
      one<{ id: number }>(store, 'findAuthor', { given, family })?.id ??
      run(store, 'addAuthor', { given, family }).id
    const shelf_mark = shelfMark(family, published)
    const { id } = run(store, 'addBook', { isbn, title, author, published, genre, shelf_mark })
    return { status: 'added', id }
  })
}
