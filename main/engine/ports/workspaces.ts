import type { AttemptId, CommitId, ProjectId, RunId, TaskId } from '../../domain/ids.ts'
import type { PutBackRequest, SetAside, SetAsideRequest, WatchRequest, WorkspaceWatch } from './strays.ts'

/**
 * Copies of the code. A project has one bare hub repository in the data folder; a run lives in its refs; only
 * `apply` writes the user's repository, and nothing an agent put in its files ever runs on the host.
 * Every call is idempotent by its arguments: the engine repeats it after a crash. Expected trouble is thrown as
 * `WorkspaceError`.
 */
export interface Workspaces {
  /**
   * Brings the user's current commit into the hub and makes the run's branch there.
   * Reads the user's repository only; never its index or uncommitted changes.
   */
  prepareRun(run: RunRef): Promise<PreparedRun>
  /**
   * Makes the attempt's clone: the run's base, merged with the results of `from` in the order given, plus
   * the artifacts of `artifacts`. The clone shares nothing writable with hub or user.
   */
  cut(request: CutRequest): Promise<CutResult>
  /**
   * Commits what the agent changed under `writes` on top of the cut, as one commit, and stores the git-ignored
   * files among them as artifacts. Only called when the agent's container is gone.
   */
  commit(request: CommitRequest): Promise<CommitResult>
  /**
   * Commits what the agent has changed under `writes` so far, while it works on, to a ref that holds the attempt's last
   * checkpoint. Null when nothing changed since the cut. A file that changes while it is read may be missing.
   */
  checkpoint(request: CheckpointRequest): Promise<CommitId | null>
  /** Tells of what is written in an attempt's clone outside what its agent may write, until it is closed. */
  watch(request: WatchRequest): Promise<WorkspaceWatch>
  /** Keeps everything an agent wrote outside what it may write, and puts the files back to what was cut. */
  setAside(request: SetAsideRequest): Promise<SetAside>
  /** Gives the agent its files back as they were set aside. */
  putBack(request: PutBackRequest): Promise<void>
  /** Of these paths in an attempt's clone, those that are no readable regular files inside it. */
  missing(run: RunRef, attempt: AttemptId, paths: readonly string[]): Promise<readonly string[]>
  /**
   * Stores a regular file of an attempt's clone by its content, at most `maxBytes`. Idempotent. Throws a permanent
   * WorkspaceError for a path that is none, leaves the clone, or is too large.
   */
  publish(run: RunRef, attempt: AttemptId, path: string, maxBytes: number): Promise<StoredArtifact>
  /** Stores bytes by their content. */
  putArtifact(project: ProjectId, data: AsyncIterable<Uint8Array>, maxBytes: number): Promise<StoredArtifact>
  /** The path of a stored artifact on the host, undefined where there is none with that content. */
  artifactPath(project: ProjectId, hash: string): Promise<string | undefined>
  /**
   * Files that match any of the globs, in a commit and among artifacts; what the commit has counts before what was
   * handed on. Nothing is read but what is committed or stored. Links and submodules are no files.
   */
  readFiles(request: ReadFilesRequest): Promise<FoundFiles>
  /** Merges a task's commit into the run's branch. Merging what is merged answers the same again. */
  merge(request: MergeRequest): Promise<MergeResult>
  /**
   * Merges commits onto the run's branch one after the other in memory: nothing moves. The same commits on the same
   * branch give the same result. A conflict names the first that does not fit.
   */
  stack(request: StackRequest): Promise<StackResult>
  /** Moves the run's branch from where `stack` found it to what it made. Moving what is moved changes nothing. */
  advance(request: AdvanceRequest): Promise<void>
  /** Removes an attempt's clone. */
  remove(run: RunRef, attempt: AttemptId): Promise<void>
  /** Brings the run's branch into the user's repository and moves the user's branch to it. */
  apply(run: RunRef): Promise<ApplyResult>
  /** Forgets the run's branch and clones; the user's repository is left as it is. */
  discard(run: RunRef): Promise<void>
  /** A unified diff of the run's branch against its base. */
  diff(run: RunRef): Promise<string>
  /** How the run's branch changed these paths or globs against its base; only changed ones, 100 at most. */
  fileHistory(run: RunRef, paths: readonly string[]): Promise<readonly FileHistory[]>
  /** The same of agents started by hand, in the person's own checkouts. */
  handHistory(works: readonly HandWork[], paths: readonly string[]): Promise<readonly FileHistory[]>
  /** Attempts of this project whose clone exists on disk, for sweeping up after a crash. */
  list(project: ProjectId): Promise<readonly AttemptId[]>
}

export interface FileHistory {
  readonly path: string
  /** Agents whose commits changed it (`BuildMaster/compile-api#1`), by name. */
  readonly agents: readonly string[]
  /** It holds the marks git leaves where two changes met. */
  readonly marked: boolean
}

/** What an agent that was started by hand left. */
export interface HandWork {
  readonly agent: string
  /** Where it worked, an absolute path inside a checkout. */
  readonly folder: string
  /** Null where it made none, or nobody said. */
  readonly commit: string | null
}

export interface RunRef {
  readonly project: ProjectId
  readonly run: RunId
  /** The user's checkout. */
  readonly root: string
}

export interface PreparedRun {
  /** Null in a repository without commits. */
  readonly base: CommitId | null
  /** The branch that was checked out; null when detached. */
  readonly branch: string | null
  /** The run's branch tip in the hub: the base, or an empty root commit where there is none. */
  readonly tip: CommitId
  /** What the person should know: uncommitted changes that do not travel, submodules left empty … */
  readonly warnings: readonly string[]
}

export interface CutRequest extends RunRef {
  readonly attempt: AttemptId
  readonly base: CommitId
  /** Result commits of the transitive needs, in graph order. */
  readonly from: readonly CommitId[]
  /** Manifests (content hashes) of artifacts to place in the clone, in graph order. */
  readonly artifacts: readonly string[]
}

export type CutResult =
  | {
      readonly status: 'cut'
      /** The commit the clone stands on. */
      readonly commit: CommitId
      readonly path: string
      /** To be mounted read-only at the same path inside. */
      readonly readOnlyMounts: readonly string[]
      /** Artifacts that could not be placed and why, in words; absent when all were. */
      readonly leftOut?: readonly string[]
    }
  | { readonly status: 'conflict'; readonly files: readonly string[] }

export interface CommitRequest extends RunRef {
  readonly attempt: AttemptId
  readonly task: TaskId
  /** `BuildMaster/compile-api#1`, for the `Agent:` trailer. */
  readonly agent: string
  readonly role: string
  readonly title: string
  readonly kind: string
  readonly cut: CommitId
  readonly writes: readonly string[]
  /** Globs: the result says which of them the commit changes something of. */
  readonly watched?: readonly string[]
  /** Commit time, ms since 1970; part of the idempotency: same files, same time, same commit. */
  readonly time: number
}

export interface CheckpointRequest extends RunRef {
  readonly attempt: AttemptId
  readonly task: TaskId
  readonly role: string
  readonly cut: CommitId
  readonly writes: readonly string[]
  /** Which one of this attempt, from 1. */
  readonly count: number
  /** Commit time, ms since 1970. */
  readonly time: number
}

export interface ReadFilesRequest extends RunRef {
  readonly commit: CommitId
  /** Manifests of artifacts, in graph order: later ones win. */
  readonly artifacts: readonly string[]
  readonly globs: readonly string[]
  /** Null: only names and sizes are wanted. */
  readonly content: {
    /** A larger file is named without its content. */
    readonly maxFileBytes: number
    /** Of all files together; those after it are named without their content. */
    readonly maxTotalBytes: number
  } | null
  readonly maxFiles: number
  /** Files of the commit that were there in this one already, just so, are left out; null or missing: none are. */
  readonly since?: CommitId | null
}

export interface FoundFiles {
  /** Sorted by path; `maxFiles` at most. */
  readonly files: readonly FoundFile[]
  /** How many more there are. */
  readonly more: number
  /** Of those that were left out for being older, the first; missing for none. */
  readonly older?: string
}

export interface FoundFile {
  readonly path: string
  readonly bytes: number
  /** Null where it was not asked for or is too large. */
  readonly content: Uint8Array | null
}

export interface StoredArtifact {
  /** SHA-256, 64 hex digits. */
  readonly hash: string
  readonly bytes: number
}

export interface CommitResult {
  /** Null when nothing under `writes` changed. */
  readonly commit: CommitId | null
  readonly changed: number
  /** Changed paths outside `writes`, dropped; at most 50 are named. */
  readonly undeclared: readonly string[]
  /** Content hash of a stored unified diff of them; null where there is none, or nothing may be written at all. */
  readonly patch: string | null
  /** What was refused and why (`link leaves the workspace: a/b`), in words; such paths are not committed. */
  readonly refused: readonly string[]
  /** Content hash of the manifest of git-ignored files under `writes`; null when there are none. */
  readonly artifacts: string | null
  /** Of `watched`; absent where none was. */
  readonly touched?: readonly string[]
}

export interface MergeRequest extends RunRef {
  readonly task: TaskId
  readonly commit: CommitId
  readonly message: string
  readonly time: number
}

export type MergeResult =
  | { readonly status: 'merged'; readonly tip: CommitId }
  | { readonly status: 'conflict'; readonly files: readonly string[] }

export interface StackItem {
  readonly task: TaskId
  readonly commit: CommitId
  readonly message: string
  /** Of the merge commit, ms since 1970. */
  readonly time: number
}

export interface StackRequest extends RunRef {
  readonly items: readonly StackItem[]
}

export type StackResult =
  | { readonly status: 'stacked'; readonly from: CommitId; readonly to: CommitId }
  /** `item` is the place in the request, from 0. */
  | { readonly status: 'conflict'; readonly item: number; readonly files: readonly string[] }

export interface AdvanceRequest extends StackRequest {
  readonly from: CommitId
  readonly to: CommitId
}

export type ApplyResult =
  /** `before`: where the branch stood, kept in the hub since before it moved; null where there was nothing. */
  | {
      readonly status: 'applied'
      readonly branch: string
      readonly commit: CommitId
      readonly before?: CommitId | null
    }
  /** Nothing to do: the branch already contains the run. */
  | {
      readonly status: 'already'
      readonly branch: string
      readonly commit: CommitId
      readonly before?: CommitId | null
    }
  /** The user's repository was left as it was. */
  | { readonly status: 'refused'; readonly reason: string; readonly remedy: string }

/** Thrown by workspaces. `kind` says whether trying again can help. */
export class WorkspaceError extends Error {
  readonly kind: 'transient' | 'permanent' | 'disk-full'
  readonly remedy: string
  constructor(
    kind: 'transient' | 'permanent' | 'disk-full',
    message: string,
    remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = 'WorkspaceError'
    this.kind = kind
    this.remedy = remedy
  }
}
