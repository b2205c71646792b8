import { type Store, transaction } from '../database/store.ts'
import { many, one, run } from '../queries/byName.ts'
import { findBook } from './catalogue.ts'
import { addDays } from './dates.ts'

const LOAN_DAYS = 21

export type LendResult =
  | { readonly status: 'lent'; readonly due: string }
  | { readonly status: 'unknown-book' }
  | { readonly status: 'nameless' }
  | { readonly status: 'already-lent'; readonly borrower: string }

export type ReturnResult = { readonly status: 'returned' } | { readonly status: 'not-lent' }

/** Lends a book for three weeks; who borrows for the first time becomes a member. */
export function lendBook(store: Store, book: number, borrower: string, today: string): LendResult {
  const name = borrower.trim()
  if (name === '') return { status: 'nameless' }
  return transaction(store.database, () => {
    const found = findBook(store, book)
    if (found === undefined) return { status: 'unknown-book' }
    if (found.borrower !== null) return { status: 'already-lent', borrower: found.borrower }
    const member = memberId(store, name, today)
    const due = addDays(today, LOAN_DAYS)
    run(store, 'lendBook', { book, member, lent: today, due })
    return { status: 'lent', due }
  })
}

export function returnBook(store: Store, book: number, today: string): ReturnResult {
  const { changes } = run(store, 'returnBook', { book, returned: today })
  return { status: changes === 1 ? 'returned' : 'not-lent' }
}

export interface MemberLoan {
  readonly id: number
  readonly title: string
  readonly lent: string
  readonly due: string
  readonly returned: string | null
}

/** What a member has borrowed, the latest first; undefined for someone who is no member. */
export function loansOf(store: Store, name: string, limit = 20): MemberLoan[] | undefined {
  const member = one<{ id: number }>(store, 'findMember', { name })
  if (member === undefined) return undefined
  return many<MemberLoan>(store, 'loansOfMember', { member: member.id, limit })
}

function memberId(store: Store, name: string, today: string): number {
  const known = one<{ id: number }>(store, 'findMember', { name })
  return known?.id ?? run(store, 'addMember', { name, joined: today }).id
}
