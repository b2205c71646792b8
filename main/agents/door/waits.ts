import type { EventEnvelope } from '../../domain/events.ts'
import type { ProjectId, RunId } from '../../domain/ids.ts'
import type { State } from '../../domain/state.ts'
import type { DoorEngine } from '../../engine/ports/doors.ts'

interface Wait {
  /** Looks again; true when there is nothing more to wait for. */
  readonly look: (state: State) => boolean
}

/**
 * Those who wait for something to become so in a run or in its project. Looked at after each commit that changed either,
 * never in between.
 */
export class Waits {
  readonly #engine: DoorEngine
  readonly #byRun = new Map<RunId, Set<Wait>>()
  readonly #off: () => void

  constructor(engine: DoorEngine) {
    this.#engine = engine
    this.#off = engine.onPublish((events, state) => {
      if (this.#byRun.size === 0) return
      for (const run of this.#changed(events, state)) {
        for (const wait of this.#byRun.get(run) ?? []) if (wait.look(state)) this.#forget(run, wait)
      }
    })
  }

  /** What `look` finds, now or later; undefined when the time is up or the signal aborts. */
  async until<T>(
    run: RunId,
    look: (state: State) => T | undefined,
    ms: number,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    const now = look(this.#engine.state)
    if (now !== undefined || ms <= 0 || signal.aborted) return now
    return new Promise((resolve) => {
      const wait: Wait = {
        look: (state) => {
          const found = look(state)
          if (found !== undefined) end(found)
          return found !== undefined
        },
      }
      const end = (found: T | undefined): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', stop)
        this.#forget(run, wait)
        resolve(found)
      }
      const stop = (): void => end(undefined)
      const timer = setTimeout(stop, ms)
      signal.addEventListener('abort', stop)
      const waits = this.#byRun.get(run) ?? new Set()
      this.#byRun.set(run, waits.add(wait))
    })
  }

  /** Runs with events of their own, and those somebody waits in whose project has some. */
  #changed(events: readonly EventEnvelope[], state: State): ReadonlySet<RunId> {
    const runs = new Set<RunId>()
    const projects = new Set<ProjectId>()
    for (const { run, project } of events) {
      if (run !== null) runs.add(run)
      else if (project !== null) projects.add(project)
    }
    if (projects.size === 0) return runs
    for (const run of this.#byRun.keys()) {
      const project = state.runs.get(run)?.project
      if (project !== undefined && projects.has(project)) runs.add(run)
    }
    return runs
  }

  #forget(run: RunId, wait: Wait): void {
    const waits = this.#byRun.get(run)
    waits?.delete(wait)
    if (waits?.size === 0) this.#byRun.delete(run)
  }

  close(): void {
    this.#off()
  }
}
