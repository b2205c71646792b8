import type Database from 'better-sqlite3'
import type { BusAddress, BusHandler, BusRecord, BusSubscription } from '../engine/ports/bus.ts'

interface Row extends BusRecord {
  readonly position: number
}

interface Member {
  readonly handler: BusHandler
  readonly running: Set<Promise<void>>
  closed: boolean
}

/** Records taken from the file at once: bounds memory and what is under way. */
const WINDOW = 256
const FIRST_RETRY_MS = 50
const MAX_RETRY_MS = 5_000

/**
 * Who shares the records of a topic: each record goes to one member. idle → (a record, a member) → delivering → idle.
 * Of one key one record is under way; one that is refused comes again after a while, and its key waits with it.
 * Members are few, keys many; members take turns.
 */
export class Group {
  readonly topic: string
  readonly #db: Database.Database
  readonly #name: string
  readonly #page: Database.Statement<[string, number, number], Row>
  readonly #raise: Database.Statement<[number, string, string]>
  readonly #clear: Database.Statement<[string, string, number]>
  readonly #note: Database.Statement<[string, string, number]>
  #members: readonly Member[] = []
  /** Everything up to here is acknowledged. */
  #low: number
  /** Everything up to here was taken from the file. */
  #high: number
  /** Acknowledged above `#low`. */
  readonly #done: Set<number>
  /** Taken and neither acknowledged nor under way, by key, oldest first. */
  readonly #waiting = new Map<string, Row[]>()
  /** Keys with a record under way or resting after a refusal, and those records' positions. */
  readonly #busy = new Set<string>()
  readonly #underWay = new Set<number>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #turn = 0
  #closed = false

  constructor(db: Database.Database, { topic, group }: BusAddress) {
    this.topic = topic
    this.#db = db
    this.#name = group
    db.prepare('INSERT INTO groups (topic, name, low) VALUES (?, ?, 0) ON CONFLICT DO NOTHING').run(
      topic,
      group,
    )
    const row = db.prepare('SELECT low FROM groups WHERE topic = ? AND name = ?').get(topic, group)
    this.#low = (row as { low: number }).low
    this.#high = this.#low
    const done = db.prepare('SELECT position FROM acknowledged WHERE topic = ? AND name = ?').pluck()
    this.#done = new Set(done.all(topic, group) as number[])
    this.#page = db.prepare(
      'SELECT * FROM records WHERE topic = ? AND position > ? ORDER BY position LIMIT ?',
    )
    this.#raise = db.prepare('UPDATE groups SET low = ? WHERE topic = ? AND name = ?')
    this.#clear = db.prepare('DELETE FROM acknowledged WHERE topic = ? AND name = ? AND position <= ?')
    this.#note = db.prepare('INSERT INTO acknowledged (topic, name, position) VALUES (?, ?, ?)')
  }

  join(handler: BusHandler): BusSubscription {
    const member: Member = { handler, running: new Set(), closed: false }
    this.#members = [...this.#members, member]
    this.wake()
    return {
      close: async () => {
        member.closed = true
        this.#members = this.#members.filter((other) => other !== member)
        await Promise.allSettled(member.running)
      },
    }
  }

  wake(): void {
    if (this.#closed || this.#members.length === 0) return
    this.#take()
    for (const key of [...this.#waiting.keys()]) this.#deliverNext(key)
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const timer of this.#timers) clearTimeout(timer)
    await Promise.allSettled(this.#members.flatMap(({ running }) => [...running]))
  }

  #take(): void {
    let room = WINDOW - [...this.#waiting.values()].reduce((sum, rows) => sum + rows.length, this.#busy.size)
    while (room > 0) {
      const rows = this.#page.all(this.topic, this.#high, room)
      for (const row of rows) {
        this.#high = row.position
        if (this.#done.has(row.position)) continue
        const queue = this.#waiting.get(row.key)
        if (queue === undefined) this.#waiting.set(row.key, [row])
        else queue.push(row)
        room--
      }
      if (rows.length === 0) return
    }
  }

  #deliverNext(key: string): void {
    if (this.#closed || this.#busy.has(key) || this.#members.length === 0) return
    const queue = this.#waiting.get(key)
    const row = queue?.shift()
    if (queue?.length === 0) this.#waiting.delete(key)
    if (row === undefined) return
    this.#busy.add(key)
    this.#underWay.add(row.position)
    this.#deliver(row, FIRST_RETRY_MS)
  }

  #deliver(row: Row, retryMs: number): void {
    const member = this.#members[this.#turn++ % this.#members.length]!
    const { position: _, ...record } = row
    const running: Promise<void> = member.handler(record).then(
      () => this.#acknowledge(row),
      () => this.#again(row, retryMs),
    )
    member.running.add(running)
    void running.finally(() => member.running.delete(running))
  }

  #acknowledge(row: Row): void {
    if (this.#closed) return
    this.#done.add(row.position)
    this.#underWay.delete(row.position)
    this.#save(row.position)
    this.#busy.delete(row.key)
    this.#deliverNext(row.key)
    this.wake()
  }

  /** Moves `low` up over what is acknowledged without a gap; positions of other topics are gaps of no meaning. */
  #save(position: number): void {
    const open = [...this.#waiting.values()].map((rows) => rows[0]!.position)
    const least = Math.min(...open, ...this.#underWay, Number.POSITIVE_INFINITY)
    const low = Number.isFinite(least) ? least - 1 : this.#high
    this.#db.transaction(() => {
      const at = [this.topic, this.#name] as const
      if (low > this.#low) {
        this.#raise.run(low, ...at)
        this.#clear.run(...at, low)
      }
      if (position > low) this.#note.run(...at, position)
    })()
    if (low <= this.#low) return
    this.#low = low
    for (const done of this.#done) if (done <= low) this.#done.delete(done)
  }

  #again(row: Row, retryMs: number): void {
    if (this.#closed) return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      if (this.#members.length > 0) this.#deliver(row, Math.min(retryMs * 2, MAX_RETRY_MS))
      else this.#rest(row)
    }, retryMs)
    this.#timers.add(timer)
  }

  /** Nobody is there to take it: it waits, before all others of its key. */
  #rest(row: Row): void {
    this.#busy.delete(row.key)
    this.#underWay.delete(row.position)
    this.#waiting.set(row.key, [row, ...(this.#waiting.get(row.key) ?? [])])
  }
}
