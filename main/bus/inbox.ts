import type Database from 'better-sqlite3'
import type { Bus, BusRecord, BusSubscription } from '../engine/ports/bus.ts'

export interface InboxOptions {
  readonly bus: Bus
  readonly db: Database.Database
  readonly topic: string
  readonly group: string
  /**
   * Takes a record in; resolves when that is on disk. It has to take a record it has seen (by id) as done: between its
   * end and our note of it there may be a crash.
   */
  readonly take: (record: BusRecord) => Promise<void>
}

interface Waiting {
  readonly record: BusRecord
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Records that came too early, of one key, kept at most. More are left to the bus. */
const EARLY = 1_000

/**
 * Takes each record of a topic once, and those of a key in the order of their numbers, however the bus delivers them:
 * one that was taken before is acknowledged and dropped, one that is early waits unacknowledged for those before it.
 * Records without numbers are taken as they come; `take` tells those it has seen.
 */
export class Inbox {
  readonly #options: InboxOptions
  readonly #early = new Map<string, Map<number, Waiting[]>>()
  /** Of each key: the last number taken. */
  readonly #last = new Map<string, number>()
  readonly #tails = new Map<string, Promise<void>>()
  #subscription: BusSubscription | undefined
  #closed = false

  private constructor(options: InboxOptions) {
    this.#options = options
  }

  static async open(options: InboxOptions): Promise<Inbox> {
    const inbox = new Inbox(options)
    const { bus, topic, group } = options
    inbox.#subscription = await bus.subscribe({ topic, group }, (record) => inbox.#receive(record))
    return inbox
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const early of this.#early.values())
      for (const waiting of early.values())
        for (const { reject } of waiting) reject(new Error('the inbox is closed'))
    this.#early.clear()
    await this.#subscription?.close()
    await Promise.allSettled(this.#tails.values())
  }

  #receive(record: BusRecord): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('the inbox is closed'))
    if (record.n === null) return this.#options.take(record)
    return this.#inTurn(record.key, () => this.#arrive(record, record.n!))
  }

  /** One step of a key after the other. What is returned may resolve later than the step: an early one waits. */
  #inTurn(key: string, step: () => Promise<{ readonly done: Promise<void> }>): Promise<void> {
    const before = this.#tails.get(key) ?? Promise.resolve()
    const turn = before.then(step)
    const tail = turn.then(
      () => undefined,
      () => undefined,
    )
    this.#tails.set(key, tail)
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
    })
    return turn.then(({ done }) => done)
  }

  async #arrive(record: BusRecord, n: number): Promise<{ readonly done: Promise<void> }> {
    const last = this.#lastOf(record.key)
    if (n <= last) return { done: Promise.resolve() }
    if (n > last + 1) return { done: this.#wait(record, n) }
    await this.#take(record, n)
    await this.#takeEarly(record.key)
    return { done: Promise.resolve() }
  }

  #wait(record: BusRecord, n: number): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('the inbox is closed'))
    const early = this.#early.get(record.key) ?? new Map<number, Waiting[]>()
    this.#early.set(record.key, early)
    if (early.size >= EARLY && !early.has(n)) return Promise.reject(new Error('too many came early'))
    return new Promise((resolve, reject) => {
      const others = early.get(n) ?? []
      early.set(n, [...others, { record, resolve, reject }])
    })
  }

  async #takeEarly(key: string): Promise<void> {
    const early = this.#early.get(key)
    if (early === undefined) return
    for (let n = this.#lastOf(key) + 1; early.has(n); n++) {
      const waiting = early.get(n)!
      early.delete(n)
      try {
        await this.#take(waiting[0]!.record, n)
        for (const { resolve } of waiting) resolve()
      } catch (error) {
        for (const { reject } of waiting) reject(error as Error)
        return
      }
    }
    if (early.size === 0) this.#early.delete(key)
  }

  async #take(record: BusRecord, n: number): Promise<void> {
    await this.#options.take(record)
    const { db, bus, topic } = this.#options
    const sql = 'INSERT OR REPLACE INTO inbox_keys (bus, topic, key, n) VALUES (?, ?, ?, ?)'
    db.prepare(sql).run(bus.kind, topic, record.key, n)
    this.#last.set(record.key, n)
    if (this.#last.size > 10_000) this.#last.clear()
  }

  #lastOf(key: string): number {
    const known = this.#last.get(key)
    if (known !== undefined) return known
    const { db, bus, topic } = this.#options
    const sql = 'SELECT n FROM inbox_keys WHERE bus = ? AND topic = ? AND key = ?'
    const stored = (db.prepare(sql).pluck().get(bus.kind, topic, key) as number | undefined) ?? 0
    this.#last.set(key, stored)
    return stored
  }
}
