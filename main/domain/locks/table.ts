import { type Lock, locksMeet, setsConflict } from './lock.ts'

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

/** Nobody is overtaken more often: so nobody waits for ever behind what is more urgent. */
export const MOST_OVERTAKEN = 16

export type Request = Omit<Waiter, 'overtaken'>

/** Holders whose locks do not go with these. */
export function holdersInTheWay(table: LockTable, holder: string, locks: readonly Lock[]): readonly Grant[] {
  return table.grants.filter(
    (grant) => grant.holder !== holder && setsConflict(grant.locks, locks, table.folded),
  )
}

/** Waiters that are served before this request and want what it wants. */
export function waitersAhead(table: LockTable, request: Request): readonly Waiter[] {
  const place = placeOf(table, request)
  return table.waiters.filter(
    (waiter, i) =>
      i < place &&
      waiter.holder !== request.holder &&
      setsConflict(waiter.locks, request.locks, table.folded),
  )
}

export function isFree(table: LockTable, request: Request): boolean {
  return (
    holdersInTheWay(table, request.holder, request.locks).length === 0 &&
    waitersAhead(table, request).length === 0
  )
}

/** A request of one who has begun that would make one wait who has been overtaken often enough. */
export function unfairTo(table: LockTable, request: Request): Waiter | undefined {
  if (!request.begun) return undefined
  return table.waiters.find(
    (waiter) =>
      !waiter.begun &&
      waiter.overtaken >= MOST_OVERTAKEN &&
      setsConflict(waiter.locks, request.locks, table.folded),
  )
}

/** Where it is served: behind all that came before, but for those it may overtake and those it has nothing to do with. */
function placeOf(table: LockTable, request: Request): number {
  const known = table.waiters.findIndex(({ holder }) => holder === request.holder)
  if (known !== -1) return known
  let place = table.waiters.length
  for (let i = table.waiters.length - 1; i >= 0; i--) {
    const waiter = table.waiters[i]!
    if (waiter.begun === request.begun && !setsConflict(waiter.locks, request.locks, table.folded)) continue
    if (!mayOvertake(table, request, waiter)) break
    place = i
  }
  return place
}

function mayOvertake(table: LockTable, request: Request, waiter: Waiter): boolean {
  if (request.begun !== waiter.begun) return request.begun
  if (waiter.priority <= request.priority || waiter.overtaken >= MOST_OVERTAKEN) return false
  return !request.locks.some((lock) =>
    waiter.locks.some(
      (other) => (lock.fifo === true || other.fifo === true) && locksMeet(lock, other, table.folded),
    ),
  )
}

/** Everybody it goes ahead of has been overtaken once more, whether it gets the locks at once or waits. */
function overtaking(table: LockTable, request: Request, place: number): readonly Waiter[] {
  return table.waiters.map((waiter, i) =>
    i >= place && waiter.holder !== request.holder && setsConflict(waiter.locks, request.locks, table.folded)
      ? { ...waiter, overtaken: waiter.overtaken + 1 }
      : waiter,
  )
}

export function withWaiter(table: LockTable, request: Request): LockTable {
  const place = placeOf(table, request)
  const waiters = overtaking(table, request, place)
  return { ...table, waiters: waiters.toSpliced(place, 0, { ...request, overtaken: 0 }) }
}

/** Adds to what the holder has; it waits no longer. The token is the next one. */
export function withGrant(table: LockTable, request: Request, now: number): LockTable {
  const token = table.lastToken + 1
  const waited = table.waiters.some(({ holder }) => holder === request.holder)
  const waiters = waited
    ? table.waiters.filter(({ holder }) => holder !== request.holder)
    : overtaking(table, request, placeOf(table, request))
  const held = table.grants.find(({ holder }) => holder === request.holder)
  const locks = held === undefined ? request.locks : joined(held.locks, request.locks)
  const grant: Grant = { holder: request.holder, locks, token, since: held?.since ?? now }
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

export function sameLock(a: Lock, b: Lock): boolean {
  return a.kind === b.kind && a.on === b.on && a.mode === b.mode
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

const served = new WeakMap<LockTable, readonly Waiter[]>()

/** Waiters that could have what they want now, first come first. Worked out once a table. */
export function servable(table: LockTable): readonly Waiter[] {
  const known = served.get(table)
  if (known !== undefined) return known
  const all = table.waiters.filter(
    (waiter, i) =>
      holdersInTheWay(table, waiter.holder, waiter.locks).length === 0 &&
      !table.waiters.slice(0, i).some((ahead) => setsConflict(ahead.locks, waiter.locks, table.folded)),
  )
  served.set(table, all)
  return all
}

/** Whom each waiter that has begun waits for: holders, and those served before it. */
export function waitsFor(table: LockTable, request: Request): readonly string[] {
  const ahead = waitersAhead(table, request).filter(({ begun }) => begun)
  return [
    ...new Set(
      [...holdersInTheWay(table, request.holder, request.locks), ...ahead].map(({ holder }) => holder),
    ),
  ]
}

/** Does a token still stand for all of these locks? */
export function holds(table: LockTable, holder: string, token: number, locks: readonly Lock[]): boolean {
  const grant = table.grants.find((one) => one.holder === holder)
  if (grant === undefined || grant.token !== token) return false
  return locks.every((lock) => grant.locks.some((held) => covers(held, lock)))
}

/** The same thing, in the same mode or a stronger one. */
function covers(held: Lock, lock: Lock): boolean {
  return (
    held.kind === lock.kind && held.on === lock.on && (held.mode === 'exclusive' || lock.mode === 'shared')
  )
}
