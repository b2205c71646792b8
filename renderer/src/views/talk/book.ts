import type { EventEnvelope } from '../../../../main/domain/events.ts'
import type { RunId } from '../../../../main/domain/ids.ts'
import type { Run } from '../../../../main/domain/state.ts'
import { messageOf } from '../../../../main/domain/talk/evolveTalk.ts'
import { isClosed, type Message } from '../../../../main/domain/talk/message.ts'
import type { Requests } from '../../../../preload/contract.ts'

/** Events asked for at once. */
const PAGE = 2_000
/** Messages wanted each time more are asked for. */
const WANTED = 200
/** Events looked through for them before the person is asked again. */
const LOOKED = 40_000

/** Messages held; with more than `MOST` the oldest are dropped, and read again when they are asked for. */
export const KEPT = 10_000
const MOST = 12_000

export type History = (args: Requests['history']['args']) => Promise<readonly EventEnvelope[]>

/** What is known of a message from the events after it. */
interface Marks {
  readonly delivered: number[]
  readonly returned: number[]
  answer: number | null
  overdue: boolean
}

/**
 * The messages of one run: those live state holds, those it has let go since the book was opened, and, asked for by
 * `earlier`, those from the log. The log is read backwards from now, so that whatever became of a message is known
 * before the message itself is come upon; what live state let go has been closed by all.
 */
export class MessageBook {
  readonly #run: RunId
  readonly #known = new Map<number, Message>()
  readonly #seen = new Map<number, readonly Message[]>()
  readonly #marks = new Map<number, Marks>()
  #from = 1
  /** The log has been read from now back to after this seq; undefined before the first reading. */
  #readTo: number | undefined
  #reading: Promise<boolean> | undefined
  #sorted: readonly Message[] | undefined

  constructor(run: RunId) {
    this.#run = run
  }

  /** Every message from this number on is here. */
  get from(): number {
    return this.#from
  }

  /** Takes over what the run holds now; true when that changed anything. */
  see({ talk }: Run): boolean {
    const { chunks, count } = talk.messages
    let changed = false
    for (const { first, messages } of chunks) {
      if (this.#seen.get(first) === messages) continue
      this.#seen.set(first, messages)
      for (const message of messages) this.#known.set(message.number, message)
      changed = true
    }
    if (!changed) return false
    let from = count + 1
    for (const { first, messages } of chunks.toReversed())
      if (first + messages.length >= from) from = first
      else break
    // Without the one before there is a gap: messages came and went while the window was away.
    const goesOn = this.#from < from && this.#known.has(from - 1)
    if (!goesOn && this.#from !== from) {
      this.#from = from
      this.#readTo = undefined
    }
    this.#sorted = undefined
    if (this.#known.size > MOST) this.#drop()
    return true
  }

  /** The oldest go, but for what somebody still has to do with. */
  #drop(): void {
    const all = this.all()
    const first = all[all.length - KEPT]!
    for (const message of all) {
      if (message.number >= first.number) break
      if (isClosed(message)) this.#known.delete(message.number)
    }
    this.#seen.clear()
    this.#marks.clear()
    this.#from = first.number
    this.#readTo = first.seq - 1
    this.#sorted = undefined
  }

  /** Oldest first; the same array until something changes. */
  all(): readonly Message[] {
    this.#sorted ??= [...this.#known.values()].sort((a, b) => a.number - b.number)
    return this.#sorted
  }

  get(number: number): Message | undefined {
    return this.#known.get(number)
  }

  /** Fetches older messages; true when there were any. `now`: seq up to which the log is known here. */
  earlier(history: History, now: number): Promise<boolean> {
    this.#reading ??= this.#read(history, now).finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #read(history: History, now: number): Promise<boolean> {
    let found = 0
    let to = this.#readTo ?? now
    const limit = Math.max(0, to - LOOKED)
    while (this.#from > 1 && found < WANTED && to > limit) {
      const after = Math.max(0, to - PAGE)
      const page = await history({ after, limit: to - after, run: this.#run })
      for (const event of page.toReversed()) if (event.seq <= to) found += this.#take(event)
      to = after
      this.#readTo = to
    }
    if (found > 0) this.#sorted = undefined
    return found > 0
  }

  /** 1 for a message that was not known. */
  #take({ data, time, seq }: EventEnvelope): number {
    switch (data.type) {
      case 'message.delivered':
        for (const number of data.numbers) this.#marksOf(number).delivered.push(data.task)
        return 0
      case 'message.returned':
        for (const number of data.numbers) this.#marksOf(number).returned.push(data.task)
        return 0
      case 'message.overdue':
        this.#marksOf(data.number).overdue = true
        return 0
      case 'message.sent': {
        const { number } = data
        // Read backwards, so the first answer is the one that is come upon last.
        if (data.answers !== null) this.#marksOf(data.answers).answer = number
        if (this.#known.has(number)) {
          if (number < this.#from) this.#lower(number)
          return 0
        }
        const marks = this.#marks.get(number)
        const { delivered = [], returned = [], answer = null, overdue = false } = marks ?? {}
        const closed = { open: [], personOpen: false, delivered, returned, answer, overdue }
        this.#known.set(number, { ...messageOf(data, time, seq), ...closed })
        this.#marks.delete(number)
        this.#lower(number)
        return 1
      }
      default:
        return 0
    }
  }

  #lower(number: number): void {
    if (number === this.#from - 1) this.#from = number
  }

  #marksOf(number: number): Marks {
    const before = this.#marks.get(number)
    if (before !== undefined) return before
    const made: Marks = { delivered: [], returned: [], answer: null, overdue: false }
    this.#marks.set(number, made)
    return made
  }
}
