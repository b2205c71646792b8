import { globsOverlap } from './glob/overlap.ts'
import { parseGlob } from './glob/parseGlob.ts'

/** One thing to hold: paths of the repository by a glob, or something git cannot see by its name. */
export interface Lock {
  readonly kind: 'files' | 'resource'
  /** A glob, or a name like `database_schema`, `port:5432`, `env:staging`. */
  readonly on: string
  /** Shared ones go together; an exclusive one goes with none. */
  readonly mode: 'exclusive' | 'shared'
  /** Who asks for it waits behind everybody who asked before, however urgent it is (`write_queue: FIFO`). */
  readonly fifo?: boolean | undefined
}

/** May these two not be held by two at once? `folded`: on a disk that does not tell `A` from `a`. */
export function locksConflict(a: Lock, b: Lock, folded = false): boolean {
  if (a.mode === 'shared' && b.mode === 'shared') return false
  return locksMeet(a, b, folded)
}

/** Are they on the same thing, or can they be on the same path? */
export function locksMeet(a: Lock, b: Lock, folded = false): boolean {
  if (a.kind !== b.kind) return false
  if (a.on === b.on) return true
  return a.kind === 'files' && globsOverlap(parseGlob(a.on, folded), parseGlob(b.on, folded))
}

export function setsConflict(a: readonly Lock[], b: readonly Lock[], folded = false): boolean {
  return a.some((one) => b.some((other) => locksConflict(one, other, folded)))
}

/** For people: `src/api/**`, `package.json (shared)`. */
export function lockWords({ on, mode }: Lock): string {
  return mode === 'shared' ? `${on} (shared)` : on
}
