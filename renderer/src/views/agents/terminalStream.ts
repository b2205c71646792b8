import type { AttemptId } from '../../../../main/domain/ids.ts'
import type { AmphitheatreBridge, Connection, Failure } from '../../../../preload/contract.ts'
import { STREAM_WINDOW } from '../../../../preload/contract.ts'
import { characterStart, joined, NEWLINE, type Piece } from './pieces.ts'

/** Where output goes. `write` calls back once what it was given is parsed; in order, never two at a time. */
export interface Sink {
  write(data: Uint8Array, done: () => void): void
  /** What is there is thrown away: what follows begins anew. */
  clear(): void
  /** The bytes from `from` to before `to` are not kept any more; the next `write` starts at `to`. */
  gap(from: number, to: number): void
  /** The output's end was reached and written. */
  end(): void
}

export interface StreamState {
  /**
   * opening: asked for · open: follows · lost: the engine is away, goes on by itself · ended: the output's end was
   * reached · failed: `error` says why, `retry` tries again.
   */
  readonly phase: 'opening' | 'open' | 'lost' | 'ended' | 'failed'
  /** Offset of the first byte shown; undefined while there is none. */
  readonly first: number | undefined
  /** Offset after the last byte handed to the sink; undefined while there is none. */
  readonly next: number | undefined
  readonly error: Failure | undefined
}

export interface StreamParts {
  readonly bridge: AmphitheatreBridge
  readonly nextStream: () => number
  readonly attempt: AttemptId
  readonly sink: Sink
  readonly onChange: (state: StreamState) => void
}

/** What a late viewer gets of a long output, bytes. */
export const LATE_BYTES = 2_097_152
/** A first line longer than this is not cut to its end, bytes. */
const CUT_BYTES = 65_536
/** Most that is parsed in one go, bytes: long enough to be fast, short enough not to be felt. */
const WRITE_BYTES = STREAM_WINDOW.output / 4
/** Where a stream was lost with the engine still there, it is opened again after so long, ms. */
const RETRY_MS = 250

/**
 * One attempt's output from the engine into a terminal, each byte once and in order, whatever is lost on the way.
 * Bytes are acknowledged when they are parsed and not before, so that no more than STREAM_WINDOW.output is ever under
 * way; while hidden nothing is parsed, and so the engine holds the rest back.
 *
 * `#stream` is undefined unless opening or open. `#pieces` came and are not written; `#received` is the offset after
 * the last of them, `#written` after the last one written; both undefined before the first byte.
 */
export class TerminalStream {
  readonly #parts: StreamParts
  readonly #stops: (() => void)[]
  #state: StreamState = { phase: 'opening', first: undefined, next: undefined, error: undefined }
  #stream: number | undefined
  /** From where it is opened while nothing was received. */
  #from: number
  #pieces: Piece[] = []
  #held = 0
  #received: number | undefined
  #written: number | undefined
  #writing = false
  #hidden = false
  #connected = true
  #stopped = false
  /** Set after the end was cut off: the first piece says whether it joins on. */
  #jumping = false
  /** Set while the first line of a late view is cut off: from where. */
  #cutFrom: number | undefined
  /** Acknowledgements gathered for one message. */
  #owed = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Output before this offset was shown before: programs that ask in it have their answer. */
  #seenUntil = 0

  /** `from`: where to begin; if negative, so many bytes before the end. */
  constructor(parts: StreamParts, from = -LATE_BYTES) {
    this.#parts = parts
    this.#from = from
    const { bridge } = parts
    this.#stops = [
      bridge.on('output', (piece) => this.#take(piece)),
      bridge.on('ended', ({ stream, error }) => {
        if (stream === this.#stream) this.#ended(error)
      }),
      bridge.on('connection', (connection) => this.#connection(connection)),
    ]
    if (this.#stream === undefined) this.#open()
  }

  get state(): StreamState {
    return this.#state
  }

  /** All that came is parsed, and nothing of it was shown before. */
  get isLive(): boolean {
    return this.#pieces.length === 0 && !this.#writing && (this.#written ?? 0) >= this.#seenUntil
  }

  /** Begins anew at `from`, as the constructor does. */
  restart(from: number): void {
    this.#seenUntil = Math.max(this.#seenUntil, this.#written ?? 0)
    this.#forget()
    this.#from = from
    this.#parts.sink.clear()
    this.#open()
  }

  retry(): void {
    if (this.#state.phase === 'failed') this.#open()
  }

  /** While hidden nothing is parsed. Who comes back after much has gone by sees its end, as a late viewer does. */
  setVisible(visible: boolean): void {
    this.#hidden = !visible
    if (this.#hidden || this.#stopped) return
    if (this.#held >= STREAM_WINDOW.output / 2 && this.#stream !== undefined && !this.#writing) {
      this.#pieces = []
      this.#held = 0
      this.#received = this.#written
      this.#jumping = this.#written !== undefined
      this.#from = -LATE_BYTES
      this.#open(-LATE_BYTES)
    } else this.#pump()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    for (const stop of this.#stops) stop()
    this.#close()
  }

  #open(from = this.#received ?? this.#from): void {
    clearTimeout(this.#timer)
    this.#close()
    const stream = this.#parts.nextStream()
    this.#stream = stream
    this.#set({ phase: 'opening', error: undefined })
    this.#parts.bridge.request('output', { stream, attempt: this.#parts.attempt, from, follow: true }).then(
      () => {
        if (stream === this.#stream) this.#set({ phase: 'open' })
      },
      (error: Failure) => {
        if (stream === this.#stream) this.#ended(error)
      },
    )
  }

  #close(): void {
    this.#owed = 0
    if (this.#stream === undefined) return
    this.#parts.bridge.request('close', { stream: this.#stream }).catch(() => undefined)
    this.#stream = undefined
  }

  #forget(): void {
    this.#pieces = []
    this.#held = 0
    this.#received = undefined
    this.#written = undefined
    this.#jumping = false
    this.#cutFrom = undefined
    this.#set({ first: undefined, next: undefined })
  }

  #ended(error: Failure | null): void {
    this.#stream = undefined
    if (error === null) {
      this.#set({ phase: 'ended' })
      this.#rest()
    } else if (error.kind === 'lost') this.#lost()
    else this.#set({ phase: 'failed', error })
  }

  #lost(): void {
    this.#stream = undefined
    this.#set({ phase: 'lost' })
    clearTimeout(this.#timer)
    if (this.#connected) this.#timer = setTimeout(() => this.#open(), RETRY_MS)
  }

  #connection(connection: Connection): void {
    this.#connected = connection.status === 'connected'
    const { phase } = this.#state
    if (!this.#connected) {
      clearTimeout(this.#timer)
      if (phase === 'opening' || phase === 'open') this.#lost()
    } else if (phase === 'lost') this.#open()
  }

  #take(piece: Piece): void {
    if (piece.stream !== this.#stream || this.#stopped) return
    if (this.#state.phase === 'opening') this.#set({ phase: 'open' })
    this.#pieces.push(piece)
    this.#held += piece.data.length
    this.#received = piece.offset + piece.data.length
    this.#pump()
  }

  #pump(): void {
    while (!this.#writing && !this.#hidden && !this.#stopped && this.#pieces.length > 0) this.#write()
  }

  #write(): void {
    const { pieces, weight, stream } = this.#nextPieces()
    const { offset, data } = joined(pieces)
    const at = this.#place(offset, data)
    if (at === undefined) {
      this.#parsed(stream, weight)
      return
    }
    const rest = data.subarray(at - offset)
    this.#written = offset + data.length
    this.#set({ first: this.#state.first ?? at, next: this.#written })
    this.#writing = true
    this.#parts.sink.write(rest, () => {
      this.#writing = false
      this.#parsed(stream, weight)
      this.#pump()
      this.#rest()
    })
  }

  #rest(): void {
    const written = !this.#writing && this.#pieces.length === 0
    if (written && this.#state.phase === 'ended' && !this.#stopped) this.#parts.sink.end()
  }

  /** Pieces of one stream that follow each other, up to WRITE_BYTES but at least one. */
  #nextPieces(): { readonly pieces: readonly Piece[]; readonly weight: number; readonly stream: number } {
    const head = this.#pieces[0]!
    let weight = 0
    let count = 0
    for (const { stream, offset, data } of this.#pieces) {
      const follows = stream === head.stream && offset === head.offset + weight
      if (!follows || (count > 0 && weight + data.length > WRITE_BYTES)) break
      weight += data.length
      count += 1
    }
    this.#held -= weight
    return { pieces: this.#pieces.splice(0, count), weight, stream: head.stream }
  }

  /** From which offset on a piece is shown: not what was shown already; undefined if that is all of it. */
  #place(offset: number, data: Uint8Array): number | undefined {
    const jumping = this.#jumping
    this.#jumping = false
    if (this.#written === undefined) this.#begin(offset)
    else if (offset > this.#written) {
      if (jumping) {
        this.#parts.sink.clear()
        this.#set({ first: undefined })
        this.#begin(offset)
      } else this.#parts.sink.gap(this.#written, offset)
    }
    const at = Math.max(offset, this.#written ?? offset)
    if (at >= offset + data.length) return undefined
    return this.#cutFrom === undefined ? at : this.#cut(this.#cutFrom, at, offset, data)
  }

  /** A late viewer's first line is cut off; where the beginning was asked for and is gone, that is told. */
  #begin(offset: number): void {
    if (this.#from < 0) this.#cutFrom = offset === 0 ? undefined : offset
    else if (offset > this.#from) this.#parts.sink.gap(this.#from, offset)
  }

  /** Where the first whole line begins, looked for over CUT_BYTES; after that, the first whole character. */
  #cut(from: number, at: number, offset: number, data: Uint8Array): number | undefined {
    const end = offset + data.length
    const newline = data.indexOf(NEWLINE, at - offset)
    const found = newline >= 0
    if (found || end - from >= CUT_BYTES) this.#cutFrom = undefined
    const start = found ? offset + newline + 1 : at + characterStart(data.subarray(at - offset))
    if (this.#cutFrom === undefined && start < end) return start
    this.#written = end
    return undefined
  }

  #parsed(stream: number, weight: number): void {
    if (stream !== this.#stream || this.#stopped) return
    this.#owed += weight
    if (this.#owed > weight) return
    queueMicrotask(() => {
      if (stream !== this.#stream) return
      const owed = this.#owed
      this.#owed = 0
      this.#parts.bridge.request('ack', { stream, weight: owed }).catch(() => undefined)
    })
  }

  #set(change: Partial<StreamState>): void {
    const next = { ...this.#state, ...change }
    const same = (Object.keys(change) as (keyof StreamState)[]).every((key) => this.#state[key] === next[key])
    this.#state = next
    if (!same && !this.#stopped) this.#parts.onChange(next)
  }
}
