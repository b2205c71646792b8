import type { EventEnvelope } from '../../domain/events.ts'
import type { CommandId, ProjectId, RunId } from '../../domain/ids.ts'

/**
 * The event log and what is projected from it. One writer: the engine. Asynchronous so that PostgreSQL can stand
 * behind it; the SQLite store does its work before the promise is returned.
 */
export interface Store {
  /** Appends in one durable transaction: events, their projections, and the outcomes of the commands. All or nothing. */
  append(batch: Batch): Promise<void>
  /** The last sequence number on disk, 0 when empty. Tells whether a commit that reported failure took place. */
  lastSeq(): Promise<number>
  /** Events with `seq > after`, in order. */
  read(query: ReadQuery): Promise<readonly EventEnvelope[]>
  /** The newest key frame at or before `seq` (default: the newest). */
  keyFrame(seq?: number): Promise<KeyFrame | undefined>
  writeKeyFrame(frame: KeyFrame): Promise<void>
  /** The outcome recorded for a command id, so that a repeated command is answered and not done again. */
  outcome(command: CommandId): Promise<string | undefined>
  runs(query: RunsQuery): Promise<readonly RunRow[]>
  tasks(run: RunId): Promise<readonly TaskRow[]>
  /** Small values that belong to the installation, not to the log: clock anchor, install id. */
  getMeta(key: string): Promise<string | undefined>
  setMeta(key: string, value: string): Promise<void>
  close(): Promise<void>
}

export interface Batch {
  /** Sequence numbers continue without a gap from `lastSeq`. */
  readonly events: readonly EventEnvelope[]
  readonly outcomes: readonly { readonly command: CommandId; readonly outcome: string }[]
  /** Rows of the history tables that the events changed, in their final shape. */
  readonly runRows: readonly RunRow[]
  readonly taskRows: readonly TaskRow[]
}

export interface ReadQuery {
  readonly after: number
  readonly limit?: number
  readonly run?: RunId
}

export interface KeyFrame {
  readonly seq: number
  readonly json: string
}

export interface RunsQuery {
  readonly project?: ProjectId
  readonly limit?: number
}

/** History: one row a run, for lists and queries over runs that left live state. Times in ms since 1970. */
export interface RunRow {
  readonly run: RunId
  readonly project: ProjectId
  readonly epic: string
  readonly number: number
  readonly title: string
  readonly status: string
  readonly startedAt: number
  readonly endedAt: number | null
  /** JSON of the run's summary; null while it is under way. */
  readonly summary: string | null
}

/** History: one row a task of a run, written when the task settles. */
export interface TaskRow {
  readonly run: RunId
  readonly task: string
  readonly state: string
  readonly outcome: string | null
  readonly attempts: number
  readonly role: string | null
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly cause: string | null
}

/**
 * Thrown by stores. `unavailable`: nothing was written, try again (disk full, I/O error). `unknown`: may or may not
 * have been written, ask `lastSeq`. `corrupt` and `newer`: stop, keep the file.
 */
export class StoreError extends Error {
  readonly kind: 'unavailable' | 'unknown' | 'corrupt' | 'newer'
  readonly remedy: string
  constructor(
    kind: 'unavailable' | 'unknown' | 'corrupt' | 'newer',
    message: string,
    remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = 'StoreError'
    this.kind = kind
    this.remedy = remedy
  }
}
