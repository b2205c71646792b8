import type { DatabaseSync } from 'node:sqlite'
import { openStore, type Store, transaction } from '../../api/database/store.ts'
import { addDays } from '../../api/library/dates.ts'
import { shelfMark } from '../../api/library/shelfMark.ts'
import { isbn13 } from './isbn.ts'
import { type Migration, migrate, readMigrations } from './migrations.ts'

/** Rows of the sample: a town library rather than a shelf, so that a missing index is felt. */
export const SAMPLE = { authors: 400, books: 4000, members: 500, loans: 30_000 } as const

const GENRES = ['Fiction', 'Classic', 'Science', 'Mystery', 'Memoir', 'Fantasy']
const FAMILIES = [
  'Adler',
  'Brandt',
  'Castro',
  'Dahl',
  'Eriksen',
  'Fischer',
  'Garcia',
  'Hughes',
  'Ito',
  'Jansen',
]
const WORDS = [
  'River',
  'Winter',
  'Garden',
  'Harbour',
  'Letter',
  'Mirror',
  'Orchard',
  'Stone',
  'Lantern',
  'Island',
]

/** A large database, the same rows every time, for measuring queries and for the staging server. */
export function sampleStore(path: string, migrations: readonly Migration[] = readMigrations()): Store {
  const store = openStore(path)
  migrate(store.database, [...migrations])
  transaction(store.database, () => fill(store.database, random(2026)))
  store.database.exec('ANALYZE')
  return store
}

function fill(database: DatabaseSync, next: (below: number) => number): void {
  const pick = (list: readonly string[]): string => list[next(list.length)]!
  const author = database.prepare('INSERT INTO authors (given, family) VALUES (?, ?)')
  for (let i = 0; i < SAMPLE.authors; i++) author.run(`A. ${i}`, FAMILIES[i % FAMILIES.length]!)
  const book = database.prepare(
    'INSERT INTO books (isbn, title, author_id, published, genre, shelf_mark) VALUES (?, ?, ?, ?, ?, ?)',
  )
  for (let i = 0; i < SAMPLE.books; i++) {
    const writer = next(SAMPLE.authors)
    const published = 1900 + next(126)
    const mark = shelfMark(FAMILIES[writer % FAMILIES.length]!, published)
    book.run(
      isbn13(10_000 + i),
      `The ${pick(WORDS)} and the ${pick(WORDS)} ${i}`,
      writer + 1,
      published,
      pick(GENRES),
      mark,
    )
  }
  const member = database.prepare('INSERT INTO members (name, joined) VALUES (?, ?)')
  for (let i = 0; i < SAMPLE.members; i++) member.run(`Member ${i}`, addDays('2020-01-01', next(700)))
  const loan = database.prepare(
    'INSERT INTO loans (book_id, member_id, lent, due, returned) VALUES (?, ?, ?, ?, ?)',
  )
  for (let i = 0; i < SAMPLE.loans; i++) {
    const lent = addDays('2022-01-01', next(1400))
    const open = i < SAMPLE.books / 4
    loan.run(
      open ? i + 1 : next(SAMPLE.books) + 1,
      next(SAMPLE.members) + 1,
      lent,
      addDays(lent, 21),
      open ? null : addDays(lent, next(40)),
    )
  }
}

/** Whole numbers from 0 up to, not including, `below`: the same for the same seed (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
