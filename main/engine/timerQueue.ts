import type { Timer } from '../domain/commands.ts'
import type { TimerAt } from '../domain/timers.ts'
import type { Scheduling } from './scheduling.ts'

/**
 * Timers in the order they are due, with one real timer for the earliest. Empty: no real timer is set. Timers are
 * never taken out; what no longer matters is rejected when it fires.
 */
export class TimerQueue {
  readonly #scheduling: Scheduling
  readonly #fire: (timer: Timer) => void
  /** Binary heap by `at`. */
  readonly #heap: TimerAt[] = []
  /** Undefined while nothing is set. */
  #cancel: (() => void) | undefined
  /** When the real timer is due; meaningless while `#cancel` is undefined. */
  #due = 0
  #closed = false

  constructor(scheduling: Scheduling, fire: (timer: Timer) => void) {
    this.#scheduling = scheduling
    this.#fire = fire
  }

  add(timers: readonly TimerAt[]): void {
    for (const timer of timers) this.#push(timer)
    if (timers.length > 0) this.#arm()
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
    this.#cancel = undefined
  }

  #arm(): void {
    const first = this.#heap[0]
    if (this.#closed || first === undefined) return
    if (this.#cancel !== undefined && this.#due <= first.at) return
    this.#cancel?.()
    this.#due = first.at
    this.#cancel = this.#scheduling.after(Math.max(0, first.at - this.#scheduling.now()), () => this.#ring())
  }

  #ring(): void {
    this.#cancel = undefined
    const now = this.#scheduling.now()
    while (this.#heap.length > 0 && this.#heap[0]!.at <= now) this.#fire(this.#pop().timer)
    this.#arm()
  }

  #push(item: TimerAt): void {
    const heap = this.#heap
    let i = heap.push(item) - 1
    for (; i > 0 && heap[(i - 1) >> 1]!.at > item.at; i = (i - 1) >> 1) heap[i] = heap[(i - 1) >> 1]!
    heap[i] = item
  }

  #pop(): TimerAt {
    const heap = this.#heap
    const top = heap[0]!
    const last = heap.pop()!
    if (heap.length === 0) return top
    let i = 0
    for (let child = 1; child < heap.length; child = 2 * i + 1) {
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child++
      if (heap[child]!.at >= last.at) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = last
    return top
  }
}
