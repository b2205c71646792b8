import { STREAM_WINDOW } from '../../../preload/contract.ts'
import type { EventEnvelope } from '../../domain/events.ts'
import type { TerminalChunk } from '../../engine/controlCenter.ts'

/** What a page may be sent before it acknowledges; one stream waits on it at a time. */
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
    this.#waiting?.()
  }

  /** Resolves when `weight` may be sent, or on abort. A weight above the window's size never may. */
  async room(weight: number, signal: AbortSignal): Promise<void> {
    while (this.#open + weight > this.#size && !signal.aborted) {
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
}

/** Resolves when whatever carries the messages can take one more, or on abort. */
export type CarrierRoom = (signal: AbortSignal) => Promise<void>

/** Most events in one message. */
const BATCH_EVENTS = 1_000

/**
 * Sends events as they come and stops asking for more while the page owes acknowledgements. Those that come in the
 * same turn of the loop travel together.
 */
export async function sendEvents(
  events: AsyncIterable<EventEnvelope>,
  window: Window,
  carrier: CarrierRoom,
  signal: AbortSignal,
  send: (events: readonly EventEnvelope[]) => void,
): Promise<void> {
  let batch: EventEnvelope[] = []
  /** Set while a batch waits for the end of the turn. */
  let turn: NodeJS.Immediate | undefined
  const flush = (): void => {
    clearImmediate(turn)
    turn = undefined
    if (batch.length === 0 || signal.aborted) return
    send(batch)
    batch = []
  }
  try {
    for await (const event of events) {
      batch.push(event)
      window.sent(1)
      if (batch.length >= BATCH_EVENTS) {
        flush()
        await carrier(signal)
      } else turn ??= setImmediate(flush)
      await window.room(1, signal)
    }
    flush()
  } finally {
    clearImmediate(turn)
  }
}

/** Longest piece of output in one message, bytes. */
export const PIECE_BYTES = STREAM_WINDOW.output / 4

export async function sendOutput(
  chunks: AsyncIterable<TerminalChunk>,
  window: Window,
  carrier: CarrierRoom,
  signal: AbortSignal,
  send: (chunk: TerminalChunk) => void,
): Promise<void> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.data.length; at += PIECE_BYTES) {
      const data = chunk.data.subarray(at, at + PIECE_BYTES)
      await window.room(data.length, signal)
      await carrier(signal)
      if (signal.aborted) return
      window.sent(data.length)
      send({ offset: chunk.offset + at, data })
    }
  }
}
