import type { ControlCenter } from '../../engine/controlCenter.ts'

/** The engine the pages talk to: it may be in this process or another, go away and come back. */
export interface EngineLink {
  readonly status: LinkStatus
  /** Returns the way to stop listening. */
  onChange(listener: (status: LinkStatus) => void): () => void
  close(): Promise<void>
}

export type LinkStatus =
  | { readonly status: 'connected'; readonly center: ControlCenter; readonly enginePid: number }
  | { readonly status: 'lost'; readonly reason: string; readonly remedy: string }

/** One connection to an engine, or the engine itself. */
export interface Engine {
  readonly center: ControlCenter
  readonly pid: number
  /** Resolves when it is gone, whyever. */
  readonly gone: Promise<void>
  close(): Promise<void>
}

/** How often a lost engine is looked for, ms: soon at first, then slower. */
const RETRY_MS = [50, 100, 250, 500, 1_000, 2_000]

/**
 * Keeps a connection: whenever the engine is gone, `open` is called until it answers one. `open` throws when there is
 * none to be had now; what it throws is shown, with its `remedy` if it has one.
 */
export async function keepEngine(open: () => Promise<Engine>): Promise<EngineLink> {
  const keeper = new Keeper(open)
  await keeper.connect()
  return keeper
}

class Keeper implements EngineLink {
  status: LinkStatus = { status: 'lost', reason: 'The engine is starting.', remedy: '' }
  readonly #open: () => Promise<Engine>
  readonly #listeners = new Set<(status: LinkStatus) => void>()
  #closed = false
  /** Settles when the last try has. */
  #trying: Promise<void> = Promise.resolve()
  /** Undefined while lost. */
  #engine: Engine | undefined
  /** Set while waiting for the next try. */
  #timer: NodeJS.Timeout | undefined
  #tries = 0

  constructor(open: () => Promise<Engine>) {
    this.#open = open
  }

  connect(): Promise<void> {
    this.#trying = this.#try()
    return this.#trying
  }

  async #try(): Promise<void> {
    try {
      const engine = await this.#open()
      if (this.#closed) return await engine.close()
      this.#tries = 0
      this.#engine = engine
      this.#set({ status: 'connected', center: engine.center, enginePid: engine.pid })
      void engine.gone.then(() => this.#lost(engine, 'The engine has stopped.', 'It is being started again.'))
    } catch (error) {
      const { message, remedy } = error as { message?: string; remedy?: string }
      this.#retry(message ?? String(error), remedy ?? 'It is being tried again.')
    }
  }

  onChange(listener: (status: LinkStatus) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#trying
    await this.#engine?.close()
    this.#engine = undefined
  }

  #lost(engine: Engine, reason: string, remedy: string): void {
    if (this.#closed || this.#engine !== engine) return
    this.#engine = undefined
    this.#retry(reason, remedy)
  }

  #retry(reason: string, remedy: string): void {
    if (this.#closed) return
    const known = this.status
    if (known.status !== 'lost' || known.reason !== reason) this.#set({ status: 'lost', reason, remedy })
    const wait = RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)]!
    this.#tries += 1
    this.#timer = setTimeout(() => void this.connect(), wait)
  }

  #set(status: LinkStatus): void {
    this.status = status
    for (const listener of this.#listeners) listener(status)
  }
}
