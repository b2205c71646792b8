import type { Random } from './random.ts'

/** Whose turn it is: the turns of a process that died never come. */
export interface Owner {
  readonly alive: boolean
}

/** Everything that goes on whether or not an engine runs. */
export const OUTSIDE: Owner = { alive: true }

interface Turn {
  readonly at: number
  readonly order: number
  readonly owner: Owner
  readonly run: () => void
  cancelled: boolean
}

/**
 * Virtual time, and the one place where anything gets its turn. Of all turns that are due the seed picks the next;
 * time moves on only when none is due. Between two turns every promise that can settle does.
 */
export class Timeline {
  /** Ms since the machine was first started; never goes back. */
  now = 0
  steps = 0
  readonly #random: Random
  /** Binary heap by time, then by order of arrival. */
  readonly #later: Turn[] = []
  readonly #due: Turn[] = []
  #order = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** Runs `run` in a turn of its own, `ms` from now; the result calls it off. */
  add(ms: number, owner: Owner, run: () => void): () => void {
    const turn = { at: this.now + Math.max(0, ms), order: this.#order++, owner, run, cancelled: false }
    if (turn.at <= this.now) this.#due.push(turn)
    else this.#push(turn)
    return () => {
      turn.cancelled = true
    }
  }

  /** Takes one turn and lets all that follows from it at once happen. False when no turn is left. */
  async step(): Promise<boolean> {
    const turn = this.#next()
    if (turn === undefined) return false
    this.steps++
    turn.run()
    await settled()
    return true
  }

  #next(): Turn | undefined {
    for (;;) {
      if (this.#due.length === 0 && !this.#advance()) return undefined
      const index = this.#random.int(0, this.#due.length - 1)
      const turn = this.#due[index]!
      const last = this.#due.pop()!
      if (last !== turn) this.#due[index] = last
      if (!turn.cancelled && turn.owner.alive) return turn
    }
  }

  #advance(): boolean {
    const first = this.#later[0]
    if (first === undefined) return false
    this.now = first.at
    while (this.#later.length > 0 && this.#later[0]!.at <= this.now) this.#due.push(this.#pop())
    return true
  }

  #push(turn: Turn): void {
    const heap = this.#later
    let i = heap.push(turn) - 1
    for (; i > 0 && isBefore(turn, heap[(i - 1) >> 1]!); i = (i - 1) >> 1) heap[i] = heap[(i - 1) >> 1]!
    heap[i] = turn
  }

  #pop(): Turn {
    const heap = this.#later
    const top = heap[0]!
    const last = heap.pop()!
    if (heap.length === 0) return top
    let i = 0
    for (let child = 1; child < heap.length; child = 2 * i + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!isBefore(heap[child]!, last)) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = last
    return top
  }
}

function isBefore(a: Turn, b: Turn): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** Resolves when no promise has anything left to do: nothing here but promises and turns is under way. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
