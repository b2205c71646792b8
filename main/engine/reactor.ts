import type { Report } from '../domain/commands.ts'
import { type Effect, openEffects } from '../domain/effects.ts'
import type { EventEnvelope } from '../domain/events.ts'
import type { RunId } from '../domain/ids.ts'
import type { State } from '../domain/state.ts'
import { diskNote } from './diskSpace.ts'
import { type EffectContext, HANDLERS, type RecordedEffect, type RetryClass } from './handlers.ts'
import { RunnerError } from './ports/runner.ts'
import { StoreError } from './ports/store.ts'
import { WorkspaceError } from './ports/workspaces.ts'
import { sleep } from './scheduling.ts'
import { viewAttempt, type World } from './world.ts'

/**
 * Brings open effects about. One worker for each attempt, each evaluation of a gate and each run's own effects takes the first open
 * effect, performs it, reports, and looks again at the state that came of it, until none is open. So the effects of
 * an attempt never overlap, and a restart needs nothing but the state: workers for what is open.
 */
export class Reactor {
  readonly #world: World
  /** Keys of attempts and runs that have a worker now. */
  readonly #workers = new Set<string>()
  #closed = false
  readonly #closing = new AbortController()

  constructor(world: World) {
    this.#world = world
  }

  /** For every commit: wakes workers for what its events opened. */
  published(events: readonly EventEnvelope[], state: State): void {
    for (const { run, data } of events) {
      if (run === null || !('task' in data || 'type' in data)) continue
      if (data.type === 'gate.asked') this.#wakeGate(run, data.number, false)
      else if ('task' in data && data.task !== null) this.#wakeAttempt(state, run, data.task, false)
      else this.#wakeRun(state, run, false)
    }
  }

  /** After a restart: everything open may have been begun before. */
  recover(state: State): void {
    for (const effect of openEffects(state)) {
      if (effect.gate !== undefined) this.#wakeGate(effect.run, effect.gate, true)
      else if (effect.task === null) this.#wakeRun(state, effect.run, true)
      else this.#wakeAttempt(state, effect.run, effect.task, true)
    }
  }

  get idle(): boolean {
    return this.#workers.size === 0
  }

  /** No effect is begun after this; those under way end and their reports are dropped if the engine is gone. */
  close(): void {
    this.#closed = true
    this.#closing.abort()
  }

  #wakeAttempt(state: State, run: RunId, task: number, again: boolean): void {
    const attempt = state.runs.get(run)?.tasks.get(task)?.current
    if (attempt === null || attempt === undefined || attempt.effects.length === 0) return
    const { n } = attempt
    const next = (): Effect | undefined => {
      const current = this.#world.engine.state.runs.get(run)?.tasks.get(task)?.current
      const type = current?.n === n ? current.effects[0] : undefined
      return type === undefined ? undefined : { type, run, task, attempt: n }
    }
    this.#start(`${run}/${task}#${n}`, next, again)
  }

  /** Evaluations may take long, and have nothing to do with each other. */
  #wakeGate(run: RunId, gate: number, again: boolean): void {
    const next = (): Effect | undefined => {
      const records = this.#world.engine.state.runs.get(run)?.gates?.records ?? []
      const isOpen = records.some(({ number, state }) => number === gate && state === 'evaluating')
      return isOpen ? { type: 'gate.evaluate', run, task: null, attempt: null, gate } : undefined
    }
    this.#start(`${run} gate ${gate}`, next, again)
  }

  #wakeRun(state: State, run: RunId, again: boolean): void {
    if ((state.runs.get(run)?.effects.length ?? 0) === 0) return
    const next = (): Effect | undefined => {
      const type = this.#world.engine.state.runs.get(run)?.effects[0]
      return type === undefined ? undefined : { type, run, task: null, attempt: null }
    }
    this.#start(run, next, again)
  }

  #start(key: string, next: () => Effect | undefined, again: boolean): void {
    if (this.#closed || this.#workers.has(key)) return
    this.#workers.add(key)
    void this.#work(next, again).finally(() => {
      this.#workers.delete(key)
      // An effect opened between the worker's last look and its end.
      if (!this.#closed && next() !== undefined && this.#world.engine.status.status !== 'failed')
        this.#start(key, next, true)
    })
  }

  async #work(next: () => Effect | undefined, recovered: boolean): Promise<void> {
    let again = recovered
    let tries = 0
    for (let effect = next(); effect !== undefined && !this.#closed; effect = next()) {
      const retry = HANDLERS[effect.type as RecordedEffect].retry
      const ended = await this.#performOnce(effect, again)
      again = !ended
      tries = ended ? 0 : tries + 1
      if (!ended) await sleep(this.#world.scheduling, delayMs(retry, tries))
    }
  }

  /** True when the effect ended and its report was taken. */
  async #performOnce(effect: Effect, again: boolean): Promise<boolean> {
    const { engine } = this.#world
    let report: Report | undefined
    try {
      report = await this.#perform(effect, again)
    } catch (error) {
      report = await this.#unlessDiskFull(failureReport(effect, error))
    }
    if (this.#closed || report === undefined) return report === undefined
    try {
      const outcome = await engine.report(report)
      return outcome.ok && !(report.type === 'report.effect-failed' && !report.permanent)
    } catch (error) {
      this.#world.log(`the report on ${effect.type} could not be recorded: ${(error as Error).message}`)
      return false
    }
  }

  /** On a full disk anything may fail in any words: what looks final then is tried again when there is space. */
  async #unlessDiskFull(report: EffectFailure): Promise<EffectFailure> {
    if (!report.permanent || (await diskNote(this.#world)) === '') return report
    return { ...report, error: `${report.error} The disk of the data folder is full.`, permanent: false }
  }

  #perform(effect: Effect, again: boolean): Promise<Report | undefined> {
    const { state } = this.#world.engine
    const run = state.runs.get(effect.run)!
    const view = viewAttempt(state, effect) ?? null
    const context: EffectContext = {
      world: this.#world,
      effect,
      run,
      view,
      again,
      signal: this.#closing.signal,
    }
    return HANDLERS[effect.type as RecordedEffect].perform(context)
  }
}

function delayMs(retry: RetryClass, tries: number): number {
  return Math.min(retry.first * 2 ** (tries - 1), retry.most)
}

type EffectFailure = Extract<Report, { type: 'report.effect-failed' }>

/** Expected trouble says itself whether trying again can help; anything else is a bug and is not repeated. */
function failureReport(effect: Effect, error: unknown): EffectFailure {
  const { type, run, task, attempt, gate } = effect
  const of = gate === undefined ? {} : { gate }
  const base = { type: 'report.effect-failed', effect: type, run, task, attempt, ...of } as const
  if (error instanceof RunnerError) {
    return { ...base, error: error.message, remedy: error.remedy, permanent: error.kind === 'refused' }
  }
  if (error instanceof WorkspaceError) {
    return { ...base, error: error.message, remedy: error.remedy, permanent: error.kind === 'permanent' }
  }
  if (error instanceof StoreError)
    return { ...base, error: error.message, remedy: error.remedy, permanent: false }
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return {
      ...base,
      error: 'The disk is full.',
      remedy: 'Free some space; it goes on by itself.',
      permanent: false,
    }
  }
  return { ...base, error: `${type}: ${(error as Error).message}`, remedy: '', permanent: true }
}
