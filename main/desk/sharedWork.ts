/** Work that is asked for again while it is under way is done once, and all hear how it ends: a button pressed twice. */
export class SharedWork {
  readonly #under = new Map<string, Promise<unknown>>()

  /** `key` names the work and all it depends on. */
  do<T>(key: string, work: () => Promise<T>): Promise<T> {
    const known = this.#under.get(key)
    if (known !== undefined) return known as Promise<T>
    const made = work().finally(() => this.#under.delete(key))
    this.#under.set(key, made)
    return made
  }
}
