import type { AttemptId } from '../../domain/ids.ts'
import {
  type AgentExit,
  type AgentObservation,
  type AgentSpec,
  type Runner,
  RunnerError,
} from '../ports/runner.ts'
import { away, type Daemon, missing } from './daemon.ts'
import type { FaultPlan } from './faults.ts'
import { never, type SimProcess } from './process.ts'
import type { Random } from './random.ts'
import { OUTSIDE } from './timeline.ts'

/** Longest way of a request or an answer, ms. */
const MOST_LATENCY_MS = 30
/** How long after it was given up a request may still be carried out, ms. */
const MOST_LATE_MS = 20_000

/**
 * `Runner` of one process: sends requests to the daemon and waits for answers, each of which may go wrong. A request
 * on its way when its process dies is carried out or lost, as chance has it.
 */
export class SimRunner implements Runner {
  readonly kind = 'simulated'
  readonly isolated = true
  readonly #process: SimProcess
  readonly #daemon: Daemon
  readonly #faults: FaultPlan
  readonly #random: Random
  readonly #listeners = new Set<() => void>()

  constructor(process: SimProcess, daemon: Daemon, faults: FaultPlan, random: Random) {
    this.#process = process
    this.#daemon = daemon
    this.#faults = faults
    this.#random = random
  }

  check(): ReturnType<Runner['check']> {
    return Promise.resolve({ status: 'ready', version: 'simulated' })
  }

  prepareRun({ run }: Parameters<Runner['prepareRun']>[0]): Promise<void> {
    return this.#request('prepareRun', () => {
      this.#daemon.networks.add(run)
    })
  }

  releaseRun({ run }: Parameters<Runner['releaseRun']>[0]): Promise<void> {
    return this.#request('releaseRun', () => {
      const used = [...this.#daemon.containers.values()].some(({ spec }) => spec.run === run)
      if (!used) this.#daemon.networks.delete(run)
    })
  }

  resolveImage(): Promise<string> {
    return this.#request('resolveImage', () => 'sha256:simulated')
  }

  /** Two requests, as with Docker; when the answer to the second is lost it looks before it asks again. */
  async start(spec: AgentSpec): Promise<AgentObservation> {
    const there = await this.#request('create', () => this.#daemon.create(spec))
    if (there.status !== 'created') return there
    try {
      await this.#request('start', () => this.#daemon.start(spec.attempt))
    } catch (error) {
      if (!(error instanceof RunnerError) || error.kind !== 'unavailable') throw error
      const found = await this.find(spec.attempt)
      if (found?.status !== 'created') throw error
      await this.#request('start', () => this.#daemon.start(spec.attempt))
    }
    return (await this.find(spec.attempt)) ?? { ...there, status: 'running' }
  }

  list(): Promise<readonly AgentObservation[]> {
    return this.#request('list', () => this.#daemon.list())
  }

  find(attempt: AttemptId): Promise<AgentObservation | undefined> {
    return this.#request('find', () => this.#daemon.find(attempt))
  }

  async wait(attempt: AttemptId, signal: AbortSignal): Promise<AgentExit> {
    // A question without an effect: it fails or it does not.
    await this.#request('wait', () => undefined)
    return this.#over(attempt, signal)
  }

  async stop(attempt: AttemptId, graceMs: number): Promise<void> {
    if (graceMs > 0) {
      if (!(await this.#request('term', () => this.#daemon.signal(attempt, 'TERM')))) return
      const timer = new AbortController()
      const cancel = this.#process.timeline.add(graceMs, this.#process, () => timer.abort())
      const over = await this.#isOver(attempt, timer.signal)
      cancel()
      if (over) return
    }
    const killed = await this.#request('kill', () => this.#daemon.signal(attempt, 'KILL'))
    if (killed) await this.#isOver(attempt, new AbortController().signal)
  }

  pause(attempt: AttemptId): Promise<void> {
    return this.#request('pause', () => this.#daemon.pause(attempt))
  }

  resume(attempt: AttemptId): Promise<void> {
    return this.#request('resume', () => this.#daemon.resume(attempt))
  }

  remove(attempt: AttemptId): Promise<void> {
    return this.#request('remove', () => this.#daemon.remove(attempt))
  }

  async *output(attempt: AttemptId, from: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for (let position = from; !signal.aborted; ) {
      const { data, over } = await this.#request('output', () => this.#read(attempt, position))
      if (data.length > 0) yield data
      position += data.length
      if (over) return
      await this.#isOver(attempt, signal)
    }
  }

  #read(attempt: AttemptId, from: number): { readonly data: Uint8Array; readonly over: boolean } {
    const container = this.#daemon.containers.get(attempt)
    if (container === undefined) throw missing(attempt)
    const data = container.behaviour.output.slice(from, container.written)
    return { data, over: container.exit !== null }
  }

  input(): Promise<void> {
    return Promise.resolve()
  }

  resize(): Promise<void> {
    return Promise.resolve()
  }

  usage(attempt: AttemptId): ReturnType<Runner['usage']> {
    return this.#request('usage', () => {
      const container = this.#daemon.containers.get(attempt)
      if (container?.status !== 'running') return undefined
      return { cpuMs: this.#daemon.cpuMs(container), memoryBytes: 1 }
    })
  }

  onReconnect(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The daemon is back. */
  reconnected(): void {
    for (const listener of this.#listeners) listener()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  /** True when it is over or gone, false when the signal came first; rejects when contact is lost. */
  async #isOver(attempt: AttemptId, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#over(attempt, signal)
      return true
    } catch (error) {
      if (signal.aborted) return false
      if (error instanceof RunnerError && error.kind === 'refused') return true
      throw error
    }
  }

  #over(attempt: AttemptId, signal: AbortSignal): Promise<AgentExit> {
    const { timeline } = this.#process
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const off = this.#daemon.whenOver(attempt, (end) => {
        timeline.add(this.#latency(), this.#process, () => {
          if (end instanceof RunnerError) reject(end)
          else resolve(end)
        })
      })
      signal.addEventListener('abort', () => {
        off()
        reject(signal.reason)
      })
    })
  }

  #latency(): number {
    return this.#random.int(0, MOST_LATENCY_MS)
  }

  /** One request and its answer, going wrong as the plan of faults has it. */
  async #request<T>(name: string, act: () => T): Promise<T> {
    const process = this.#process
    const call = `runner.${name}`
    if (!process.survives(`${call} before`)) return never()
    const fault = this.#faults.next(call)
    const outlives = this.#random.chance(0.5)
    const way = this.#latency()
    if (fault === 'before' || fault === 'late') {
      if (fault === 'late') this.#carryOutLate(act, way + this.#random.int(0, MOST_LATE_MS))
      await process.pause(way)
      throw away()
    }
    const result = await new Promise<Done<T>>((resolve) => {
      process.timeline.add(way, outlives ? OUTSIDE : process, () => {
        const done = this.#carryOut(act)
        if (process.survives(`${call} after`))
          process.timeline.add(this.#latency(), process, () => resolve(done))
      })
    })
    if (fault === 'after') throw away()
    if (!result.ok) throw result.error
    return result.value
  }

  #carryOut<T>(act: () => T): Done<T> {
    if (!this.#daemon.up) return { ok: false, error: away() }
    try {
      return { ok: true, value: act() }
    } catch (error) {
      return { ok: false, error }
    }
  }

  #carryOutLate(act: () => unknown, ms: number): void {
    this.#process.timeline.add(ms, OUTSIDE, () => void this.#carryOut(act))
  }
}

type Done<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }
