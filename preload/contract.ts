import type { ClientCommand, Outcome } from '../main/domain/commands.ts'
import type { EventEnvelope } from '../main/domain/events.ts'
import type { AttemptId, CommandId, ProjectId, RunId } from '../main/domain/ids.ts'
import type { StateJson } from '../main/domain/serialise.ts'
import type { AgentUsageNow, EngineHealth, PointsRequest } from '../main/engine/controlCenter.ts'
import type { CommitsBetween } from '../main/engine/ports/pointCommits.ts'
import type { PreviewRequest, RollbackPreview } from '../main/engine/ports/rollbackPreview.ts'
import type { SeriesPoint, SeriesQuery } from '../main/engine/ports/series.ts'
import type { RunRow, TaskRow } from '../main/engine/ports/store.ts'
import type { SightRequest, TargetSight } from '../main/engine/ports/targets.ts'
import type { AgentVitals, HostReading, Vitals } from '../main/engine/vitals.ts'

export type {
  AgentUsageNow,
  AgentVitals,
  CommitsBetween,
  EngineHealth,
  HostReading,
  PreviewRequest,
  RollbackPreview,
  RunRow,
  SeriesPoint,
  SeriesQuery,
  TargetSight,
  TaskRow,
  Vitals,
}

/**
 * What the pages may ask of the program, and what it tells them: two maps, the same under Electron and in a browser.
 * The schemas of both are in `schemas.ts`; `window.amphitheatre` carries them.
 *
 * Streams: the page picks a number, opens a stream with `follow` or `output`, gets `events` or `output` messages with
 * that number, and acknowledges what it has handled with `ack`. Unacknowledged weight is bounded by
 * STREAM_WINDOW: a page that falls behind holds back its stream and nothing else.
 */
export interface Requests {
  /** Who serves the page. */
  readonly host: { readonly args: Empty; readonly result: HostInfo }
  /** Live state; `follow` from its `seq`. */
  readonly snapshot: { readonly args: Empty; readonly result: StateJson }
  readonly dispatch: {
    readonly args: { readonly command: ClientCommand; readonly id?: CommandId }
    readonly result: Outcome
  }
  readonly history: {
    readonly args: { readonly after: number; readonly limit: number; readonly run?: RunId }
    readonly result: readonly EventEnvelope[]
  }
  readonly runs: {
    readonly args: { readonly project?: ProjectId; readonly limit?: number }
    readonly result: readonly RunRow[]
  }
  readonly tasks: { readonly args: { readonly run: RunId }; readonly result: readonly TaskRow[] }
  /** What agents at work use now; those not sampled yet are missing. */
  readonly usage: { readonly args: Empty; readonly result: readonly AgentUsageNow[] }
  readonly vitals: { readonly args: Empty; readonly result: Vitals }
  readonly series: { readonly args: SeriesQuery; readonly result: readonly SeriesPoint[] }
  readonly health: { readonly args: Empty; readonly result: EngineHealth }
  readonly diff: {
    readonly args: { readonly project: ProjectId; readonly run: RunId }
    readonly result: string
  }
  /**
   * Text that is kept by its content's hash: what one side of a conflict changed, a report that a gate read. The
   * beginning of a long one; null where it is not kept any more.
   */
  readonly patch: {
    readonly args: { readonly project: ProjectId; readonly hash: string }
    readonly result: string | null
  }
  /** A target as it is now, looked at where it is; null for one that is not known. */
  readonly targetSight: { readonly args: SightRequest; readonly result: TargetSight | null }
  /** The commits from one rollback point to another. */
  readonly commitsBetween: { readonly args: PointsRequest; readonly result: CommitsBetween | null }
  /** What going back to a point would do; asked again whenever it may have changed. */
  readonly rollbackPreview: { readonly args: PreviewRequest; readonly result: RollbackPreview }
  readonly input: {
    readonly args: { readonly attempt: AttemptId; readonly data: string }
    readonly result: null
  }
  readonly resize: {
    readonly args: { readonly attempt: AttemptId; readonly columns: number; readonly rows: number }
    readonly result: null
  }

  /** Opens a stream of `events` with `seq > from`. */
  readonly follow: {
    readonly args: { readonly stream: number; readonly from: number }
    readonly result: null
  }
  /** Opens a stream of `output`: an attempt's bytes from offset `from`; if negative, from so many before the end. */
  readonly output: {
    readonly args: {
      readonly stream: number
      readonly attempt: AttemptId
      readonly from: number
      readonly follow: boolean
    }
    readonly result: null
  }
  /** `weight` of what was handled: events, or bytes of output. */
  readonly ack: { readonly args: { readonly stream: number; readonly weight: number }; readonly result: null }
  readonly close: { readonly args: { readonly stream: number }; readonly result: null }

  /** What runs need of this machine, and whether it is there. */
  readonly checks: { readonly args: Empty; readonly result: readonly Check[] }
  /** Does what a check's `fix` promises; tells its steps as `progress` messages named after the check. */
  readonly mend: { readonly args: { readonly check: CheckId }; readonly result: Check }
  /** Folders inside a folder, for choosing a project; null starts at the person's home. */
  readonly browse: { readonly args: { readonly path: string | null }; readonly result: Folder }
  /** Reads a project's file and registers the project if it can be run. */
  readonly project: { readonly args: { readonly path: string }; readonly result: ProjectView }
  /** Writes a commented project file into a folder that has none. */
  readonly init: { readonly args: { readonly path: string }; readonly result: ProjectView }
  /** Starts an epic; builds the agents' image first where it is missing (`progress` named `image`). */
  readonly start: { readonly args: StartRequest; readonly result: StartResult }
  /** Starts one agent without an epic. */
  readonly spawn: { readonly args: SpawnRequest; readonly result: StartResult }
}

export interface Messages {
  readonly events: { readonly stream: number; readonly events: readonly EventEnvelope[] }
  /** `offset` of the first byte in the attempt's whole output. */
  readonly output: { readonly stream: number; readonly offset: number; readonly data: Uint8Array }
  /** A stream is over: the output's end, or an error. Closing it oneself sends none. */
  readonly ended: { readonly stream: number; readonly error: Failure | null }
  readonly connection: Connection
  readonly progress: { readonly of: string; readonly line: string }
  /** Something outside the page (tray, notification, link) leads to this place. */
  readonly goto: Place
}

/** Most that may be under way unacknowledged in one stream: events, or bytes. */
export const STREAM_WINDOW = { events: 4_000, output: 1_048_576 } as const

export type Empty = Readonly<Record<string, never>>

/** Between the page and the engine. */
export type Connection =
  | { readonly status: 'connected'; readonly enginePid: number }
  /** The page's state stays as it was; it goes on by itself once there is an engine again. */
  | { readonly status: 'lost'; readonly reason: string; readonly remedy: string }

/** An expected failure, in words; `remedy` says what a person can do. */
export interface Failure {
  readonly name: string
  readonly message: string
  readonly kind?: string
  readonly remedy?: string
}

export interface HostInfo {
  readonly host: 'electron' | 'browser'
  readonly version: string
  readonly platform: string
  readonly dataDir: string
  readonly home: string
  /** Who acts: `person:<name>` without the prefix. */
  readonly person: string
  /** A project the person named when starting the program. */
  readonly open: string | null
}

export const CHECK_IDS = ['node', 'git', 'docker', 'image', 'data', 'disk', 'runner'] as const
export type CheckId = (typeof CHECK_IDS)[number]

/** One thing that was looked at on this machine. */
export interface Check {
  readonly id: CheckId
  /** `missing` is needed; `note` is worth knowing. */
  readonly status: 'ok' | 'missing' | 'note'
  readonly detail: string
  /** What to do, in words; empty where nothing is to be done. */
  readonly remedy: string
  /** `run`: `mend` does it. `copy`: a command only the person can run. */
  readonly fix: { readonly how: 'run' | 'copy'; readonly label: string; readonly command: string } | null
}

export interface Folder {
  readonly path: string
  readonly parent: string | null
  readonly entries: readonly {
    readonly name: string
    readonly repository: boolean
    /** Has a project file. */
    readonly project: boolean
  }[]
  /** Some were left out: there are too many. */
  readonly truncated: boolean
}

export interface ProjectView {
  readonly root: string
  readonly name: string
  /** Null while it has problems. */
  readonly id: ProjectId | null
  readonly file: string | null
  readonly runner: string
  readonly repository: { readonly branch: string | null } | null
  readonly epics: readonly EpicView[]
  readonly roles: readonly RoleView[]
  /** Why it cannot be run; with the place in the file and the remedy. */
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

export interface EpicView {
  readonly id: string
  readonly title: string
  readonly tasks: number
  readonly phases: readonly string[]
}

export interface RoleView {
  readonly name: string
  readonly title: string
  readonly tier: number | null
  readonly skills: readonly string[]
}

export interface StartRequest {
  readonly root: string
  readonly epic: string
  readonly runner?: string
  readonly maxAgents?: number
}

export interface SpawnRequest {
  readonly root: string
  readonly role: string
  readonly command: string
  readonly writes?: readonly string[]
}

export type StartResult =
  | { readonly ok: true; readonly run: RunId }
  | { readonly ok: false; readonly problems: readonly string[] }

/** The views, and what each can be opened at. */
export const VIEWS = [
  'house',
  'graph',
  'agents',
  'talk',
  'queue',
  'timeline',
  'locks',
  'conflicts',
  'incidents',
  'releases',
  'health',
  'context',
  'runs',
  'events',
  'projects',
] as const
export type ViewName = (typeof VIEWS)[number]

/** With Alt, the key that goes there: digits in the order in which the views came, letters for later ones. */
export const VIEW_KEYS: Readonly<Record<ViewName, string>> = {
  house: '1',
  graph: '2',
  agents: '3',
  talk: '4',
  queue: '5',
  timeline: '6',
  context: '7',
  runs: '8',
  events: '9',
  projects: '0',
  locks: 'L',
  conflicts: 'C',
  incidents: 'I',
  releases: 'R',
  health: 'H',
}

export interface Place {
  readonly view: ViewName
  readonly run?: RunId
  /** A task's id in the run. */
  readonly task?: string
  /**
   * What in the view is meant: a message (`m12`), a hand-off (`h3`), a ballot (`v1`), a thread (`t:…`); a lock
   * (`files:src/**`, `resource:port:5432`) or `waits`; a conflict (`c7`); the place of a gate (`gate:before:ship`); a
   * rollback point (`p14`), or what changed between two or until now (`p12~p14`, `p14~now`); an
   * incident with its project (`<project>~i27`).
   */
  readonly at?: string
}

export type RequestName = keyof Requests
export type MessageName = keyof Messages

/** What an answer travels as, so that a failure keeps its remedy on the way. */
export type Reply<R = unknown> =
  | { readonly ok: true; readonly result: R }
  | { readonly ok: false; readonly error: Failure }

export interface AmphitheatreBridge {
  /** Rejects with a RequestError that has the failure's `kind` and `remedy`. */
  request<K extends RequestName>(name: K, args: Requests[K]['args']): Promise<Requests[K]['result']>
  /** Returns the way to stop listening. Messages arrive in order. */
  on<K extends MessageName>(name: K, listener: (message: Messages[K]) => void): () => void
}
