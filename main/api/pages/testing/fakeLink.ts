import type { ControlCenter } from '../../../engine/controlCenter.ts'
import type { EngineLink, LinkStatus } from '../engineLink.ts'

/** A link of the tests: connected to `center` until `lose`. */
export class FakeLink implements EngineLink {
  status: LinkStatus
  readonly #listeners = new Set<(status: LinkStatus) => void>()

  constructor(center: ControlCenter, enginePid = 4711) {
    this.status = { status: 'connected', center, enginePid }
  }

  /** How many listen now: each open page is one. */
  get listeners(): number {
    return this.#listeners.size
  }

  onChange(listener: (status: LinkStatus) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  lose(reason: string, remedy: string): void {
    this.#set({ status: 'lost', reason, remedy })
  }

  connect(center: ControlCenter, enginePid: number): void {
    this.#set({ status: 'connected', center, enginePid })
  }

  #set(status: LinkStatus): void {
    this.status = status
    for (const listener of this.#listeners) listener(status)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
