import type { Store } from '../database/store.ts'
import { many, one } from '../queries/byName.ts'

export interface Overdue {
  readonly id: number
  readonly title: string
  readonly name: string
  readonly due: string
}

export interface Counts {
  readonly books: number
  readonly members: number
  readonly lent: number
}

export interface PastLoan {
  readonly id: number
  readonly name: string
  readonly lent: string
  readonly returned: string | null
}

/** Loans that should have come back before `today`, the oldest first. */
export function overdueLoans(store: Store, today: string): Overdue[] {
  return many<Overdue>(store, 'overdueLoans', { today })
}

export function bookHistory(store: Store, book: number): PastLoan[] {
  return many<PastLoan>(store, 'historyOfBook', { book })
}

export function counts(store: Store): Counts {
  return one<Counts>(store, 'countEverything') ?? { books: 0, members: 0, lent: 0 }
}
