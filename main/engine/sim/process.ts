import type { Scheduling } from '../scheduling.ts'
import type { Owner, Timeline } from './timeline.ts'

/** Called at each place where a process could die: before a call leaves it, and when the call has been carried out. */
export type CrashPlan = (place: string) => boolean

/**
 * A process that an engine runs in. alive → dead, for good: from then on nothing it asked for is answered, none of
 * its turns come, and whatever it still calls in the same turn goes nowhere.
 */
export class SimProcess implements Owner {
  alive = true
  readonly timeline: Timeline
  readonly #crashes: CrashPlan
  readonly #onDeath: () => void

  constructor(timeline: Timeline, crashes: CrashPlan, onDeath: () => void) {
    this.timeline = timeline
    this.#crashes = crashes
    this.#onDeath = onDeath
  }

  /** `kill -9`. */
  kill(): void {
    if (!this.alive) return
    this.alive = false
    this.#onDeath()
  }

  /** A place to die at; true when the process is alive after it. */
  survives(place: string): boolean {
    if (this.alive && this.#crashes(place)) this.kill()
    return this.alive
  }

  /** Resolves `ms` later, never for a dead process. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.timeline.add(ms, this, resolve)
    })
  }

  scheduling(now: () => number): Scheduling {
    return {
      now,
      immediate: (task) => {
        this.timeline.add(0, this, task)
      },
      after: (ms, task) => this.timeline.add(Math.ceil(ms), this, task),
    }
  }
}

/** What a dead process waits for. */
export function never<T>(): Promise<T> {
  return new Promise(() => undefined)
}
