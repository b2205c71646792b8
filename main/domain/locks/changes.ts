import { type Lock, sameLock } from './lock.ts'

/**
 * Who holds what in a project and who waits for what. A set is granted as a whole or not at all.
 *
 * Two kinds of waiters: who has not begun holds nothing, and asks once, for all it declared; who has begun holds
 * something already and asks for more. Those that have begun go first, because they are in everybody's way until they
 * are done; so who has not begun is never waited for, and a circle can form among holders alone, where it is looked
 * for before anybody waits.
 */
export interface LockTable {
  /** One a holder, in the order of their first grant. */
  readonly grants: readonly Grant[]
  /** In the order in which they are served, those that have begun first. */
  readonly waiters: readonly Waiter[]
  /** Fencing tokens count up for ever: a later grant has a higher one. */
  readonly lastToken: number
  readonly folded: boolean
}

export interface Grant {
  readonly holder: string
  readonly locks: readonly Lock[]
  /** Of its latest grant: an older one of the same holder is stale. */
  readonly token: number
  readonly since: number
}

export interface Waiter {
  readonly holder: string
  readonly locks: readonly Lock[]
  /** 0 first, 5 last. */
  readonly priority: number
  readonly since: number
  readonly begun: boolean
  /** How many came later and went ahead. */
  readonly overtaken: number
}

export const NO_LOCKS: LockTable = { grants: [], waiters: [], lastToken: 0, folded: false }

export type Request = Omit<Waiter, 'overtaken'>

/** Where a request comes to stand, and whom it goes ahead of: also when it gets what it wants at once. */
export interface Placing {
  readonly place: number
  readonly overtakes: readonly string[]
}

function overtaken(table: LockTable, overtakes: readonly string[]): readonly Waiter[] {
  if (overtakes.length === 0) return table.waiters
  return table.waiters.map((waiter) =>
    overtakes.includes(waiter.holder) ? { ...waiter, overtaken: waiter.overtaken + 1 } : waiter,
  )
}

export function withWaiter(table: LockTable, request: Request, { place, overtakes }: Placing): LockTable {
  const waiters = overtaken(table, overtakes).toSpliced(place, 0, { ...request, overtaken: 0 })
  return { ...table, waiters }
}

/** Adds to what the holder has; it waits no longer. The token is the next one. */
export function withGrant(
  table: LockTable,
  { holder, locks: wanted }: Pick<Request, 'holder' | 'locks'>,
  overtakes: readonly string[],
  now: number,
): LockTable {
  const token = table.lastToken + 1
  const waiters = overtaken(table, overtakes).filter((waiter) => waiter.holder !== holder)
  const held = table.grants.find((grant) => grant.holder === holder)
  const locks = held === undefined ? wanted : joined(held.locks, wanted)
  const grant: Grant = { holder, locks, token, since: held?.since ?? now }
  const grants =
    held === undefined
      ? [...table.grants, grant]
      : table.grants.map((other) => (other === held ? grant : other))
  return { ...table, grants, waiters, lastToken: token }
}

function joined(held: readonly Lock[], more: readonly Lock[]): readonly Lock[] {
  const isNew = (lock: Lock): boolean => !held.some((one) => sameLock(one, lock))
  return [...held, ...more.filter(isNew)]
}

/** Takes these locks from a holder, or all of them, and with all its wait too. */
export function withoutLocks(table: LockTable, holder: string, locks?: readonly Lock[]): LockTable {
  const kept = (grant: Grant): readonly Lock[] =>
    locks === undefined ? [] : grant.locks.filter((held) => !locks.some((lock) => sameLock(held, lock)))
  const grants = table.grants.flatMap((grant) => {
    if (grant.holder !== holder) return [grant]
    const left = kept(grant)
    return left.length === 0 ? [] : [{ ...grant, locks: left }]
  })
  const waiters = locks === undefined ? withoutWaiter(table, holder).waiters : table.waiters
  return { ...table, grants, waiters }
}

export function withoutWaiter(table: LockTable, holder: string): LockTable {
  return { ...table, waiters: table.waiters.filter((waiter) => waiter.holder !== holder) }
}
