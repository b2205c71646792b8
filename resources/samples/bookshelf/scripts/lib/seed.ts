import { join } from 'node:path'
import { openStore, type Store } from '../../api/database/store.ts'
import { addBook } from '../../api/library/catalogue.ts'
import { splitName } from '../../api/library/draft.ts'
import { lendBook, returnBook } from '../../api/library/lending.ts'
import { readJson } from './files.ts'
import { isbn13 } from './isbn.ts'
import { migrate } from './migrations.ts'
import { root } from './project.ts'

type SeedBook = readonly [title: string, author: string, published: number, genre: string]

/** A database with the shelf of `seed/books.json` and a few loans, made through the product's own code. */
export function seededStore(path: string): Store {
  const store = openStore(path)
  migrate(store.database)
  readJson<SeedBook[]>(join(root, 'seed', 'books.json')).forEach(([title, author, published, genre], i) => {
    const [given, family] = splitName(author)
    addBook(store, { isbn: isbn13(i + 1), title, given, family, published, genre })
  })
  lendBook(store, 1, 'Amara', '2026-01-05')
  returnBook(store, 1, '2026-01-19')
  lendBook(store, 1, 'Bruno', '2026-02-02')
  lendBook(store, 5, 'Chiyo', '2026-02-10')
  lendBook(store, 12, 'Amara', '2026-02-14')
  return store
}
