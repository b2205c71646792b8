import type { CommitId, ProjectId } from '../../domain/ids.ts'

/**
 * What rollback points have to do with the user's repository. As with `apply`, objects go by packs between hub and
 * user, nothing of the repository runs, and every call may be repeated. Expected trouble is thrown as `WorkspaceError`.
 */
export interface PointCommits {
  /**
   * Moves the user's branch back to a commit of before, with its checkout; what it held stays on another branch.
   * Refuses where it was moved since, or something uncommitted would be lost. Done twice it finds everything done.
   */
  moveBack(request: MoveBackRequest): Promise<MoveBackResult>
  /** Where the user's checkout stands, and what it holds that is not committed. Reads only. */
  lookAt(of: LookRequest): Promise<SeenRepository>
  /**
   * Keeps the commit the user's checkout stands at, as `keepCommit` does, and tells what it is. Null where that is no
   * repository, or there is no branch or commit.
   */
  keepHead(of: Omit<KeepCommitRequest, 'commit'>): Promise<KeptHead | null>
  /** Keeps a commit of the user's repository, or of a run, in the hub for ever under a point's ref. */
  keepCommit(request: KeepCommitRequest): Promise<void>
  /** What lies between two commits that are kept in the hub, for points or for runs. Null where one of them is not there. */
  between(of: BetweenRequest): Promise<CommitsBetween | null>
  /**
   * Lets commits go that are kept for points of other keys than `keep` answers; it is asked once it is known which are
   * kept, so that one kept meanwhile stays. Null: all stay.
   */
  releaseCommits(project: ProjectId, keep: () => readonly string[] | null): Promise<void>
}

export interface MoveBackRequest {
  readonly project: ProjectId
  /** The user's checkout. */
  readonly root: string
  /** Of the rollback point: its ref in the hub holds the commit. */
  readonly key: string
  readonly branch: string
  /** Where the branch has to stand. */
  readonly from: CommitId
  readonly to: CommitId
  /** Branch that keeps what is taken away; a number is added where another commit has that name. */
  readonly keepAs: string
}

export type MoveBackResult =
  | { readonly status: 'moved' | 'already'; readonly kept: string | null }
  | { readonly status: 'refused'; readonly reason: string; readonly remedy: string }

export interface KeptHead {
  readonly branch: string
  readonly commit: CommitId
}

export interface LookRequest {
  readonly project: ProjectId
  readonly root: string
  /** Commits that are asked about: are they ancestors of where the branch stands? */
  readonly commits: readonly string[]
  /** Whose branch; null for what is checked out. */
  readonly branch: string | null
}

export interface SeenRepository {
  readonly branch: string | null
  readonly commit: CommitId | null
  /** Files changed or new in the checkout; null where git could not tell. */
  readonly uncommitted: number | null
  /** Of `commits`, those the branch holds, with what came after, newest first, at most 100. */
  readonly held: Readonly<Record<string, readonly SeenCommit[]>>
}

export interface SeenCommit {
  readonly commit: CommitId
  readonly subject: string
  readonly author: string
  /** ms since 1970. */
  readonly at: number
}

export interface BetweenRequest {
  readonly project: ProjectId
  readonly from: CommitId
  readonly to: CommitId
}

/** Newest first, each list at most 100. */
export interface CommitsBetween {
  readonly added: readonly SeenCommit[]
  /** Held by `from` alone: somebody went back in between. */
  readonly gone: readonly SeenCommit[]
  /** How many there are of each. */
  readonly counts: { readonly added: number; readonly gone: number }
}

export interface KeepCommitRequest {
  readonly project: ProjectId
  readonly root: string
  readonly key: string
  readonly commit: CommitId
}
