import type { Plan } from '../plan.ts'
import type { Lock } from './lock.ts'
import { locksMeet } from './meet.ts'

/** What a project says of locks on one file or resource (`conflict_resolution`). */
export interface LockRule {
  readonly kind: Lock['kind']
  /** A glob or a name. */
  readonly on: string
  /** Nobody is passed in line. */
  readonly fifo: boolean
  /** May several read it at once? */
  readonly sharedReads: boolean
  /** A holder that gives no sign of life for so long loses it, ms; null: INACTIVITY_MS. */
  readonly leaseMs: number | null
  /** Roles that are told of each change to it, and what they are to do then, in words. */
  readonly notify: readonly { readonly role: string; readonly action: string | null }[]
}

/** Nobody keeps a lock longer than this without a sign of life, ms. */
export const INACTIVITY_MS = 10 * 60_000

function rulesFor(plan: Plan, lock: Lock): readonly LockRule[] {
  return (plan.lockRules ?? []).filter((rule) => locksMeet({ ...rule, mode: 'exclusive' }, lock))
}

/** How long its holder may give no sign of life, ms. */
export function leaseMsOf(plan: Plan, lock: Lock): number {
  return rulesFor(plan, lock).reduce((least, { leaseMs }) => Math.min(least, leaseMs ?? least), INACTIVITY_MS)
}

/** As the project has it: alone where even readers are, in a line that nobody passes where it says so. */
export function underRules(plan: Plan, lock: Lock): Lock {
  const rules = rulesFor(plan, lock)
  const mode = rules.every(({ sharedReads }) => sharedReads) ? lock.mode : 'exclusive'
  const isOrdered = lock.fifo === true || rules.some(({ fifo }) => fifo)
  return isOrdered ? { ...lock, mode, fifo: true } : { ...lock, mode }
}
