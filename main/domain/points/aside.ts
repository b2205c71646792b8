import type { AsidePolicy } from '../targets/target.ts'

/** Those of targets that say nothing of it. */
export const DEFAULT_ASIDE: AsidePolicy = { keep: 2, maxAgeMs: 7 * 24 * 3_600_000 }

/** A database that gave its place to a restored one; nobody but a person or this policy ever drops it. */
export interface AsideDatabase {
  readonly name: string
  readonly bytes: number
  /** When it was put aside; null where that is not known. */
  readonly at: number | null
  /**
   * The point that takes its rollback back: what was written between that point and the hold is here and nowhere else.
   * Null: there is no such point any more.
   */
  readonly completes: string | null
}

/**
 * What the policy lets go: beyond the newest `keep`, or older than `maxAgeMs`. Never one that a rollback could not be
 * undone whole without, and never one whose age nobody knows.
 */
export function outdatedAside(
  all: readonly AsideDatabase[],
  { keep, maxAgeMs }: AsidePolicy,
  now: number,
): readonly AsideDatabase[] {
  return newestFirst(all).filter(
    ({ at, completes }, i) => completes === null && at !== null && (i >= keep || now - at > maxAgeMs),
  )
}

export function newestFirst<T extends AsideDatabase>(all: readonly T[]): readonly T[] {
  return all.toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0) || (a.name < b.name ? -1 : 1))
}
