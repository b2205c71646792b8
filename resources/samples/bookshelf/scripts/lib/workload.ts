import { type Params, type Store, transaction } from '../../api/database/store.ts'
import { many, one, run } from '../../api/queries/byName.ts'
import { catalogue } from '../../api/queries/catalogue.ts'
import { SAMPLE } from './sampleStore.ts'

export interface Step {
  readonly query: string
  readonly params: Params
}

/** What a day at the desk asks of the sample database: mostly reading, a loan now and then. */
export function workload(rounds = 40): Step[] {
  return Array.from({ length: rounds }, (_, i) => round(i)).flat()
}

function round(i: number): Step[] {
  const book = ((i * 37) % SAMPLE.books) + 1
  const member = ((i * 13) % SAMPLE.members) + 1
  return [
    { query: 'listBooks', params: { pattern: i % 2 === 0 ? '%River%' : `%${i}%`, limit: 100 } },
    { query: 'findBook', params: { id: book } },
    { query: 'booksByAuthor', params: { author: (i % SAMPLE.authors) + 1 } },
    { query: 'historyOfBook', params: { book } },
    { query: 'findMember', params: { name: `Member ${member}` } },
    { query: 'loansOfMember', params: { member, limit: 20 } },
    { query: 'overdueLoans', params: { today: '2024-06-01' } },
    { query: 'countEverything', params: {} },
    { query: 'returnBook', params: { book: i + 1, returned: '2026-06-01' } },
    { query: 'lendBook', params: { book: i + 1, member, lent: '2026-06-01', due: '2026-06-22' } },
  ]
}

export type Runner = (store: Store, step: Step) => unknown

/** Through the layer that finds queries by name. */
export const byName: Runner = (store, { query, params }) => {
  switch (catalogue.get(query)?.returns) {
    case 'many':
      return many(store, query, params)
    case 'one':
      return one(store, query, params)
    default:
      return run(store, query, params)
  }
}

/** Runs all steps in one transaction that is rolled back: the database is the same afterwards. */
export function rehearse(store: Store, steps: readonly Step[], runner: Runner): unknown[] {
  const results: unknown[] = []
  const undo = new Error('undo')
  try {
    transaction(store.database, () => {
      for (const step of steps) results.push(runner(store, step))
      throw undo
    })
  } catch (error) {
    if (error !== undo) throw error
  }
  return results
}
