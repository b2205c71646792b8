import type { EventEnvelope } from '../main/domain/events.ts'
import type { StateJson } from '../main/domain/serialise.ts'

/** What the pages may ask of the program, and what it tells them. The same under Electron and in a browser. */
export interface Requests {
  /** Live state; events that follow it arrive as `event`. */
  readonly snapshot: { readonly args: undefined; readonly result: StateJson }
}

export interface Messages {
  readonly event: EventEnvelope
}

export const REQUESTS = ['snapshot'] as const satisfies readonly (keyof Requests)[]
export const MESSAGES = ['event'] as const satisfies readonly (keyof Messages)[]

export interface AmphitheatreBridge {
  request<K extends keyof Requests>(name: K, args: Requests[K]['args']): Promise<Requests[K]['result']>
  /** Returns the way to stop listening. */
  on<K extends keyof Messages>(name: K, listener: (message: Messages[K]) => void): () => void
}
