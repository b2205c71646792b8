import type { AttemptId, ProjectId, RunId } from '../../domain/ids.ts'
import type { Plan } from '../../domain/plan.ts'
import type { ImageSpec, NetworkPolicy, Resources } from '../../domain/project.ts'
import type { OpenDoor } from './doors.ts'
import type { Attachment, TargetJob } from './targets.ts'

/**
 * Where agents run. One implementation per kind of machine (Docker first); the engine knows nothing else of it.
 *
 * Contract, and why:
 * - `start` is idempotent by `spec.attempt`: the engine may have died between asking and hearing the answer.
 *   Started before (running or already over) answers what is there and never starts it again.
 * - Expected trouble is thrown as `RunnerError`; `unavailable` means try again later, `refused` means never.
 * - Everything made carries labels naming install, project, run, task and attempt; only what carries the
 *   own install's label is ever listed or removed.
 */
export interface Runner {
  readonly kind: RunnerKind
  /** False where agents could write the user's files all the same (the process runner). */
  readonly isolated: boolean
  /** What a run on it should know beforehand, in words: limits of its plan that are not enforced here. */
  caveats?(plan: Plan): readonly string[]
  /** Can it be used now? Cheap; never throws. */
  check(): Promise<RunnerHealth>
  /** Makes what a run's agents share (its network). Idempotent. */
  prepareRun(run: RunScope): Promise<void>
  /** Removes what `prepareRun` made. Idempotent; leaves what still has agents. */
  releaseRun(run: RunScope): Promise<void>
  /** Makes sure the image is there, building it where it is a folder. Resolves to what `start` takes as `image`. */
  resolveImage(image: ImageSpec, projectRoot: string, onProgress: (line: string) => void): Promise<string>
  start(spec: AgentSpec): Promise<AgentObservation>
  /** Everything of this install that exists, dead or alive, in one call; what is not here does not exist. */
  list(): Promise<readonly AgentObservation[]>
  /** The one of this attempt, undefined if it does not exist. */
  find(attempt: AttemptId): Promise<AgentObservation | undefined>
  /** Resolves when the agent's main process is over (at once if it is). Rejects on abort or lost contact. */
  wait(attempt: AttemptId, signal: AbortSignal): Promise<AgentExit>
  /** Polite signal, then after `graceMs` the kill. Resolves when it is over; idempotent, also for one unknown. */
  stop(attempt: AttemptId, graceMs: number): Promise<void>
  pause(attempt: AttemptId): Promise<void>
  resume(attempt: AttemptId): Promise<void>
  /** Removes it and everything made for it but its output. Kills it if need be. Idempotent. */
  remove(attempt: AttemptId): Promise<void>
  /**
   * Streams output from byte `from` on, as it comes, and ends when the agent is over. Bytes, stdout and stderr
   * as the terminal shows them. `from` is an offset in the whole output of the attempt.
   */
  output(attempt: AttemptId, from: number, signal: AbortSignal): AsyncIterable<Uint8Array>
  /** Types into the agent's terminal. */
  input(attempt: AttemptId, data: Uint8Array): Promise<void>
  resize(attempt: AttemptId, columns: number, rows: number): Promise<void>
  /**
   * Runs `sh -c <command>` where the agent works, beside it, with its rights and environment. `output` is the end of
   * stdout and stderr, at most 64 KiB. A command that takes longer is ended and answers code 124. Rejects on abort;
   * `refused` where the agent is not running.
   */
  exec(
    attempt: AttemptId,
    command: string,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<AgentCommandResult>
  /** Undefined when it is not running. */
  usage(attempt: AttemptId): Promise<AgentUsage | undefined>
  /** Calls back when the runner was out of reach and is back: time to reconcile. Returns the way to stop. */
  onReconnect(listener: () => void): () => void
  close(): Promise<void>
}

/** `target`: what the engine does itself at the places releases go to, attempts with an `action`. */
export type RunnerKind = 'docker' | 'process' | 'simulated' | 'target'

export type RunnerHealth =
  | { readonly status: 'ready'; readonly version: string }
  | { readonly status: 'unavailable'; readonly reason: string; readonly remedy: string }

export interface RunScope {
  readonly project: ProjectId
  readonly run: RunId
}

export interface AgentSpec extends RunScope {
  readonly attempt: AttemptId
  readonly task: string
  readonly agent: string
  /** As `resolveImage` gave it. */
  readonly image: string
  /** Run as `sh -c <command>`. */
  readonly command: string
  /** Never secrets. */
  readonly env: Readonly<Record<string, string>>
  /** The agent's clone on the host, mounted read-write as the working folder; null for `workspace: none`. */
  readonly workspace: string | null
  /**
   * Files and folders of the workspace, by their path in it, that the agent may only read. A runner that can mounts
   * them read-only; what is not there, or a link, is passed over.
   */
  readonly readOnly: readonly string[]
  /** Folders mounted read-only at the same path inside (the hub's objects). */
  readonly readOnlyMounts: readonly string[]
  /**
   * A host folder of this attempt, mounted read-write at `/amphitheatre`: `output` (name=value lines) and the
   * start latch live in it. It outlives the container.
   */
  readonly exchange: string
  readonly network: NetworkPolicy
  readonly resources: Resources
  readonly tty: { readonly columns: number; readonly rows: number } | null
  /** How the agent talks back; see `Doors`. Its variables are set over those of `env`. */
  readonly door: OpenDoor | null
  /** What is done at a target instead of running an agent; only the target runner takes such, and no other. */
  readonly action?: TargetJob
  /** What it is given to look at a target; missing for none. Its variables are set over those of `env`. */
  readonly attachment?: Attachment
}

export interface AgentObservation {
  readonly attempt: AttemptId
  /** The runner's own name for it (container id). */
  readonly handle: string
  /** `created`: made but never started, so starting it is still safe. */
  readonly status: 'created' | 'running' | 'paused' | 'exited'
  /** Wall clock, ms since 1970; null unless started. */
  readonly startedAt: number | null
  /** Set when `status` is `exited`. */
  readonly exit: AgentExit | null
}

export interface AgentExit {
  /** 128+n when a signal ended it. */
  readonly code: number
  readonly oomKilled: boolean
  /** Wall clock, ms since 1970. */
  readonly finishedAt: number
  /** The runner's own words when the command could not be run at all (no such image, no shell), else null. */
  readonly error: string | null
}

export interface AgentCommandResult {
  readonly code: number
  readonly output: string
}

export interface AgentUsage {
  /** Total CPU time consumed so far, ms. */
  readonly cpuMs: number
  readonly memoryBytes: number
}

/** Exit code of the start latch: the container was started a second time and refused to run the command again. */
export const ALREADY_STARTED_EXIT = 97

/** Thrown by runners. `unavailable`: out of reach now, retry later. `refused`: will not work however often tried. */
export class RunnerError extends Error {
  readonly kind: 'unavailable' | 'refused'
  /** What a person can do about it. */
  readonly remedy: string
  constructor(kind: 'unavailable' | 'refused', message: string, remedy: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RunnerError'
    this.kind = kind
    this.remedy = remedy
  }
}
