import { STREAM_WINDOW } from '../../../preload/contract.ts'
import type { EventEnvelope } from '../../domain/events.ts'
import type { TerminalChunk } from '../../engine/controlCenter.ts'

/**
 * Sends what comes and stops asking for more while the page owes acknowledgements. What gathers while the last piece
 * is on its way goes out as one: many small items cost one message.
 */
export class Window {
  readonly #size: number
  #open = 0
  /** Set while full. */
  #waiting: (() => void) | undefined

  constructor(size: number) {
    this.#size = size
  }

  sent(weight: number): void {
    this.#open += weight
  }

  acked(weight: number): void {
    this.#open = Math.max(0, this.#open - weight)
    if (this.#open < this.#size) this.#waiting?.()
  }

  /** Resolves when there is room, or on abort. */
  async room(signal: AbortSignal): Promise<void> {
    if (this.#open < this.#size || signal.aborted) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done)
        this.#waiting = undefined
        resolve()
      }
      this.#waiting = done
      signal.addEventListener('abort', done)
    })
  }
}

/** Most events in one message. */
const BATCH_EVENTS = 1_000

/** Events that come in the same turn of the loop travel together. */
export async function sendEvents(
  events: AsyncIterable<EventEnvelope>,
  window: Window,
  signal: AbortSignal,
  send: (events: readonly EventEnvelope[]) => void,
): Promise<void> {
  let batch: EventEnvelope[] = []
  let turn: NodeJS.Immediate | undefined
  const flush = (): void => {
    turn = undefined
    if (batch.length === 0 || signal.aborted) return
    send(batch)
    batch = []
  }
  try {
    for await (const event of events) {
      batch.push(event)
      window.sent(1)
      if (batch.length >= BATCH_EVENTS) flush()
      turn ??= setImmediate(flush)
      await window.room(signal)
    }
    flush()
  } finally {
    if (turn !== undefined) clearImmediate(turn)
  }
}

/** Output below this goes out at once; above it, pieces that are there already are joined, bytes. */
const PIECE_BYTES = STREAM_WINDOW.output / 4

export async function sendOutput(
  chunks: AsyncIterable<TerminalChunk>,
  window: Window,
  signal: AbortSignal,
  send: (chunk: TerminalChunk) => void,
): Promise<void> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.data.length; at += PIECE_BYTES) {
      await window.room(signal)
      if (signal.aborted) return
      const data = chunk.data.subarray(at, at + PIECE_BYTES)
      window.sent(data.length)
      send({ offset: chunk.offset + at, data })
    }
  }
}
