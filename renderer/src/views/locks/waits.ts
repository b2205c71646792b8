import type { AgentWait } from '../../../../main/domain/conflicts/waitsOf.ts'
import type { LockTable } from '../../../../main/domain/locks/changes.ts'
import type { Lock } from '../../../../main/domain/locks/lock.ts'
import { type Blocker, blockersOf, keyOf } from './entries.ts'

/** Who waits for whom and for what: agents, and an edge from each to whom it holds up. Numbers index `agents`. */
export interface Waits<Edge = WaitEdge> {
  readonly agents: readonly WaitingAgent[]
  readonly edges: readonly Edge[]
}

export interface WaitingAgent {
  readonly holder: string
  readonly holds: readonly Lock[]
  readonly wants: readonly Lock[]
  /** Null: it waits for nothing. */
  readonly since: number | null
}

/** From whom is waited for to who waits. */
export type WaitEdge = LockEdge | OtherEdge

export interface LockEdge {
  readonly from: number
  readonly to: number
  /** What the second wants and the first has or is to have before it. */
  readonly over: readonly Lock[]
  /** False: the first only stands before it in the line. */
  readonly holds: boolean
}

/** For an answer, about a hand-off, or until the other is over. */
export interface OtherEdge {
  readonly from: number
  readonly to: number
  readonly wait: AgentWait
}

const cache = new WeakMap<LockTable, Waits<LockEdge>>()

/** Only agents that wait or are waited for. What follows from other edges over the same lock is left out. */
export function lockWaits(table: LockTable): Waits<LockEdge> {
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
  const edges: LockEdge[] = []
  for (const { holder } of table.waiters) {
    const all = byHolder.get(holder)!
    for (const blocker of all) {
      if (isImplied(blocker, all, byHolder)) continue
      const over = blocker.over.map(({ wants }) => wants)
      edges.push({ from: numberOf(blocker.holder), to: numberOf(holder), over, holds: blocker.holds })
    }
  }
  const agents = names.map((holder) => agentOf(table, holder))
  const waits = { agents, edges }
  cache.set(table, waits)
  return waits
}

function agentOf(table: LockTable, holder: string): WaitingAgent {
  const grant = table.grants.find((one) => one.holder === holder)
  const waiter = table.waiters.find((one) => one.holder === holder)
  return { holder, holds: grant?.locks ?? [], wants: waiter?.locks ?? [], since: waiter?.since ?? null }
}

/** Those for locks, and those of agents at work for each other. */
export function allWaits(table: LockTable, others: readonly AgentWait[]): Waits {
  const locks = lockWaits(table)
  if (others.length === 0) return locks
  const agents = [...locks.agents]
  const numbers = new Map(agents.map(({ holder }, i) => [holder, i]))
  const numberOf = (holder: string): number => {
    const known = numbers.get(holder)
    if (known !== undefined) return known
    numbers.set(holder, agents.length)
    return agents.push(agentOf(table, holder)) - 1
  }
  const edges = others.map((wait): OtherEdge => {
    const [from, to] = [numberOf(wait.whom), numberOf(wait.holder)]
    const agent = agents[to]!
    agents[to] = { ...agent, since: Math.min(agent.since ?? wait.since, wait.since) }
    return { from, to, wait }
  })
  return { agents, edges: [...locks.edges, ...edges] }
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
