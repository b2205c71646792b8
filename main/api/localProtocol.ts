import type { Outcome } from '../domain/commands.ts'
import type { EventEnvelope } from '../domain/events.ts'
import type { AttemptId, ProjectId, RunId } from '../domain/ids.ts'
import type { StateJson } from '../domain/serialise.ts'
import type {
  AgentUsageNow,
  DispatchRequest,
  EngineHealth,
  PointsRequest,
  RebuiltContext,
  TerminalRequest,
} from '../engine/controlCenter.ts'
import type { CommitsBetween } from '../engine/ports/pointCommits.ts'
import type { PreviewRequest, RollbackPreview } from '../engine/ports/rollbackPreview.ts'
import type { SeriesPoint, SeriesQuery } from '../engine/ports/series.ts'
import type { RunRow, RunsQuery, TaskRow } from '../engine/ports/store.ts'
import type { SightRequest, TargetSight } from '../engine/ports/targets.ts'
import type { Vitals } from '../engine/vitals.ts'

/**
 * What is said on the local socket: one JSON object a line. The server greets, then answers requests by their id,
 * in any order. A stream has a connection of its own: the socket's own flow control holds back a server whose client
 * reads slowly, and closing the connection cancels the stream.
 */

export const PROTOCOL_VERSION = 1

/** A longer request is refused and its connection closed. */
export const MAX_REQUEST_BYTES = 8 * 1024 * 1024
/** A longer answer is a sign of something else than an engine. */
export const MAX_ANSWER_BYTES = 256 * 1024 * 1024

export interface Greeting {
  readonly amphitheatre: number
  readonly pid: number
}

export interface Calls {
  readonly dispatch: { readonly args: DispatchRequest; readonly result: Outcome }
  readonly snapshot: { readonly args: Readonly<Record<string, never>>; readonly result: StateJson }
  readonly history: { readonly args: HistoryQuery; readonly result: readonly EventEnvelope[] }
  readonly runs: { readonly args: RunsQuery; readonly result: readonly RunRow[] }
  readonly tasks: { readonly args: { readonly run: RunId }; readonly result: readonly TaskRow[] }
  readonly input: { readonly args: InputArgs; readonly result: null }
  readonly resize: { readonly args: ResizeArgs; readonly result: null }
  readonly diff: {
    readonly args: { readonly project: ProjectId; readonly run: RunId }
    readonly result: string
  }
  readonly patch: {
    readonly args: { readonly project: ProjectId; readonly hash: string }
    readonly result: string | null
  }
  readonly targetSight: { readonly args: SightRequest; readonly result: TargetSight | null }
  readonly commitsBetween: { readonly args: PointsRequest; readonly result: CommitsBetween | null }
  readonly rollbackPreview: { readonly args: PreviewRequest; readonly result: RollbackPreview }
  readonly rebuildContext: {
    readonly args: { readonly project: ProjectId }
    readonly result: RebuiltContext
  }
  readonly usage: {
    readonly args: Readonly<Record<string, never>>
    readonly result: readonly AgentUsageNow[]
  }
  readonly health: { readonly args: Readonly<Record<string, never>>; readonly result: EngineHealth }
  readonly vitals: { readonly args: Readonly<Record<string, never>>; readonly result: Vitals }
  readonly series: { readonly args: SeriesQuery; readonly result: readonly SeriesPoint[] }
}
export type CallName = keyof Calls

export interface Streams {
  readonly events: { readonly args: { readonly from: number }; readonly item: EventEnvelope }
  readonly terminal: { readonly args: TerminalRequest; readonly item: WireChunk }
}
export type StreamName = keyof Streams

export interface HistoryQuery {
  readonly after: number
  readonly limit: number
  readonly run?: RunId
}

export interface InputArgs {
  readonly attempt: AttemptId
  /** Base64. */
  readonly data: string
}

export interface ResizeArgs {
  readonly attempt: AttemptId
  readonly columns: number
  readonly rows: number
}

export interface WireChunk {
  readonly offset: number
  /** Base64. */
  readonly data: string
}

export interface Request {
  readonly id: number
  readonly call: string
  readonly args: unknown
}

export type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: WireError }
  | { readonly id: number; readonly item: unknown }
  | { readonly id: number; readonly end: true }

/** `id` is 0 in an answer to something that was no request. */
export interface WireError {
  readonly message: string
  readonly name: string
  readonly kind?: string
  readonly remedy?: string
}

export function encodeLine(message: Greeting | Request | Answer): string {
  return `${JSON.stringify(message)}\n`
}

/** Cuts a byte stream into lines. Throws RangeError as soon as a line is longer than `limit`, before it is whole. */
export class LineSplitter {
  readonly #limit: number
  /** Pieces of the line that has begun; empty between lines. */
  #pieces: Buffer[] = []
  #size = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The lines that `chunk` completes, without their line ends; empty lines are left out. */
  push(chunk: Buffer): readonly string[] {
    const lines: string[] = []
    let start = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      this.#add(chunk.subarray(start, end))
      const line = Buffer.concat(this.#pieces).toString('utf8')
      if (line.trim() !== '') lines.push(line)
      this.#pieces = []
      this.#size = 0
      start = end + 1
    }
    if (start < chunk.length) this.#add(chunk.subarray(start))
    return lines
  }

  #add(piece: Buffer): void {
    this.#size += piece.length
    if (this.#size > this.#limit) throw new RangeError(`a line is longer than ${this.#limit} bytes`)
    this.#pieces.push(piece)
  }
}
