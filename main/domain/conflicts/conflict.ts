/** How a conflict came about. */
export const CONFLICT_CAUSES = [
  /** Two claim the same files or the same resource. */
  'overlap',
  /** Two do the same. */
  'duplicate',
  /** One wrote what it does not hold. */
  'undeclared-write',
  /** The most urgent work waits for what is less urgent. */
  'priority',
  /** One takes what another's role owns. */
  'ownership',
  /** What one made does not go with what was merged before. */
  'merge',
  /** What two make now would not go together. */
  'predicted',
] as const
export type ConflictCause = (typeof CONFLICT_CAUSES)[number]

/** What it is about: the kinds of the escalation matrix. */
export const CONFLICT_KINDS = [
  'technical',
  'design',
  'priority',
  'ownership',
  'security',
  'resource',
] as const
export type ConflictKind = (typeof CONFLICT_KINDS)[number]

export const CONFLICT_ACTIONS = [
  /** Who has the better claim goes on; the others are held until it is over. */
  'wait',
  /** The others are stopped. */
  'terminate',
  /** All go on; what they make is brought together when it is merged. */
  'merge',
  /** All go on; the files belong to the one with the better claim, and what the others change in them is left out. */
  'split',
  /** Who wrote what it does not hold gets it. */
  'allow',
  /** What it wrote stays aside; it goes on without. */
  'discard',
  /** There is nothing to settle. */
  'dismiss',
] as const
export type ConflictAction = (typeof CONFLICT_ACTIONS)[number]

export type ConflictLevel = 1 | 2 | 3

export interface Evidence {
  readonly holder: string
  /** For people: what it did, with which files. */
  readonly text: string
  /** Content hash of a stored unified diff; null where there is none. */
  readonly patch: string | null
}

export interface Recommendation {
  readonly action: ConflictAction
  /** The holder that goes on; null where the action names none. */
  readonly keep: string | null
  readonly reasons: readonly string[]
}

export interface Resolution {
  readonly action: ConflictAction
  readonly keep: string | null
  /** `person:ann`, `agents`, `engine`. */
  readonly by: string
  readonly at: number
  /** Null until looked at: was the outcome seen in git to be what was resolved? */
  readonly verified: boolean | null
  readonly detail: string
}

/** What somebody saw: a conflict to be, or more of one that is open. */
export interface FoundConflict {
  readonly cause: ConflictCause
  /** That of the cause where nothing is said. */
  readonly kind?: ConflictKind
  readonly parties: readonly string[]
  readonly files: readonly string[]
  /** For people, one sentence. */
  readonly text: string
  readonly evidence: readonly Evidence[]
  /** Nobody is asked: what becomes of it is settled already. */
  readonly decided?: boolean
}

/** What would come of merging work as it is now. */
export interface Foreseen {
  /** Attempts under way: two, or one that does not go with what its run has merged. */
  readonly parties: readonly string[]
  readonly files: readonly string[]
  /** What each side changes in the files; `holder` null: what is merged. */
  readonly patches: readonly {
    readonly holder: string | null
    /** Of a stored unified diff; null where it could not be made. */
    readonly hash: string | null
    readonly bytes: number
  }[]
}

/** Two or more in each other's way, or one in everybody's. */
export interface Conflict {
  /** `c7`, counted in its project. */
  readonly id: string
  readonly cause: ConflictCause
  readonly kind: ConflictKind
  readonly level: ConflictLevel
  /** Holders, an attempt's id each; the better claim first. */
  readonly parties: readonly string[]
  /** Paths, globs or names of resources. */
  readonly files: readonly string[]
  readonly text: string
  readonly evidence: readonly Evidence[]
  readonly recommendation: Recommendation
  readonly since: number
  readonly levelSince: number
  /** What each party is for, by holder. */
  readonly votes: Readonly<Record<string, ConflictAction>>
  /** Null while it is open. */
  readonly resolution: Resolution | null
}

/** A file that was in conflict before. */
export interface Clash {
  readonly count: number
  readonly last: number
  /** The tasks that met in it most recently, `web` or `api`; four at most. */
  readonly tasks: readonly string[]
  /** Runs in which it was in conflict; missing in what was recorded before they were counted. */
  readonly runs?: number
  /** The last of them. */
  readonly run?: string
  /** Runs in which two tasks could have met in it, and the last of them. */
  readonly met?: number
  readonly metIn?: string
}

/** Resolved ones that are kept in live state; all are in the log. */
export const KEPT_RESOLVED = 50
/** Files whose earlier conflicts are remembered. */
export const KEPT_CLASHES = 1_000

/** Actions that settle a conflict of this cause. */
export function actionsFor(cause: ConflictCause): readonly ConflictAction[] {
  switch (cause) {
    case 'undeclared-write':
      return ['allow', 'discard', 'terminate']
    case 'merge':
      return ['merge', 'terminate', 'dismiss']
    // One of them has not begun: there is nothing yet to bring together.
    case 'priority':
      return ['wait', 'terminate', 'dismiss']
    case 'duplicate':
      return ['terminate', 'wait', 'dismiss']
    default:
      return ['wait', 'terminate', 'merge', 'split', 'dismiss']
  }
}

/** Does the action name one that goes on? */
export function keepsOne(action: ConflictAction): boolean {
  return action === 'wait' || action === 'terminate' || action === 'split'
}
