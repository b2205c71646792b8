import type { Grant, LockTable, Waiter } from '../../../../main/domain/locks/changes.ts'
import type { Lock } from '../../../../main/domain/locks/lock.ts'
import { locksConflict } from '../../../../main/domain/locks/meet.ts'

/** One thing that is held or waited for: a glob or a named resource, with everybody who has to do with it. */
export interface Entry {
  /** `files:src/**`, `resource:port:5432`. */
  readonly key: string
  readonly kind: Lock['kind']
  /** As it was asked for. */
  readonly on: string
  /** In the order of their grants; several where it is shared. */
  readonly holders: readonly Holding[]
  /** In the order in which they are served. */
  readonly waiters: readonly Waiting[]
  /** Who holds some of it under another name, where nobody holds just this. */
  readonly partly: readonly string[]
}

export interface Holding {
  readonly holder: string
  readonly lock: Lock
  readonly since: number
}

export interface Waiting {
  readonly holder: string
  /** What of its wishes this is about, as it was asked for. */
  readonly wants: Lock
  /** In the line of this entry, from 1. */
  readonly place: number
  /** 0 first, 5 last. */
  readonly priority: number
  readonly since: number
  /** Works already and asks for more. */
  readonly begun: boolean
  /** Whom it waits for, all its wishes taken together; empty where nothing but a free agent is missing. */
  readonly behind: readonly string[]
}

const cache = new WeakMap<LockTable, readonly Entry[]>()

/**
 * Everything held or wanted in a project, each once. A waiter stands at what it wants, and at each held thing that is
 * in its way, under whatever name that is held. Worked out once a table.
 */
export function entriesOf(table: LockTable): readonly Entry[] {
  const known = cache.get(table)
  if (known !== undefined) return known
  const drafts = new Map<string, Draft>()
  const draftOf = (lock: Lock): Draft => {
    const key = keyOf(lock)
    const draft = drafts.get(key) ?? { lock, holders: [], waiters: [] }
    drafts.set(key, draft)
    return draft
  }
  for (const grant of table.grants) {
    for (const lock of grant.locks) {
      draftOf(lock).holders.push({ holder: grant.holder, lock, since: grant.since })
    }
  }
  for (const waiter of table.waiters) {
    const blockers = blockersOf(table, waiter)
    const behind = blockers.map(({ holder }) => holder)
    const stand = (draft: Draft, wants: Lock): void => {
      if (draft.waiters.at(-1)?.holder === waiter.holder) return
      const { holder, priority, since, begun } = waiter
      const place = draft.waiters.length + 1
      draft.waiters.push({ holder, wants, place, priority, since, begun, behind })
    }
    for (const wants of waiter.locks) stand(draftOf(wants), wants)
    for (const { holds, over } of blockers)
      if (holds) for (const { wants, other } of over) stand(draftOf(other), wants)
  }
  const entries = [...drafts].map(([key, { lock, holders, waiters }]): Entry => {
    const partly = holders.length > 0 ? [] : partHolders(table, key, waiters)
    return { key, kind: lock.kind, on: lock.on, holders, waiters, partly }
  })
  cache.set(table, entries)
  return entries
}

function partHolders(table: LockTable, key: string, waiters: readonly Waiting[]): readonly string[] {
  const found = waiters.flatMap(({ holder }) => {
    const waiter = table.waiters.find((one) => one.holder === holder)!
    return blockersOf(table, waiter)
      .filter(({ holds, over }) => holds && over.some(({ wants }) => keyOf(wants) === key))
      .map((blocker) => blocker.holder)
  })
  return [...new Set(found)]
}

interface Draft {
  readonly lock: Lock
  readonly holders: Holding[]
  readonly waiters: Waiting[]
}

export function keyOf({ kind, on }: Pick<Lock, 'kind' | 'on'>): string {
  return `${kind}:${on}`
}

/** A holder in somebody's way, or somebody before it in the line who wants the same; with what of theirs clashes. */
export interface Blocker {
  readonly holder: string
  readonly holds: boolean
  /** The waiter's wishes that clash with it, and what of the other's they clash with. */
  readonly over: readonly { readonly wants: Lock; readonly other: Lock }[]
}

const blockers = new WeakMap<LockTable, Map<string, readonly Blocker[]>>()

/** Everybody a waiter waits for, holders first. Empty where it could go on at once. */
export function blockersOf(table: LockTable, waiter: Waiter): readonly Blocker[] {
  const all = blockers.get(table) ?? new Map<string, readonly Blocker[]>()
  blockers.set(table, all)
  const known = all.get(waiter.holder)
  if (known !== undefined) return known
  const ahead = table.waiters.slice(0, table.waiters.indexOf(waiter))
  const clash = (other: Grant | Waiter, holds: boolean): readonly Blocker[] => {
    if (other.holder === waiter.holder) return []
    const over = waiter.locks.flatMap((wants) =>
      other.locks.flatMap((lock) =>
        locksConflict(lock, wants, table.folded) ? [{ wants, other: lock }] : [],
      ),
    )
    return over.length === 0 ? [] : [{ holder: other.holder, holds, over }]
  }
  const found = [
    ...table.grants.flatMap((grant) => clash(grant, true)),
    ...ahead.flatMap((other) => clash(other, false)),
  ]
  const names = new Set<string>()
  const once = found.filter(({ holder }) => !names.has(holder) && names.add(holder))
  all.set(waiter.holder, once)
  return once
}

/** What an agent holds and waits for; undefined where it has to do with no lock. */
export function locksOf(
  table: LockTable,
  holder: string,
): { readonly grant: Grant | undefined; readonly waiter: Waiter | undefined } | undefined {
  const grant = table.grants.find((one) => one.holder === holder)
  const waiter = table.waiters.find((one) => one.holder === holder)
  return grant === undefined && waiter === undefined ? undefined : { grant, waiter }
}
