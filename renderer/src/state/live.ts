import { createStore, type StoreApi } from 'zustand/vanilla'
import type { EventEnvelope } from '../../../main/domain/events.ts'
import { evolve } from '../../../main/domain/evolve.ts'
import { STATE_SHAPE, stateFromJson } from '../../../main/domain/serialise.ts'
import type { State } from '../../../main/domain/state.ts'
import type { AmphitheatreBridge, Connection } from '../../../preload/contract.ts'

/** The engine's state in the pages: one snapshot, then the same reducer on the same events. */
export interface Live {
  /** Undefined until the first snapshot has come. */
  readonly state: State | undefined
  readonly connection: Connection | { readonly status: 'connecting' }
  /** Set when the engine speaks of a state this page does not know: it has to be loaded anew. */
  readonly outdated: boolean
  /** Engine time minus this page's clock, ms; what counts up between events counts by it. */
  readonly clockOffset: number
  /** Snapshots taken; more than one means that something was missed and made good. */
  readonly snapshots: number
}

/** Where a stream was lost with the engine still there, it is opened again after so long, ms. */
const RETRY_MS = 250
/** While the window is hidden no frames come: events are applied at least this often, ms. */
const HIDDEN_MS = 250
/** How often it is made sure that nothing got lost after the last event, ms. */
const VERIFY_MS = 5_000
/** Further behind than this, a new snapshot is cheaper than the events. */
const FAR_BEHIND = 20_000

export type EventListener = (events: readonly EventEnvelope[]) => void

export interface LiveStore extends StoreApi<Live> {
  /** Sees events as they are applied, once each; not those a snapshot stood in for. */
  onEvents(listener: EventListener): () => void
  /** Numbers for streams of one page. */
  nextStream(): number
  /** Asks whether there is more than has come, and fetches it. Done by itself every few seconds. */
  verify(): Promise<void>
  stop(): void
}

/** Follows the engine until `stop`; whatever is lost on the way, the state comes to equal the engine's again. */
export function followEngine(bridge: AmphitheatreBridge, clock: FrameClock = frames): LiveStore {
  const store = createStore<Live>(() => ({
    state: undefined,
    connection: { status: 'connecting' },
    outdated: false,
    clockOffset: 0,
    snapshots: 0,
  }))
  const follower = new Follower(bridge, store, clock)
  return Object.assign(store, {
    onEvents: (listener: EventListener) => follower.listen(listener),
    nextStream: () => follower.nextStream(),
    verify: () => follower.verify(),
    stop: () => follower.stop(),
  })
}

/** Calls back once, soon, when the next picture is due. */
export type FrameClock = (callback: () => void) => void

const frames: FrameClock = (callback) => {
  let done = false
  const once = (): void => {
    if (done) return
    done = true
    callback()
  }
  requestAnimationFrame(once)
  setTimeout(once, HIDDEN_MS)
}

/**
 * Lost (no stream), opening (a snapshot or `follow` is asked for), following (a stream is open). `#stream` is
 * undefined while lost; `#queue` holds what came since the last frame.
 */
class Follower {
  readonly #bridge: AmphitheatreBridge
  readonly #store: StoreApi<Live>
  readonly #clock: FrameClock
  readonly #listeners = new Set<EventListener>()
  readonly #stops: (() => void)[]
  #stream: number | undefined
  #lastStream = 0
  #queue: EventEnvelope[] = []
  #frameDue = false
  #stopped = false
  /** Where the last look found more than had come. */
  #suspect: number | undefined
  /** Counts openings, so that a late answer to an earlier one is dropped. */
  #opening = 0

  constructor(bridge: AmphitheatreBridge, store: StoreApi<Live>, clock: FrameClock) {
    this.#bridge = bridge
    this.#store = store
    this.#clock = clock
    this.#stops = [
      bridge.on('events', ({ stream, events }) => this.#take(stream, events)),
      bridge.on('ended', ({ stream }) => {
        if (stream === this.#stream) this.#reopenSoon()
      }),
      bridge.on('connection', (connection) => this.#connected(connection)),
    ]
    const timer = setInterval(() => void this.verify(), VERIFY_MS)
    this.#stops.push(() => clearInterval(timer))
    void this.#open()
  }

  /** A message lost at the end leaves no gap to be seen. */
  async verify(): Promise<void> {
    const stream = this.#stream
    const seq = this.#store.getState().state?.seq
    if (stream === undefined || seq === undefined || this.#queue.length > 0) return
    try {
      const [missed] = await this.#bridge.request('history', { after: seq, limit: 1 })
      const now = this.#store.getState().state?.seq
      const still = stream === this.#stream && now === seq && this.#queue.length === 0
      // What was on its way while this was asked arrives before the next look.
      if (missed !== undefined && still && this.#suspect === seq) void this.#open()
      this.#suspect = missed !== undefined && still ? seq : undefined
    } catch {
      // Told by `connection`.
    }
  }

  listen(listener: EventListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  nextStream(): number {
    this.#lastStream += 1
    return this.#lastStream
  }

  stop(): void {
    this.#stopped = true
    for (const stop of this.#stops) stop()
    this.#dropStream()
  }

  #connected(connection: Connection): void {
    this.#store.setState({ connection })
    if (connection.status === 'lost') {
      this.#opening += 1
      this.#stream = undefined
    } else if (this.#stream === undefined) void this.#open()
  }

  #reopenSoon(): void {
    this.#stream = undefined
    setTimeout(() => {
      if (this.#stream === undefined && !this.#stopped) void this.#open()
    }, RETRY_MS)
  }

  /** From where the state is, or from a new snapshot when there is none or `anew`. */
  async #open(anew = false): Promise<void> {
    this.#opening += 1
    const mine = this.#opening
    this.#dropStream()
    try {
      if (anew || this.#store.getState().state === undefined || (await this.#isFarBehind())) {
        const json = await this.#bridge.request('snapshot', {})
        if (mine !== this.#opening || this.#stopped) return
        if (json.shape !== STATE_SHAPE) return this.#store.setState({ outdated: true })
        this.#queue = []
        this.#store.setState((live) => ({
          state: stateFromJson(json),
          clockOffset: Math.max(live.clockOffset, json.time - Date.now()),
          snapshots: live.snapshots + 1,
        }))
      }
      if (mine !== this.#opening || this.#stopped) return
      const stream = this.nextStream()
      this.#stream = stream
      this.#queue = []
      await this.#bridge.request('follow', { stream, from: this.#store.getState().state!.seq })
    } catch {
      // Told by `connection` when the engine is lost; anything else is worth another try.
      if (mine === this.#opening && !this.#stopped) this.#reopenSoon()
    }
  }

  /** Also when the engine's log is shorter than what this page has seen: it is another engine's. */
  async #isFarBehind(): Promise<boolean> {
    const { seq } = this.#store.getState().state!
    const [first] = await this.#bridge.request('history', { after: seq + FAR_BEHIND, limit: 1 })
    if (first !== undefined) return true
    if (seq === 0) return false
    const [last] = await this.#bridge.request('history', { after: seq - 1, limit: 1 })
    return last === undefined
  }

  #dropStream(): void {
    if (this.#stream !== undefined) {
      this.#bridge.request('close', { stream: this.#stream }).catch(() => undefined)
    }
    this.#stream = undefined
  }

  #take(stream: number, events: readonly EventEnvelope[]): void {
    if (stream !== this.#stream) return
    this.#queue.push(...events)
    if (this.#frameDue) return
    this.#frameDue = true
    this.#clock(() => this.#apply())
  }

  /** One state for all events since the last frame. */
  #apply(): void {
    this.#frameDue = false
    const stream = this.#stream
    const { state } = this.#store.getState()
    if (this.#stopped || stream === undefined || state === undefined) return
    const events = this.#queue
    this.#queue = []
    let next = state
    try {
      for (const event of events) {
        if (event.seq <= next.seq) continue
        if (event.seq !== next.seq + 1) throw new RangeError(`event ${next.seq + 1} is missing`)
        next = evolve(next, event)
      }
    } catch {
      void this.#open(true)
      return
    }
    const clockOffset = Math.max(this.#store.getState().clockOffset, next.time - Date.now())
    if (next !== state) this.#store.setState({ state: next, clockOffset })
    for (const listener of this.#listeners) listener(events)
    this.#bridge.request('ack', { stream, weight: events.length }).catch(() => undefined)
  }
}
