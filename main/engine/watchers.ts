import type { Effect } from '../domain/effects.ts'
import type { EventEnvelope } from '../domain/events.ts'
import type { AttemptId, RunId } from '../domain/ids.ts'
import { isBegun, type Run, type State } from '../domain/state.ts'
import { exitReport } from './exitReport.ts'
import { RunnerError } from './ports/runner.ts'
import { sleep } from './scheduling.ts'
import { type AttemptView, runnerOf, runnerOfAttempt, viewAttempt, type World } from './world.ts'

const FIRST_RETRY_MS = 200
const MAX_RETRY_MS = 5_000
/** How long the last output may take to reach the disk before the container goes all the same. */
const OUTPUT_GRACE_MS = 10_000

interface Watch {
  readonly abort: AbortController
  /** Settles when all output is on disk, or will never be. */
  readonly output: Promise<void>
  /** Counts what is under way: waiting for the end, taking output. At 0 there is nothing to call off. */
  open: number
  /** True once `output` has settled. */
  stored: boolean
}

/** One for all: an error made for each abort costs more than everything else an end brings along. */
const OVER = new Error('the attempt is over and cleaned up')
const CLOSED = new Error('the engine was closed')

/**
 * Keeps an eye on agents that run: takes their output to disk and reports their end. One watch an attempt; a watch
 * begins when the attempt is known to run (started or adopted) and ends with it.
 */
export class Watchers {
  readonly #world: World
  readonly #watches = new Map<AttemptId, Watch>()
  #closed = false

  constructor(world: World) {
    this.#world = world
  }

  published(events: readonly EventEnvelope[], state: State): void {
    for (const { run, data } of events) {
      if (data.type === 'agent.started' && data.handle !== '')
        this.#begin(state, run!, data.task, data.attempt)
    }
  }

  /**
   * After a restart: watches every agent that is on record as running. Each is found, or is lost. Their output is
   * taken after `asked`: a question and a stream for each of many would hold up the one listing that tells of all.
   */
  recover(state: State, asked: Promise<unknown>): void {
    for (const run of state.runs.values()) {
      for (let task = 0; task < run.tasks.length; task++) {
        const attempt = run.tasks.get(task)!.current
        if (attempt === null || !isBegun(attempt)) continue
        this.#begin(state, run.id, task, attempt.n, asked)
      }
    }
  }

  get size(): number {
    return this.#watches.size
  }

  /**
   * Resolves when all of an attempt's output is on disk, or will never be, or does not come in time. Where nobody
   * took it (its end was found out about after a crash) it is taken now: call this before a container is removed.
   */
  async outputStored(run: Run, attempt: AttemptId): Promise<void> {
    const watch = this.#watches.get(attempt) ?? this.#open(run, attempt)
    if (watch.stored) return
    let cancel = (): void => undefined
    const grace = new Promise<void>((resolve) => {
      cancel = this.#world.scheduling.after(OUTPUT_GRACE_MS, resolve)
    })
    await Promise.race([watch.output, grace])
    cancel()
  }

  takeOutput(run: Run, attempt: AttemptId): void {
    if (!this.#watches.has(attempt)) this.#open(run, attempt)
  }

  /** The attempt is over and cleaned up. */
  forget(attempt: AttemptId): void {
    const watch = this.#watches.get(attempt)
    if (watch !== undefined && watch.open > 0) watch.abort.abort(OVER)
    this.#watches.delete(attempt)
  }

  close(): void {
    this.#closed = true
    for (const { abort } of this.#watches.values()) abort.abort(CLOSED)
    this.#watches.clear()
  }

  /** Begins to take an attempt's output, at once or `after` something. */
  #open(run: Run, attempt: AttemptId, after?: Promise<unknown>): Watch {
    const abort = new AbortController()
    const over = (): void => {
      watch.stored = true
      watch.open--
    }
    // A file that cannot be closed has its output all the same.
    const pump = (): Promise<void> => this.#pump(run, attempt, abort.signal)
    const output = (after === undefined ? pump() : after.then(pump)).then(over, over)
    const watch: Watch = { abort, output, open: 1, stored: false }
    if (!this.#closed) this.#watches.set(attempt, watch)
    return watch
  }

  #begin(state: State, run: RunId, task: number, attempt: number, after?: Promise<unknown>): void {
    const effect: Effect = { type: 'agent.start', run, task, attempt }
    const view = viewAttempt(state, effect)
    if (view === undefined || this.#watches.has(view.id) || this.#closed) return
    const watch = this.#open(view.run, view.id, after)
    void this.#watch(effect, view, watch)
  }

  async #watch(effect: Effect, view: AttemptView, watch: Watch): Promise<void> {
    watch.open++
    await this.#untilReported(effect, view, watch.abort.signal)
    watch.open--
  }

  async #untilReported(effect: Effect, view: AttemptView, signal: AbortSignal): Promise<void> {
    let retryMs = FIRST_RETRY_MS
    while (!signal.aborted) {
      try {
        const runner = runnerOf(this.#world, view.run, view.spec)
        const exit = await runner.wait(view.id, signal)
        const report = await exitReport(this.#world, view, view.attempt.handle ?? '', exit)
        const outcome = await this.#world.engine.report(report)
        if (outcome.ok || outcome.rejected === 'stale') return
      } catch (error) {
        if (signal.aborted) return
        if (await this.#isLost(effect, view, error)) return
      }
      await sleep(this.#world.scheduling, retryMs)
      retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)
    }
  }

  /** True when the agent is found to be gone without a trace, and that is on record. */
  async #isLost(effect: Effect, view: AttemptView, cause: unknown): Promise<boolean> {
    if (!(cause instanceof RunnerError) || cause.kind !== 'refused') return false
    try {
      if ((await runnerOf(this.#world, view.run, view.spec).find(view.id)) !== undefined) return false
      const detail = 'it is gone and nobody saw how it ended'
      const { run, task, attempt } = effect
      const outcome = await this.#world.engine.report({
        type: 'report.lost',
        run,
        task: task!,
        attempt: attempt!,
        detail,
      })
      return outcome.ok || outcome.rejected === 'stale'
    } catch {
      return false
    }
  }

  /** Takes output from where the file ends; a broken stream is taken up again at the same byte. */
  async #pump(run: Run, attempt: AttemptId, signal: AbortSignal): Promise<void> {
    const file = this.#world.files.output(run.project, attempt)
    let retryMs = FIRST_RETRY_MS
    try {
      while (!signal.aborted) {
        try {
          const runner = runnerOfAttempt(this.#world, run, attempt)
          for await (const chunk of runner.output(attempt, await file.size(), signal)) {
            await file.append(chunk)
            retryMs = FIRST_RETRY_MS
          }
          return
        } catch (error) {
          if (signal.aborted || (error instanceof RunnerError && error.kind === 'refused')) return
        }
        await sleep(this.#world.scheduling, retryMs)
        retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)
      }
    } finally {
      await file.close()
    }
  }
}
