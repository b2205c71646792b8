import {
  actionsFor,
  type Conflict,
  type ConflictAction,
  type Evidence,
  keepsOne,
} from '../../../../main/domain/conflicts/conflict.ts'
import { nameOfHolder } from '../../../../main/domain/conflicts/parties.ts'

/** Open ones, the gravest and then the oldest first; settled ones, the latest first. */
export function sortConflicts(conflicts: readonly Conflict[]): {
  readonly open: readonly Conflict[]
  readonly settled: readonly Conflict[]
} {
  const open = conflicts.filter(({ resolution }) => resolution === null)
  const settled = conflicts.filter(({ resolution }) => resolution !== null)
  return {
    open: open.toSorted((a, b) => weightOf(b) - weightOf(a) || a.since - b.since),
    settled: settled.toSorted((a, b) => b.resolution!.at - a.resolution!.at),
  }
}

/** What is only foreseen comes after what is there. */
function weightOf({ level, cause }: Conflict): number {
  return level * 2 - (cause === 'predicted' ? 1 : 0)
}

/** One side, with what is known of what it did. */
export interface Side {
  readonly holder: string
  readonly evidence: readonly Evidence[]
  readonly vote: ConflictAction | undefined
}

export function sidesOf({ parties, evidence, votes }: Conflict): readonly Side[] {
  return parties.map((holder) => ({
    holder,
    evidence: evidence.filter((one) => one.holder === holder),
    vote: votes[holder],
  }))
}

/** Something that would settle it. */
export interface Option {
  readonly action: ConflictAction
  /** Who goes on, and the others; empty where the action names none. */
  readonly keep: string
  readonly others: readonly string[]
  readonly recommended: boolean
}

/** The ways out, the recommended one first. `keep`: who is to go on where one has to be chosen. */
export function optionsOf(conflict: Conflict, keep: string): readonly Option[] {
  const { action, keep: advised } = conflict.recommendation
  const options = actionsFor(conflict.cause).map((one): Option => {
    // Of one that has nobody against it there is nobody to go on instead.
    const kept = keepsOne(one) && conflict.parties.length > 1 ? keep : ''
    const others = conflict.parties.filter((holder) => holder !== kept)
    const isAdvised = one === action && (kept === '' || advised === null || advised === kept)
    return { action: one, keep: kept, others, recommended: isAdvised }
  })
  return options.toSorted((a, b) => rankOf(a) - rankOf(b))
}

/** What costs somebody's work comes last. */
function rankOf({ recommended, action }: Option): number {
  return recommended ? 0 : action === 'terminate' ? 2 : 1
}

/** Who may be chosen to go on; fewer than two is no choice, and where only one is at fault there is none. */
export function keepers(
  { cause, parties }: Conflict,
  isLive: (holder: string) => boolean,
): readonly string[] {
  return actionsFor(cause).includes('wait') ? parties.filter(isLive) : []
}

export function firstKeep({ recommendation, parties }: Conflict): string {
  return recommendation.keep ?? parties[0]!
}

/** The one whose doing it is about, where one wrote what it does not hold or could not be merged. */
export function culprit({ parties }: Conflict): string {
  return parties.at(-1)!
}

export function matchesConflict(conflict: Conflict, text: string): boolean {
  const said = [
    conflict.id,
    conflict.text,
    conflict.kind,
    conflict.cause,
    ...conflict.files,
    ...conflict.parties.map(nameOfHolder),
  ]
    .join(' ')
    .toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((part) => said.includes(part))
}
