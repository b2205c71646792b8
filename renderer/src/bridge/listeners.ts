import type { Connection, MessageName, Messages } from '../../../preload/contract.ts'

type Listener<K extends MessageName> = (message: Messages[K]) => void

/** Who listens to which message. Whoever comes late to `connection` is told how it stands, soon. */
export class Listeners {
  readonly #all = new Map<MessageName, Set<Listener<never>>>()
  /** Undefined until something is known of the engine. */
  #connection: Connection | undefined

  on<K extends MessageName>(name: K, listener: Listener<K>): () => void {
    // A listener of its own for each call: the same function may listen twice.
    const own: Listener<K> = (message) => listener(message)
    const set = this.#all.get(name) ?? new Set()
    this.#all.set(name, set.add(own as Listener<never>))
    if (name === 'connection') {
      const known = this.#connection
      queueMicrotask(() => {
        const isNews = known !== undefined && known === this.#connection && set.has(own as Listener<never>)
        if (isNews) own(known as Messages[K])
      })
    }
    return () => set.delete(own as Listener<never>)
  }

  emit<K extends MessageName>(name: K, message: Messages[K]): void {
    if (name === 'connection') this.#connection = message as Connection
    for (const listener of this.#all.get(name) ?? []) (listener as Listener<K>)(message)
  }
}
