import type { ProjectId } from '../../domain/ids.ts'
import type { TargetPart } from '../../domain/points/point.ts'
import type { RollbackPlan, SeenBranch } from '../../domain/rollback/rollbackPlan.ts'
import type { SeenCommit } from './pointCommits.ts'

/** What a person is shown before they decide on a rollback: the plan, and what only a look outside can tell. */
export interface PreviewRequest {
  readonly project: ProjectId
  readonly target: string | null
  readonly point: string
  readonly parts?: readonly TargetPart[] | undefined
}

export type RollbackPreview =
  | {
      readonly ok: true
      readonly plan: RollbackPlan
      /** To be sent with `rollback.start` as it is. */
      readonly move: SeenBranch | null
      readonly facts: PreviewFacts
    }
  | { readonly ok: false; readonly reason: string }

export interface PreviewFacts {
  /** Commits the branch would lose, newest first, at most 100; they stay on a branch of their own. */
  readonly commits: readonly SeenCommit[]
  /** Files changed in the checkout that are not committed; null where that is not known. */
  readonly uncommitted: number | null
  /** Rows by table now; null where they could not be counted in time. */
  readonly rows: Readonly<Record<string, number>> | null
  /** Kept files with settings that are different now. */
  readonly settings: readonly string[]
  /** What could not be found out, in words. */
  readonly unknown: readonly string[]
}
