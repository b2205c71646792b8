import type { AttemptId } from '../../domain/ids.ts'
import {
  type AgentExit,
  type AgentObservation,
  type AgentSpec,
  ALREADY_STARTED_EXIT,
  RunnerError,
} from '../ports/runner.ts'
import type { Behaviour } from './behaviour.ts'
import type { Exchanges } from './exchanges.ts'
import type { Machine } from './machine.ts'
import { OUTSIDE, type Timeline } from './timeline.ts'

export interface Container {
  readonly spec: AgentSpec
  readonly handle: string
  readonly behaviour: Behaviour
  status: AgentObservation['status']
  startedAt: number | null
  exit: AgentExit | null
  /** Its command runs: not that of a container the latch turned away. */
  commandAlive: boolean
  /** RUNNING time left, ms, when `resumedAt` was. */
  leftMs: number
  resumedAt: number
  cpuMs: number
  /** Bytes of `behaviour.output` written so far. */
  written: number
  /** Undefined unless it runs. */
  cancelEnd: (() => void) | undefined
}

export interface DaemonHooks {
  readonly behaviourOf: (attempt: AttemptId) => Behaviour
  /** A command really begins. */
  readonly onBegin: (container: Container) => void
  /** A command is over; `code` is its own exit code, null when nobody will ever know it. */
  readonly onEnd: (attempt: AttemptId, code: number | null) => void
}

/** Resolved with the end, or with why it will not be known. */
export type OverListener = (end: AgentExit | RunnerError) => void

/**
 * A container daemon as it is: it knows nothing of engines, carries out requests whoever sent them, and its
 * containers outlive whoever asked for them. What it does is done at once; that requests take time, fail and come
 * late is the runner's affair.
 */
export class Daemon {
  up = true
  readonly containers = new Map<AttemptId, Container>()
  readonly networks = new Set<string>()
  readonly #listeners = new Map<AttemptId, Set<OverListener>>()
  readonly #timeline: Timeline
  readonly #machine: Machine
  readonly #exchanges: Exchanges
  readonly #hooks: DaemonHooks
  #made = 0

  constructor(timeline: Timeline, machine: Machine, exchanges: Exchanges, hooks: DaemonHooks) {
    this.#timeline = timeline
    this.#machine = machine
    this.#exchanges = exchanges
    this.#hooks = hooks
  }

  /** Names are unique: a second create meets the first. */
  create(spec: AgentSpec): AgentObservation {
    const known = this.containers.get(spec.attempt)
    if (known !== undefined) return observe(known)
    const behaviour = this.#hooks.behaviourOf(spec.attempt)
    const container: Container = {
      spec,
      handle: `c${++this.#made}`,
      behaviour,
      status: 'created',
      startedAt: null,
      exit: null,
      commandAlive: false,
      leftMs: behaviour.runMs,
      resumedAt: 0,
      cpuMs: 0,
      written: 0,
      cancelEnd: undefined,
    }
    this.containers.set(spec.attempt, container)
    return observe(container)
  }

  /** Starts what is created or over; the latch in the exchange folder lets only the first start through. */
  start(attempt: AttemptId): void {
    const container = this.#get(attempt)
    if (container.status === 'running' || container.status === 'paused') return
    container.status = 'running'
    container.startedAt = this.#machine.wall()
    container.exit = null
    if (!this.#exchanges.latch(attempt)) {
      container.cancelEnd = this.#timeline.add(1, OUTSIDE, () => this.#end(container, ALREADY_STARTED_EXIT))
      return
    }
    if (container.behaviour.error !== null) {
      this.#hooks.onBegin(container)
      this.#end(container, 127)
      return
    }
    container.commandAlive = true
    container.written = Math.floor(container.behaviour.output.length / 2)
    this.#hooks.onBegin(container)
    this.#resumeClock(container)
  }

  find(attempt: AttemptId): AgentObservation | undefined {
    const container = this.containers.get(attempt)
    return container === undefined ? undefined : observe(container)
  }

  list(): readonly AgentObservation[] {
    return [...this.containers.values()].map(observe)
  }

  /** A signal to its main process; nothing to do for one that is not running. True if there was one. */
  signal(attempt: AttemptId, signal: 'TERM' | 'KILL'): boolean {
    const container = this.containers.get(attempt)
    if (container === undefined || (container.status !== 'running' && container.status !== 'paused'))
      return false
    if (signal === 'KILL') this.#end(container, 137)
    else this.#hear(container)
    return true
  }

  #hear(container: Container): void {
    if (container.status === 'paused') this.resume(container.spec.attempt)
    const { onTerm, code } = container.behaviour
    if (onTerm === 'ignores' || !container.commandAlive) return
    container.cancelEnd?.()
    const end = (): void => this.#end(container, onTerm === 'finishes' ? code : 143)
    container.cancelEnd = this.#timeline.add(20, OUTSIDE, end)
  }

  pause(attempt: AttemptId): void {
    const container = this.containers.get(attempt)
    if (container?.status !== 'running' || !container.commandAlive) return
    this.#stopClock(container)
    container.status = 'paused'
  }

  resume(attempt: AttemptId): void {
    const container = this.containers.get(attempt)
    if (container?.status !== 'paused') return
    container.status = 'running'
    this.#resumeClock(container)
  }

  /** Kills it if need be. Its command's end goes unseen. */
  remove(attempt: AttemptId): void {
    const container = this.containers.get(attempt)
    if (container === undefined) return
    container.cancelEnd?.()
    if (container.commandAlive) this.#hooks.onEnd(attempt, null)
    container.commandAlive = false
    this.containers.delete(attempt)
    this.#tell(attempt, missing(attempt))
  }

  /** Calls back once: at its end, at once if it is over, or with why that cannot be told. */
  whenOver(attempt: AttemptId, listener: OverListener): () => void {
    const container = this.containers.get(attempt)
    if (!this.up) listener(away())
    else if (container === undefined) listener(missing(attempt))
    else if (container.exit !== null) listener(container.exit)
    else {
      const listeners = this.#listeners.get(attempt) ?? new Set()
      this.#listeners.set(attempt, listeners.add(listener))
      return () => listeners.delete(listener)
    }
    return () => undefined
  }

  cpuMs(container: Container): number {
    const running = container.status === 'running' && !container.behaviour.quiet
    return container.cpuMs + (running ? this.#timeline.now - container.resumedAt : 0)
  }

  /** It stops, with or without what runs in it. */
  goDown(killsContainers: boolean): void {
    this.up = false
    if (killsContainers)
      for (const container of this.containers.values())
        if (container.status === 'running' || container.status === 'paused') this.#end(container, 137)
    for (const attempt of [...this.#listeners.keys()]) this.#tell(attempt, away())
  }

  #get(attempt: AttemptId): Container {
    const container = this.containers.get(attempt)
    if (container === undefined) throw missing(attempt)
    return container
  }

  #resumeClock(container: Container): void {
    container.resumedAt = this.#timeline.now
    const { code, output } = container.behaviour
    container.cancelEnd = this.#timeline.add(container.leftMs, OUTSIDE, () => {
      container.written = output.length
      this.#end(container, code)
    })
  }

  #stopClock(container: Container): void {
    container.cancelEnd?.()
    const ranMs = this.#timeline.now - container.resumedAt
    container.leftMs = Math.max(0, container.leftMs - ranMs)
    if (!container.behaviour.quiet) container.cpuMs += ranMs
  }

  #end(container: Container, code: number): void {
    container.cancelEnd?.()
    const { attempt } = container.spec
    const { error, oomKilled, outputs } = container.behaviour
    if (container.commandAlive || error !== null) {
      if (code === 0) this.#exchanges.write(attempt, outputs)
      this.#hooks.onEnd(attempt, code)
    }
    container.commandAlive = false
    container.status = 'exited'
    const finishedAt = this.#machine.wall()
    container.exit = {
      code,
      oomKilled: oomKilled && code !== 0,
      finishedAt,
      error: code === 127 ? error : null,
    }
    this.#tell(attempt, container.exit)
  }

  #tell(attempt: AttemptId, end: AgentExit | RunnerError): void {
    const listeners = this.#listeners.get(attempt)
    this.#listeners.delete(attempt)
    for (const listener of listeners ?? []) listener(end)
  }
}

function observe({ spec, handle, status, startedAt, exit }: Container): AgentObservation {
  return { attempt: spec.attempt, handle, status, startedAt, exit }
}

export function missing(attempt: AttemptId): RunnerError {
  return new RunnerError('refused', `There is no container of ${attempt}.`, 'Start a new attempt.')
}

export function away(): RunnerError {
  return new RunnerError('unavailable', 'The simulated daemon does not answer.', 'Wait for it.')
}
