import { stateToJson } from '../domain/serialise.ts'
import type { State } from '../domain/state.ts'
import type { Store } from './ports/store.ts'

/** Events between key frames: any moment of any run is then a few milliseconds away. */
const KEY_FRAME_EVERY = 5_000
/**
 * Holds for a state of so many tasks. A frame costs what the state weighs (about 10 µs a task to write, half of it
 * to read), so a larger state is framed less often in proportion: writing frames stays a small share of the work,
 * and a start folds at most as long as it reads.
 */
const TASKS_OF_ONE_FRAME = 500

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
    const weight = Math.max(1, liveTasks(state) / TASKS_OF_ONE_FRAME)
    if (state.seq - this.#last < this.#every * weight) return
    this.#last = state.seq
    const frame = { seq: state.seq, json: JSON.stringify(stateToJson(state)) }
    this.#store
      .writeKeyFrame(frame)
      .catch((error: Error) => this.#log(`no key frame at ${frame.seq}: ${error.message}`))
  }
}

function liveTasks(state: State): number {
  let tasks = 0
  for (const run of state.runs.values()) tasks += run.tasks.length
  return tasks
}
