import type { Grant, LockTable, Placing, Request, Waiter } from './changes.ts'
import type { Lock } from './lock.ts'
import { locksMeet, setsConflict } from './meet.ts'

/** Questions to a lock table. These compare globs; what changes a table (changes.ts) does not. */

/** Nobody is overtaken more often: so nobody waits for ever behind what is more urgent. */
export const MOST_OVERTAKEN = 16

/** Holders whose locks do not go with these. */
export function holdersInTheWay(table: LockTable, holder: string, locks: readonly Lock[]): readonly Grant[] {
  return table.grants.filter(
    (grant) => grant.holder !== holder && setsConflict(grant.locks, locks, table.folded),
  )
}

/** Waiters that are served before this request and want what it wants. */
function waitersAhead(table: LockTable, request: Request): readonly Waiter[] {
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

export function placing(table: LockTable, request: Request): Placing {
  const place = placeOf(table, request)
  const behind = table.waiters.slice(place).filter(({ holder }) => holder !== request.holder)
  const passed = behind.filter(({ locks }) => setsConflict(locks, request.locks, table.folded))
  return { place, overtakes: passed.map(({ holder }) => holder) }
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
