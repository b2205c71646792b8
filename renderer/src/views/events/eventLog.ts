import { createStore, type StoreApi } from 'zustand/vanilla'
import type { EventEnvelope } from '../../../../main/domain/events.ts'
import type { RunId } from '../../../../main/domain/ids.ts'
import type { Requests } from '../../../../preload/contract.ts'

/** Events asked for at once: at first, and at most where few of them fit. */
const PAGE = 500
const PAGE_MOST = 8_000
/** Fitting events wanted each time more are asked for. */
const WANTED = 200
/** Events looked through for them before a person is asked whether to go on. */
const LOOKED = 40_000
/** Events kept: what is further away is dropped and fetched again. */
const KEPT = 3_000

/** A piece of the log: every event that fits with `from` < seq ≤ `to`. */
export interface LogWindow {
  readonly rows: readonly EventEnvelope[]
  readonly from: number
  readonly to: number
  /** Live events are appended. */
  readonly atEnd: boolean
  readonly busy: boolean
  readonly error: unknown
}

export interface LogQuery {
  readonly run: RunId | undefined
  readonly fits: (event: EventEnvelope) => boolean
}

export type History = (args: Requests['history']['args']) => Promise<readonly EventEnvelope[]>

/**
 * A window over the event log, moved by what is asked for at its edges; never more than KEPT events are held. One
 * request after the other: what is asked for while another is under way is dropped, and asked for again by the edge.
 */
export class EventLog {
  readonly store: StoreApi<LogWindow>
  readonly #history: History
  readonly #query: LogQuery
  #stopped = false

  /** Begins before `end`, the newest seq there is; call `earlier` to fill it. */
  constructor(history: History, query: LogQuery, end: number) {
    this.#history = history
    this.#query = query
    this.store = createStore(() => ({
      rows: [],
      from: end,
      to: end,
      atEnd: true,
      busy: false,
      error: undefined,
    }))
  }

  stop(): void {
    this.#stopped = true
  }

  /** Fetches what came before the window, until enough of it fits. */
  earlier(): Promise<void> {
    return this.#alone(async () => {
      let found = 0
      let size = PAGE
      const limit = this.#now.from - LOOKED
      while (found < WANTED && this.#now.from > Math.max(0, limit)) {
        const { from } = this.#now
        const after = Math.max(0, from - size)
        const page = await this.#page(after, from - after)
        if (this.#stopped) return
        const fitting = page.filter((event) => event.seq <= from && this.#query.fits(event))
        found += fitting.length
        size = Math.min(PAGE_MOST, size * 2)
        this.#set(trimEnd({ ...this.#now, rows: [...fitting, ...this.#now.rows], from: after }))
      }
    })
  }

  /** Fetches what came after the window, where it does not reach the end. */
  later(): Promise<void> {
    return this.#alone(() => this.#forward())
  }

  async #forward(): Promise<void> {
    let found = 0
    let looked = 0
    while (found < WANTED && looked < LOOKED && !this.#now.atEnd) {
      const { to } = this.#now
      const page = await this.#page(to, PAGE)
      if (this.#stopped) return
      const fitting = page.filter((event) => this.#query.fits(event))
      found += fitting.length
      looked += PAGE
      const next = { ...this.#now, rows: [...this.#now.rows, ...fitting], to: page.at(-1)?.seq ?? to }
      this.#set(trimStart({ ...next, atEnd: page.length < PAGE }))
    }
  }

  /** Begins anew at an event. */
  jump(seq: number): Promise<void> {
    return this.#alone(async () => {
      const before = Math.max(0, seq - 1)
      this.#set({ ...this.#now, rows: [], from: before, to: before, atEnd: false })
      await this.#forward()
    })
  }

  /** The first event at or after a time, ms of engine time, of those up to `end`. */
  async seqAt(time: number, end: number): Promise<number> {
    let low = 1
    let high = Math.max(1, end)
    while (low < high) {
      const middle = (low + high) >> 1
      const [event] = await this.#history({ after: middle - 1, limit: 1 })
      if (event === undefined || event.time >= time) high = middle
      else low = middle + 1
    }
    return low
  }

  /** New events. `watched`: the end is in sight, so old ones may go; else the window stays where it is. */
  append(events: readonly EventEnvelope[], watched: boolean): void {
    const now = this.#now
    if (!now.atEnd || now.busy) {
      if (now.busy && now.atEnd) this.#set({ ...now, atEnd: false })
      return
    }
    const fresh = events.filter((event) => event.seq > now.to)
    if (fresh.length === 0) return
    const { run } = this.#query
    const fitting = fresh.filter(
      (event) => (run === undefined || event.run === run) && this.#query.fits(event),
    )
    const to = fresh.at(-1)!.seq
    const rows = fitting.length === 0 ? now.rows : [...now.rows, ...fitting]
    if (!watched && rows.length > KEPT) this.#set({ ...now, atEnd: false })
    else this.#set(trimStart({ ...now, rows, to }))
  }

  get #now(): LogWindow {
    return this.store.getState()
  }

  #set(window: LogWindow): void {
    if (!this.#stopped) this.store.setState(window)
  }

  #page(after: number, limit: number): Promise<readonly EventEnvelope[]> {
    const { run } = this.#query
    return this.#history({ after, limit, ...(run === undefined ? {} : { run }) })
  }

  async #alone(work: () => Promise<void>): Promise<void> {
    if (this.#now.busy || this.#stopped) return
    this.#set({ ...this.#now, busy: true, error: undefined })
    try {
      await work()
      this.#set({ ...this.#now, busy: false })
    } catch (error) {
      this.#set({ ...this.#now, busy: false, error })
    }
  }
}

function trimEnd(window: LogWindow): LogWindow {
  if (window.rows.length <= KEPT) return window
  const rows = window.rows.slice(0, KEPT)
  return { ...window, rows, to: rows.at(-1)!.seq, atEnd: false }
}

function trimStart(window: LogWindow): LogWindow {
  if (window.rows.length <= KEPT) return window
  const rows = window.rows.slice(-KEPT)
  return { ...window, rows, from: rows[0]!.seq - 1 }
}
