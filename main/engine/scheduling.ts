/** Time and turns, as the engine sees them: real in the product, seeded in the simulator. */
export interface Scheduling {
  /** Engine time, ms since 1970; never goes back, and is not moved by a changed wall clock. */
  now(): number
  /** Runs `task` in a turn of its own, soon. */
  immediate(task: () => void): void
  /** Runs `task` once, `ms` from now; the result calls it off. */
  after(ms: number, task: () => void): () => void
}

export function realScheduling(clock: { now(): number }): Scheduling {
  return {
    now: () => clock.now(),
    immediate: (task) => {
      setImmediate(task)
    },
    after: (ms, task) => {
      const timer = setTimeout(task, Math.min(ms, MAX_TIMEOUT_MS))
      return () => clearTimeout(timer)
    },
  }
}

/** Longer ones overflow Node's timers and would fire at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1

export function sleep(scheduling: Scheduling, ms: number): Promise<void> {
  return new Promise((resolve) => {
    scheduling.after(ms, resolve)
  })
}
