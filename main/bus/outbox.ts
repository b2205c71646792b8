import type Database from 'better-sqlite3'
import type { EventEnvelope } from '../domain/events.ts'
import type { State } from '../domain/state.ts'
import type { Bus, BusRecord } from '../engine/ports/bus.ts'
import { recordsOf, type TopicRecord } from './topics.ts'

/** The log, as the outbox reads it. */
export interface OutboxSource {
  readonly state: State
  /** Stored events with `seq > after`, in order, at most `limit`. */
  read(after: number, limit: number): Promise<readonly EventEnvelope[]>
  /** Called after each commit with its events. Returns the way to stop. */
  onPublish(listener: (events: readonly EventEnvelope[]) => void): () => void
}

export interface OutboxOptions {
  readonly bus: Bus
  readonly db: Database.Database
  readonly source: OutboxSource
  readonly origin: string
  readonly onTrouble: (reason: string | null) => void
}

const PAGE = 500
/** Live events kept in memory; a slow bus makes the outbox read from the log instead. */
const LIVE = 2_000
/** The cursor is saved at the latest after so many events that say nothing to anybody. */
const SAVE_EVERY = 2_000
const FIRST_RETRY_MS = 200
const MAX_RETRY_MS = 30_000

/**
 * Publishes from the log, in order, and remembers how far it has come only after the bus has taken it: what a crash
 * leaves in doubt is published again under the same id and number. idle → (events) → publishing → idle; a bus that
 * refuses: publishing → resting → publishing.
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #off: () => void
  #live: EventEnvelope[] = []
  /** Of the last event dealt with. */
  #seq: number
  #saved: number
  /** True from the moment there is something to publish until all is. */
  #busy = false
  #closed = false
  /** Set while resting after a failure. */
  #wake: (() => void) | undefined
  #idle: Promise<void> = Promise.resolve()
  readonly #numbers = new Map<string, number>()

  private constructor(options: OutboxOptions, seq: number) {
    this.#options = options
    this.#seq = seq
    this.#saved = seq
    this.#off = options.source.onPublish((events) => this.#offer(events))
    this.#kick()
  }

  /** `startAt`: where a bus that was never published to begins, normally the end of the log. */
  static open(options: OutboxOptions, startAt: number): Outbox {
    const { db, bus } = options
    const known = db.prepare('SELECT seq FROM outbox WHERE bus = ?').pluck().get(bus.kind) as
      | number
      | undefined
    if (known === undefined) db.prepare('INSERT INTO outbox (bus, seq) VALUES (?, ?)').run(bus.kind, startAt)
    return new Outbox(options, known ?? startAt)
  }

  /** Resolves when everything committed so far is published, or the outbox is closed. */
  async settled(): Promise<void> {
    await this.#idle
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#off()
    this.#wake?.()
    await this.#idle
    if (this.#seq > this.#saved) this.#save(this.#seq, new Map())
  }

  #offer(events: readonly EventEnvelope[]): void {
    if (this.#live.length + events.length > LIVE) this.#live = []
    else for (const event of events) this.#live.push(event)
    this.#kick()
  }

  #kick(): void {
    if (this.#busy || this.#closed) return
    this.#busy = true
    this.#idle = this.#run().finally(() => {
      this.#busy = false
    })
  }

  async #run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS
    while (!this.#closed) {
      try {
        const events = await this.#next()
        if (events.length === 0) return
        await this.#publish(events)
        this.#options.onTrouble(null)
        retryMs = FIRST_RETRY_MS
      } catch (error) {
        this.#options.onTrouble((error as Error).message)
        await this.#rest(retryMs)
        retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)
      }
    }
  }

  /** From memory where that goes on without a gap, else from the log. */
  async #next(): Promise<readonly EventEnvelope[]> {
    while (this.#live[0] !== undefined && this.#live[0].seq <= this.#seq) this.#live.shift()
    if (this.#live[0]?.seq === this.#seq + 1) return this.#live.slice(0, PAGE)
    return this.#options.source.read(this.#seq, PAGE)
  }

  async #publish(events: readonly EventEnvelope[]): Promise<void> {
    const { bus, source, origin } = this.#options
    const last = events.at(-1)!.seq
    const found = events.flatMap((event) => recordsOf(event, source.state, origin))
    const numbers = new Map<string, number>()
    const records = found.map((record) => this.#numbered(record, numbers))
    if (records.length > 0) await bus.publish(records)
    for (const [key, n] of numbers) this.#numbers.set(key, n)
    this.#seq = last
    if (records.length > 0 || last - this.#saved >= SAVE_EVERY) this.#save(last, numbers)
  }

  #numbered(record: TopicRecord, fresh: Map<string, number>): BusRecord {
    const name = `${record.topic}\n${record.key}`
    const before = fresh.get(name) ?? this.#numbers.get(name) ?? this.#stored(record)
    fresh.set(name, before + 1)
    return { ...record, n: before + 1 }
  }

  #stored({ topic, key }: TopicRecord): number {
    const { db, bus } = this.#options
    const sql = 'SELECT n FROM outbox_keys WHERE bus = ? AND topic = ? AND key = ?'
    return (db.prepare(sql).pluck().get(bus.kind, topic, key) as number | undefined) ?? 0
  }

  #save(seq: number, numbers: ReadonlyMap<string, number>): void {
    const { db, bus } = this.#options
    const number = db.prepare('INSERT OR REPLACE INTO outbox_keys (bus, topic, key, n) VALUES (?, ?, ?, ?)')
    db.transaction(() => {
      db.prepare('UPDATE outbox SET seq = ? WHERE bus = ?').run(seq, bus.kind)
      for (const [name, n] of numbers) {
        const [topic, key] = name.split('\n') as [string, string]
        number.run(bus.kind, topic, key, n)
      }
    })()
    this.#saved = seq
    if (this.#numbers.size > 10_000) this.#numbers.clear()
  }

  async #rest(ms: number): Promise<void> {
    if (this.#closed) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }
}
