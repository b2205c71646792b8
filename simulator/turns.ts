import type { Random } from './random.ts'

/** Whose turn it is: an engine's life, which ends with its process, or the world's, which goes on. */
export interface Life {
  alive: boolean
}

export const WORLD: Life = { alive: true }

interface Turn {
  readonly at: number
  readonly life: Life
  readonly run: () => void
}

/**
 * Virtual time and the order of everything that happens in it. Among the turns that are due, chance picks the next;
 * when none is, time moves on to the earliest. Turns of a life that ended are dropped.
 */
export class Turns {
  /** Ms since the simulation began. */
  now = 0
  readonly #random: Random
  #queue: Turn[] = []

  constructor(random: Random) {
    this.#random = random
  }

  /** Returns the way to call it off. */
  add(life: Life, delayMs: number, run: () => void): () => void {
    const turn = { at: this.now + Math.max(0, delayMs), life, run }
    this.#queue.push(turn)
    return () => {
      this.#queue = this.#queue.filter((other) => other !== turn)
    }
  }

  /** A turn to wait for; never comes for a life that ends meanwhile. */
  wait(life: Life, delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.add(life, delayMs, resolve)
    })
  }

  /** Takes one turn and lets everything that follows from it happen. False when there is none left. */
  async step(): Promise<boolean> {
    this.#queue = this.#queue.filter(({ life }) => life.alive)
    if (this.#queue.length === 0) return false
    let due = this.#queue.filter(({ at }) => at <= this.now)
    if (due.length === 0) {
      this.now = Math.min(...this.#queue.map(({ at }) => at))
      due = this.#queue.filter(({ at }) => at <= this.now)
    }
    const turn = this.#random.pick(due)
    this.#queue.splice(this.#queue.indexOf(turn), 1)
    turn.run()
    await settled()
    return true
  }
}

/** Resolves when no promise has anything left to do: the one place where the real event loop turns. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
