import type { ClientCommand, Outcome } from '../domain/commands.ts'
import type { EventEnvelope } from '../domain/events.ts'
import type { AttemptId, CommandId, ProjectId, RunId } from '../domain/ids.ts'
import type { StateJson } from '../domain/serialise.ts'
import type { CommitsBetween } from './ports/pointCommits.ts'
import type { PreviewRequest, RollbackPreview } from './ports/rollbackPreview.ts'
import type { RunnerHealth } from './ports/runner.ts'
import type { SeriesPoint, SeriesQuery } from './ports/series.ts'
import type { RunRow, RunsQuery, TaskRow } from './ports/store.ts'
import type { SightRequest, TargetSight } from './ports/targets.ts'
import type { Vitals } from './vitals.ts'

/**
 * The few calls every surface uses: command line, local socket, browser, Electron bridge. The engine's host
 * implements it; clients reach the same interface through a transport.
 */
export interface ControlCenter {
  /** Resolves when the outcome is on disk. The same `id` again gives the same outcome and does nothing more. */
  dispatch(request: DispatchRequest): Promise<Outcome>
  /** Live state as it is now; follow with `events(snapshot.seq)`. */
  snapshot(): Promise<StateJson>
  /** Events with `seq > from`, stored ones first, then live ones as they come, without a gap, until aborted. */
  events(from: number, signal: AbortSignal): AsyncIterable<EventEnvelope>
  /** Stored events only, at most `limit`; of one run if named. */
  history(query: {
    readonly after: number
    readonly limit: number
    readonly run?: RunId
  }): Promise<readonly EventEnvelope[]>
  runs(query: RunsQuery): Promise<readonly RunRow[]>
  tasks(run: RunId): Promise<readonly TaskRow[]>
  /** Output of an attempt from byte `from`; stays open while it runs if `follow`. */
  terminal(request: TerminalRequest, signal: AbortSignal): AsyncIterable<TerminalChunk>
  input(attempt: AttemptId, data: Uint8Array): Promise<void>
  resize(attempt: AttemptId, columns: number, rows: number): Promise<void>
  /** Unified diff of a run's branch against its base. */
  diff(run: { readonly project: ProjectId; readonly run: RunId }): Promise<string>
  /** A unified diff kept by its content hash, as evidence of a conflict names it; null where there is none any more. */
  patch(of: { readonly project: ProjectId; readonly hash: string }): Promise<string | null>
  /** What going back to a point would do, and what it would undo; looks outside and changes nothing. */
  rollbackPreview(of: PreviewRequest): Promise<RollbackPreview>
  /** The commits from one rollback point to another, as the hub keeps them; null where they are not kept. */
  commitsBetween(of: PointsRequest): Promise<CommitsBetween | null>
  /** A target as it is now, looked at where it is; null for one that is not known. */
  targetSight(of: SightRequest): Promise<TargetSight | null>
  /** Makes the files of a project's context on the disk again from the state; answers how many were wrong. */
  rebuildContext(project: ProjectId): Promise<RebuiltContext>
  /** What agents at work used when last sampled; those not sampled yet are missing. */
  usage(): Promise<readonly AgentUsageNow[]>
  health(): Promise<EngineHealth>
  /** How agents and machine are doing. */
  vitals(): Promise<Vitals>
  /** One series of health figures, oldest first. */
  series(query: SeriesQuery): Promise<readonly SeriesPoint[]>
}

export interface PointsRequest {
  readonly project: ProjectId
  /** Ids of points: `p14`. */
  readonly from: string
  readonly to: string
}

export interface RebuiltContext {
  /** Files there are now. */
  readonly files: number
  /** Of these, how many were missing or different. */
  readonly written: number
  /** Files that had no business there. */
  readonly removed: number
}

export interface AgentUsageNow {
  readonly attempt: AttemptId
  /** Cores in use between the last two samples, 0.38 is 38 % of one; null with fewer than two. */
  readonly cores: number | null
  readonly memoryBytes: number
}

export interface DispatchRequest {
  readonly command: ClientCommand
  /** `person:<name>`; default the user the process belongs to. */
  readonly actor?: string
  readonly id?: CommandId
}

export interface TerminalRequest {
  readonly attempt: AttemptId
  /** Negative: so many bytes before the end of what is there. */
  readonly from: number
  readonly follow: boolean
}

export interface TerminalChunk {
  /** Offset of the first byte in the attempt's whole output. */
  readonly offset: number
  readonly data: Uint8Array
}

export interface EngineHealth {
  readonly version: string
  readonly pid: number
  readonly dataDir: string
  /** Whether commands are being taken; `stalled` while the disk refuses them. */
  readonly engine:
    | { readonly status: 'running' }
    | { readonly status: 'stalled'; readonly reason: string; readonly remedy: string }
  readonly runners: Readonly<Record<string, RunnerHealth>>
  /** Free bytes where the data folder lies; null if unknown. */
  readonly diskFreeBytes: number | null
  readonly notes: readonly string[]
  readonly machine: MachineLoad
}

/** The machine the engine runs on, all programs together. */
export interface MachineLoad {
  readonly cores: number
  /** Cores in use since this was last asked, at most `cores`. */
  readonly coresBusy: number
  readonly memoryBytes: number
  readonly memoryUsedBytes: number
}
