import type { EventOf } from '../events.ts'
import type { Attempt } from '../state.ts'

/** What becomes of an agent that writes outside what it may write. */
export const STRAY_POLICIES = ['hold', 'stop', 'report'] as const
/** It stands still until somebody has ruled; it is stopped; it works on, and what it wrote is not committed. */
export type StrayPolicy = (typeof STRAY_POLICIES)[number]

/** What an attempt wrote outside what it may write. */
export interface Strays {
  /** How often it was set aside. */
  readonly count: number
  /** What is not settled yet. */
  readonly open: Aside | null
  /** Left where it is and not asked about again: it could not be set aside, and is not committed. */
  readonly tolerated: readonly string[]
}

/** One setting aside: *taking* (its effect is open), *aside* (kept), *returning* (allowed, and being put back). */
export interface Aside {
  readonly stage: 'taking' | 'aside' | 'returning'
  /** The conflict it is about: `c7`. */
  readonly conflict: string
  /** Paths, and folders with `/` at the end: as they were seen, then as they were kept. */
  readonly paths: readonly string[]
  /** Null while it is taken, and where nothing could be kept. */
  readonly commit: string | null
  readonly verdict: 'allow' | 'discard' | null
}

export const NO_STRAYS: Strays = { count: 0, open: null, tolerated: [] }

export type StrayEvent = EventOf<
  'stray.seen' | 'stray.set-aside' | 'stray.ruled' | 'stray.returning' | 'stray.closed'
>

/** It is over: nothing is set aside or put back any more, and its commit is checked. */
export function withoutOpen({ strays }: Attempt): Pick<Attempt, 'strays'> {
  return strays === undefined ? {} : { strays: { ...strays, open: null } }
}

const MOST_TOLERATED = 200

export function evolveStrays(attempt: Attempt, data: StrayEvent): Attempt {
  const strays = attempt.strays ?? NO_STRAYS
  const { open } = strays
  switch (data.type) {
    case 'stray.seen': {
      const { conflict, paths, count } = data
      const seen: Aside = { stage: 'taking', conflict, paths, commit: null, verdict: null }
      return { ...attempt, strays: { ...strays, count, open: seen } }
    }
    case 'stray.set-aside': {
      const { commit, paths, left } = data
      const tolerated = [...new Set([...strays.tolerated, ...left.map(({ path }) => path)])]
      const kept = open === null ? null : { ...open, stage: 'aside' as const, commit, paths }
      const next = { ...strays, open: kept, tolerated: tolerated.slice(-MOST_TOLERATED) }
      return { ...attempt, strays: next, trouble: null }
    }
    case 'stray.ruled':
      return {
        ...attempt,
        strays: { ...strays, open: open === null ? null : { ...open, verdict: data.verdict } },
      }
    case 'stray.returning':
      return {
        ...attempt,
        strays: { ...strays, open: open === null ? null : { ...open, stage: 'returning' } },
      }
    case 'stray.closed':
      return { ...attempt, strays: { ...strays, open: null }, trouble: null }
  }
}
