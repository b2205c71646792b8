import type { LockTable } from '../../../../main/domain/locks/changes.ts'
import type { Lock } from '../../../../main/domain/locks/lock.ts'
import { type Blocker, blockersOf, keyOf } from './entries.ts'

/** Who waits for whom and for what: agents, and an edge from each to whom it holds up. Numbers index `agents`. */
export interface Waits {
  readonly agents: readonly WaitingAgent[]
  readonly edges: readonly WaitEdge[]
}

export interface WaitingAgent {
  readonly holder: string
  readonly holds: readonly Lock[]
  readonly wants: readonly Lock[]
  /** Null: it waits for nothing. */
  readonly since: number | null
}

export interface WaitEdge {
  readonly from: number
  readonly to: number
  /** What the second wants and the first has or is to have before it. */
  readonly over: readonly Lock[]
  /** False: the first only stands before it in the line. */
  readonly holds: boolean
}

const cache = new WeakMap<LockTable, Waits>()

/** Only agents that wait or are waited for. What follows from other edges over the same lock is left out. */
export function waitsOf(table: LockTable): Waits {
  const known = cache.get(table)
  if (known !== undefined) return known
  const byHolder = new Map<string, readonly Blocker[]>()
  for (const waiter of table.waiters) byHolder.set(waiter.holder, blockersOf(table, waiter))
  const names: string[] = []
  const numbers = new Map<string, number>()
  const numberOf = (holder: string): number => {
    const known = numbers.get(holder)
    if (known !== undefined) return known
    numbers.set(holder, names.length)
    return names.push(holder) - 1
  }
  const edges: WaitEdge[] = []
  for (const { holder } of table.waiters) {
    const all = byHolder.get(holder)!
    for (const blocker of all) {
      if (isImplied(blocker, all, byHolder)) continue
      const over = blocker.over.map(({ wants }) => wants)
      edges.push({ from: numberOf(blocker.holder), to: numberOf(holder), over, holds: blocker.holds })
    }
  }
  const agents = names.map((holder): WaitingAgent => {
    const grant = table.grants.find((one) => one.holder === holder)
    const waiter = table.waiters.find((one) => one.holder === holder)
    return { holder, holds: grant?.locks ?? [], wants: waiter?.locks ?? [], since: waiter?.since ?? null }
  })
  const waits = { agents, edges }
  cache.set(table, waits)
  return waits
}

/** Somebody nearer is in the way of the same wishes, and waits itself for the same of what this one has. */
function isImplied(
  blocker: Blocker,
  all: readonly Blocker[],
  byHolder: ReadonlyMap<string, readonly Blocker[]>,
): boolean {
  const wishes = blocker.over.map(({ wants }) => keyOf(wants))
  const things = blocker.over.map(({ other }) => keyOf(other))
  return all.some((nearer) => {
    if (nearer === blocker) return false
    const further = byHolder.get(nearer.holder)?.find(({ holder }) => holder === blocker.holder)
    return (
      further !== undefined &&
      isWithin(wishes, new Set(nearer.over.map(({ wants }) => keyOf(wants)))) &&
      isWithin(things, new Set(further.over.map(({ other }) => keyOf(other))))
    )
  })
}

function isWithin(some: readonly string[], all: ReadonlySet<string>): boolean {
  return some.every((name) => all.has(name))
}
