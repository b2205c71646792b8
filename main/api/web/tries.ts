/** How many wrong tokens are answered in a minute; the rest is told to wait. */
const WRONG_TOKENS = { most: 10, withinMs: 60_000 } as const

/** Counts what may happen only so often. */
export class Tries {
  readonly #now: () => number
  /** When the ones that still count happened, oldest first. */
  #at: number[] = []

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Counts one; false if that was too many. */
  take(): boolean {
    const now = this.#now()
    this.#at = this.#at.filter((at) => now - at < WRONG_TOKENS.withinMs)
    if (this.#at.length >= WRONG_TOKENS.most) return false
    this.#at.push(now)
    return true
  }
}
