import { stateToJson } from '../domain/serialise.ts'
import type { State } from '../domain/state.ts'
import type { Store } from './ports/store.ts'

/** Events between key frames: any moment of any run is then a few milliseconds away. */
export const KEY_FRAME_EVERY = 5_000

/** Writes a key frame now and then. One that cannot be written is not missed: the log is the truth. */
export class KeyFrames {
  readonly #store: Store
  readonly #log: (line: string) => void
  readonly #every: number
  #last: number

  constructor(store: Store, last: number, log: (line: string) => void, every = KEY_FRAME_EVERY) {
    this.#store = store
    this.#last = last
    this.#log = log
    this.#every = every
  }

  published(state: State): void {
    if (state.seq - this.#last < this.#every) return
    this.#last = state.seq
    const frame = { seq: state.seq, json: JSON.stringify(stateToJson(state)) }
    this.#store
      .writeKeyFrame(frame)
      .catch((error: Error) => this.#log(`no key frame at ${frame.seq}: ${error.message}`))
  }
}
