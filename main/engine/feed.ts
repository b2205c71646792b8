import type { EventEnvelope } from '../domain/events.ts'
import type { Store } from './ports/store.ts'

/** How many events a slow reader may fall behind before it is sent back to the store. */
const LIVE_BUFFER = 1_000
const PAGE = 1_000

/**
 * Events for whoever follows them: stored ones page by page, then live ones, without a gap and in order. A reader
 * that is too slow for the live stream reads from the store again; memory stays bounded either way.
 */
export class EventFeed {
  readonly #store: Store
  readonly #readers = new Set<Reader>()

  constructor(store: Store) {
    this.#store = store
  }

  publish(events: readonly EventEnvelope[]): void {
    for (const reader of this.#readers) reader.offer(events)
  }

  async *from(after: number, signal: AbortSignal): AsyncGenerator<EventEnvelope> {
    const reader = new Reader(signal)
    this.#readers.add(reader)
    let last = after
    try {
      while (!signal.aborted) {
        for (;;) {
          const page = await this.#store.read({ after: last, limit: PAGE })
          for (const event of page) {
            if (signal.aborted) return
            yield event
            last = event.seq
          }
          if (page.length < PAGE) break
        }
        for (;;) {
          const live = await reader.next()
          if (live === undefined || signal.aborted) break
          if (live.seq <= last) continue
          if (live.seq > last + 1) break
          yield live
          last = live.seq
        }
      }
    } finally {
      this.#readers.delete(reader)
    }
  }
}

/** One reader's live events. `overflowed` readers get undefined once and go back to the store. */
class Reader {
  #buffer: EventEnvelope[] = []
  #overflowed = false
  /** Set while the reader waits for the next event. */
  #wake: (() => void) | undefined
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', () => this.#wake?.(), { once: true })
  }

  offer(events: readonly EventEnvelope[]): void {
    if (this.#overflowed) return
    if (this.#buffer.length + events.length > LIVE_BUFFER) {
      this.#overflowed = true
      this.#buffer = []
    } else {
      this.#buffer.push(...events)
    }
    this.#wake?.()
  }

  async next(): Promise<EventEnvelope | undefined> {
    while (this.#buffer.length === 0 && !this.#overflowed && !this.#signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    if (this.#overflowed) {
      this.#overflowed = false
      return undefined
    }
    return this.#buffer.shift()
  }
}
