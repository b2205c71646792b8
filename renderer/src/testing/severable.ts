import type { AmphitheatreBridge, Connection, MessageName, Messages } from '../../../preload/contract.ts'
import { RequestError } from '../bridge/requestError.ts'

const LOST = {
  status: 'lost',
  reason: 'The engine is not reachable.',
  remedy: 'It is tried again.',
} as const satisfies Connection

/** A bridge that can be severed and joined again by hand: `sever()`, `join()`. */
export class Severable implements AmphitheatreBridge {
  readonly #inner: AmphitheatreBridge
  readonly #connections = new Set<(connection: Connection) => void>()
  #severed = false

  constructor(inner: AmphitheatreBridge) {
    this.#inner = inner
  }

  sever(): void {
    this.#severed = true
    for (const listener of this.#connections) listener(LOST)
  }

  join(): void {
    this.#severed = false
    for (const listener of this.#connections) listener({ status: 'connected', enginePid: 4712 })
  }

  on<K extends MessageName>(name: K, listener: (message: Messages[K]) => void): () => void {
    if (name === 'connection') this.#connections.add(listener as (connection: Connection) => void)
    const stop = this.#inner.on(name, (message: Messages[K]) => {
      if (!this.#severed) listener(message)
    })
    return () => {
      this.#connections.delete(listener as (connection: Connection) => void)
      stop()
    }
  }

  request: AmphitheatreBridge['request'] = async (name, args) => {
    if (this.#severed) throw new RequestError({ name: 'Lost', message: LOST.reason, kind: 'lost' })
    return this.#inner.request(name, args)
  }
}
