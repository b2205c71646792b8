import type { EngineLink, LinkStatus } from '../api/pages/engineLink.ts'
import type { EventEnvelope } from '../domain/events.ts'
import { evolve } from '../domain/evolve.ts'
import { stateFromJson } from '../domain/serialise.ts'
import type { State } from '../domain/state.ts'
import type { ControlCenter } from '../engine/controlCenter.ts'

export interface Following {
  /** After each event, with the state it led to. Not for events that were there before following began. */
  onEvent(event: EventEnvelope, state: State): void
  /** After any number of events, at most once in LOOK_MS; undefined while there is no engine. */
  onState(state: State | undefined): void
}

/** How often the state is looked at while much happens, ms. */
const LOOK_MS = 100
/** Before a stream that broke while the engine is there is opened again, ms. */
const AGAIN_MS = 1_000

/**
 * Follows the engine with its own reducer, as the pages do: one snapshot, then events. When the engine comes back the
 * state goes on from the event it was at, so nothing that happened in between is missed.
 */
export class Follower {
  readonly #follow: Following
  readonly #unlink: () => void
  /** Undefined until the first snapshot, and after events did not fit. */
  #state: State | undefined
  /** Set while an engine is followed. */
  #abort: AbortController | undefined
  /** Set while a look is due. */
  #look: NodeJS.Timeout | undefined

  constructor(link: EngineLink, follow: Following) {
    this.#follow = follow
    this.#unlink = link.onChange((status) => this.#changed(status))
    this.#changed(link.status)
  }

  close(): void {
    this.#unlink()
    this.#abort?.abort()
    clearTimeout(this.#look)
  }

  #changed(status: LinkStatus): void {
    this.#abort?.abort()
    this.#abort = undefined
    clearTimeout(this.#look)
    this.#look = undefined
    if (status.status === 'lost') {
      this.#follow.onState(undefined)
      return
    }
    this.#abort = new AbortController()
    void this.#run(status.center, this.#abort.signal)
  }

  async #run(center: ControlCenter, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#stream(center, signal)
      } catch {
        // The engine went away, which the link tells, or an event did not fit: the state is fetched anew.
        if (!signal.aborted) this.#state = undefined
      }
      if (!signal.aborted) await pause(AGAIN_MS, signal)
    }
  }

  async #stream(center: ControlCenter, signal: AbortSignal): Promise<void> {
    const snapshot = await center.snapshot()
    if (signal.aborted) return
    // An older log than the one known is another one: somebody put the data folder back.
    if (this.#state === undefined || this.#state.seq > snapshot.seq) this.#state = stateFromJson(snapshot)
    this.#follow.onState(this.#state)
    for await (const event of center.events(this.#state.seq, signal)) {
      this.#state = evolve(this.#state, event)
      this.#follow.onEvent(event, this.#state)
      this.#look ??= setTimeout(() => {
        this.#look = undefined
        this.#follow.onState(this.#state)
      }, LOOK_MS)
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
