import type { DialogQuestion } from './parts.ts'
import type { Words } from './words.ts'

/**
 * Leaving the program while agents may be at work.
 *
 *   staying  → (asked, nothing at work or another process has the engine) → leaving
 *   staying  → (asked) → asking → cancel → staying
 *                               → leave  → leaving
 *                               → stop   → stopping → (all stopped) → leaving
 *   stopping → (asked) → a question whether to leave them as they are → leaving, or on with stopping
 *   any      → (leave) → leaving: the system shuts down, nobody can be asked
 *
 * `leaving` closes what is open and ends the program; nothing leads out of it.
 */
export type QuitState = 'staying' | 'asking' | 'stopping' | 'leaving'

export interface QuitParts {
  readonly words: Words
  ask(question: DialogQuestion): Promise<number>
  /** Agents this program would take with it or leave: 0 when another process has the engine. */
  agentsAtWork(): number
  /** Asks all runs to stop. Rejects when there is no engine to ask. */
  stopAll(): Promise<void>
  /** Resolves when no run is under way, or the engine is gone. */
  allStopped(): Promise<void>
  onState(state: QuitState): void
  /** Closes everything and ends the program. */
  leave(): Promise<void>
}

export class Quitter {
  readonly #parts: QuitParts
  #state: QuitState = 'staying'
  /** Set while the question during `stopping` is open. */
  #impatience: AbortController | undefined

  constructor(parts: QuitParts) {
    this.#parts = parts
  }

  get state(): QuitState {
    return this.#state
  }

  /** Somebody wants to quit. */
  async ask(): Promise<void> {
    if (this.#state === 'stopping') return await this.#askWhileStopping()
    if (this.#state !== 'staying') return
    const agents = this.#parts.agentsAtWork()
    if (agents === 0) return await this.leave()
    this.#set('asking')
    const { quitAsk } = this.#parts.words
    const answer = await this.#parts.ask({
      message: quitAsk.message(agents),
      detail: quitAsk.detail,
      buttons: [quitAsk.stop, quitAsk.leave, quitAsk.cancel],
      preferred: 1,
      cancel: 2,
    })
    // The system may have shut down meanwhile.
    if (this.state !== 'asking') return
    if (answer === 0) await this.#stop()
    else if (answer === 1) await this.leave()
    else this.#set('staying')
  }

  /** Without asking: agents go on. */
  async leave(): Promise<void> {
    if (this.#state === 'leaving') return
    this.#set('leaving')
    this.#impatience?.abort()
    await this.#parts.leave()
  }

  async #stop(): Promise<void> {
    this.#set('stopping')
    try {
      await this.#parts.stopAll()
      await this.#parts.allStopped()
    } catch {
      // No engine takes the commands: whoever hosts it next finds the agents.
    }
    await this.leave()
  }

  async #askWhileStopping(): Promise<void> {
    if (this.#impatience !== undefined) return
    this.#impatience = new AbortController()
    const { stillStopping } = this.#parts.words
    const answer = await this.#parts.ask({
      message: stillStopping.message,
      detail: stillStopping.detail,
      buttons: [stillStopping.wait, stillStopping.leave],
      preferred: 0,
      cancel: 0,
      signal: this.#impatience.signal,
    })
    this.#impatience = undefined
    if (answer === 1) await this.leave()
  }

  #set(state: QuitState): void {
    this.#state = state
    this.#parts.onState(state)
  }
}
