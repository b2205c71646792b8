import { matchesGlob } from './glob/matchGlob.ts'
import { globsOverlap } from './glob/overlap.ts'
import { parseGlob } from './glob/parseGlob.ts'
import type { Lock } from './lock.ts'

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

/** May its holder write this path? */
export function allowsWriting(locks: readonly Lock[], path: string, folded = false): boolean {
  return locks.some(
    ({ kind, mode, on, writes }) =>
      kind === 'files' &&
      (mode === 'exclusive' || writes === true) &&
      matchesGlob(parseGlob(on, folded), path),
  )
}
