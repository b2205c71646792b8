import type { AttemptId, CommitId } from '../../domain/ids.ts'
import type { RunRef } from './workspaces.ts'

/** What an agent writes outside what it may write: seen while it works, taken aside, put back. */

export interface WatchRequest extends RunRef {
  readonly attempt: AttemptId
  readonly cut: CommitId
  /** Globs of what it may write, asked for at each look. */
  readonly writes: () => readonly string[]
  /** Told of each stray path once, until it is seen to be as it was cut. */
  readonly found: (paths: readonly string[]) => void
  /** The clone cannot be watched as it should be, and why; it is looked at now and then instead. */
  readonly trouble: (message: string) => void
}

export interface WorkspaceWatch {
  /** Looks at everything once more: what it may write has changed. */
  again(): void
  /** Idempotent; nothing is told after it. */
  close(): void
}

export interface SetAsideRequest extends RunRef {
  readonly attempt: AttemptId
  readonly cut: CommitId
  readonly writes: readonly string[]
  /** Which one of this attempt, from 1; 0 is what was found when its work was committed. */
  readonly count: number
  /** Put the files back to what was cut. Only while the agent is held. */
  readonly restore: boolean
  /** ms since 1970. */
  readonly time: number
}

export interface SetAside {
  /** A commit on the cut with what was strayed, and nothing else; null when there was nothing to keep. */
  readonly commit: CommitId | null
  /** Content hash of its stored unified diff; null where there is none or it is too large. */
  readonly patch: string | null
  /** What was kept; where that is more than 50 files, folders with `/` at their end. */
  readonly paths: readonly string[]
  /** What could not be kept, or not be put back, and stays where it is; at most 50. */
  readonly left: readonly LeftFile[]
}

export interface LeftFile {
  readonly path: string
  /** In words. */
  readonly reason: string
}

export interface PutBackRequest extends RunRef {
  readonly attempt: AttemptId
  readonly cut: CommitId
  readonly count: number
}
