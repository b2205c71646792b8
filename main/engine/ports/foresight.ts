import type { AttemptId, CommitId, ProjectId } from '../../domain/ids.ts'
import type { RunRef, StoredArtifact } from './workspaces.ts'

/**
 * Sees conflicts before they happen: work that is under way is merged in memory, pair by pair. Nothing it does touches
 * a clone, a ref or the objects a run keeps, and nothing it knows has to outlive the engine.
 * Throws `WorkspaceError` for trouble with the project as a whole.
 */
export interface Foresight {
  /**
   * Would these pairs conflict if they were merged now? Reads the clones of agents at work as they are. What did not
   * change since the last look of the project costs next to nothing; works that are not asked for again are forgotten.
   */
  look(request: LookRequest): Promise<Outlook>
  /** Stores what a work, as it was at the last look, changes in these files, as a unified diff; null: it was not there. */
  evidence(project: ProjectId, work: string, files: readonly string[]): Promise<StoredArtifact | null>
  /** Gives back what the project takes on the disk. */
  forget(project: ProjectId): Promise<void>
}

export interface LookRequest {
  readonly project: ProjectId
  readonly works: readonly WorkInSight[]
  /** By their places in `works`; the most urgent to know first. */
  readonly pairs: readonly (readonly [number, number])[]
  /** No merge is begun after so long, ms. */
  readonly budgetMs: number
}

export type WorkInSight = LiveWorkRef | FixedWorkRef

/** An agent at work: what it would commit if it ended now. */
export interface LiveWorkRef extends RunRef {
  readonly kind: 'live'
  readonly id: AttemptId
  readonly cut: CommitId
  readonly writes: readonly string[]
  /** False where it is known that nothing was written since the last look: its clone is not read again. */
  readonly touched: boolean
}

/** What is committed: of an attempt that waits to be merged, or the branch of a run. */
export interface FixedWorkRef {
  readonly kind: 'fixed'
  readonly id: string
  readonly commit: CommitId
}

export interface Outlook {
  readonly conflicts: readonly OutlookConflict[]
  /** Pairs of which nothing is known now: no time was left, or one of the works could not be read. */
  readonly unknown: readonly (readonly [number, number])[]
  /** Works that could not be read, and why. */
  readonly unread: readonly { readonly id: string; readonly why: string }[]
  readonly cost: OutlookCost
}

export interface OutlookConflict {
  readonly pair: readonly [number, number]
  /** Paths git could not merge, or that both changed; never empty. */
  readonly files: readonly string[]
}

/** In pairs: `known` from before, `apart` without asking git, `merged` by git. */
export interface OutlookCost {
  readonly pairs: number
  readonly known: number
  readonly apart: number
  readonly merged: number
  readonly ms: number
}

/** Knows which agents have written to their clones, cheaper than reading them does. */
export interface WorkChanges {
  /** False only where it is certain that nothing was written to the clone since the last time this was asked. */
  wasTouched(attempt: AttemptId): boolean
}
