import type Docker from 'dockerode'
import type { AttemptId } from '../../domain/ids.ts'
import { type AgentExit, RunnerError } from '../../engine/ports/runner.ts'
import { call, isConnectionError, statusOf } from './client.ts'
import { jsonLines } from './jsonLines.ts'
import { LABELS, withLabels } from './labels.ts'
import { exitFrom } from './observe.ts'

/** The `generation` of a watch that receives no events. */
export const NOT_WATCHING = -1
const RECONCILE_MS = 3_000
const EXITS_KEPT = 10_000
const RETRY_FIRST_MS = 100
const RETRY_MOST_MS = 2_000
/** 128 + SIGKILL. */
const KILLED = 137

interface DockerEvent {
  readonly Action: string
  readonly timeNano: number
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }
}

interface Waiter {
  readonly resolve: (exit: AgentExit) => void
  readonly reject: (error: Error) => void
}

/**
 * Learns how agents end, for any number of them over one event stream instead of one waiting call each.
 *
 * idle -> (open) -> connecting -> watching <-> away; any -> closed.
 * - idle: nobody has asked for anything yet.
 * - watching: the stream is open. Every few seconds, while anyone waits, the truth is also listed: events can be
 *   lost, a listing cannot lie.
 * - away: the daemon does not answer or the stream broke; connecting is tried until it works, then one listing
 *   settles what was missed and the reconnect listeners are called.
 * - closed: for good; everyone waiting was rejected.
 */
export class ExitWatch {
  readonly #docker: Docker
  readonly #install: string
  readonly #exits = new Map<string, AgentExit>()
  readonly #oom = new Set<string>()
  /** Started by this process while watching: their end cannot have been missed. */
  readonly #fresh = new Set<string>()
  readonly #waiters = new Map<string, Set<Waiter>>()
  readonly #listeners = new Set<() => void>()
  readonly #closing = new AbortController()
  #state: 'idle' | 'connecting' | 'watching' | 'away' | 'closed' = 'idle'
  /** The attempt to connect that is under way or succeeded; undefined while idle or away. */
  #connected: Promise<void> | undefined
  /** Set while anyone waits and no listing is under way. */
  #tick: NodeJS.Timeout | undefined
  /** Set in `away`, between two attempts. */
  #retry: NodeJS.Timeout | undefined
  #reconciling: Promise<void> | undefined
  /** True from losing the daemon until it is back and the listeners have been told. */
  #wasAway = false
  #lastEventNs = 0
  #connections = 0

  constructor(docker: Docker, install: string) {
    this.#docker = docker
    this.#install = install
  }

  /** Counts the connections made: a stream that was opened under another number may have been cut. */
  get generation(): number {
    return this.#state === 'watching' ? this.#connections : NOT_WATCHING
  }

  /** Resolves when events are being received. Rejects with the daemon's error, and goes on trying behind it. */
  async open(): Promise<void> {
    if (this.#state === 'closed') throw closedError()
    this.#connected ??= this.#connect()
    await this.#connected
  }

  onReconnect(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** This process is about to start it, events are being received: no listing is needed to know its end. */
  expect(attempt: AttemptId): void {
    if (this.#state === 'watching') this.#fresh.add(attempt)
  }

  exitOf(attempt: AttemptId): AgentExit | undefined {
    return this.#exits.get(attempt)
  }

  forget(attempt: AttemptId): void {
    this.#exits.delete(attempt)
    this.#fresh.delete(attempt)
    this.#oom.delete(attempt)
  }

  /** Resolves with the end of the agent; rejects when its container is gone, on abort and on close. */
  wait(attempt: AttemptId, signal?: AbortSignal): Promise<AgentExit> {
    const known = this.#exits.get(attempt)
    if (known !== undefined) return Promise.resolve(known)
    if (this.#state === 'closed') return Promise.reject(closedError())
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal?.removeEventListener('abort', onAbort)
        this.#leave(attempt, waiter)
      }
      const onAbort = (): void => {
        leave()
        reject(signal?.reason)
      }
      const waiter: Waiter = {
        resolve: (exit) => {
          leave()
          resolve(exit)
        },
        reject: (error) => {
          leave()
          reject(error)
        },
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      const others = this.#waiters.get(attempt)
      if (others === undefined) this.#waiters.set(attempt, new Set([waiter]))
      else others.add(waiter)
      if (this.#fresh.has(attempt)) this.#schedule()
      else void this.#ensureThenReconcile()
    })
  }

  /** The agent is over, whoever found out. The first word stands. */
  settle(attempt: string, exit: AgentExit): void {
    if (!this.#exits.has(attempt)) this.#exits.set(attempt, exit)
    // An event may come after its container was removed and forgotten; such stragglers must not pile up.
    const [oldest] = this.#exits.keys()
    if (this.#exits.size > EXITS_KEPT && oldest !== undefined) this.#exits.delete(oldest)
    const first = this.#exits.get(attempt) ?? exit
    for (const waiter of [...(this.#waiters.get(attempt) ?? [])]) waiter.resolve(first)
  }

  /** Some call found the daemon out of reach: makes sure its return is noticed. */
  suspect(): void {
    if (this.#state === 'idle') this.#lost()
  }

  close(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#closing.abort()
    clearTimeout(this.#tick)
    clearTimeout(this.#retry)
    for (const waiters of [...this.#waiters.values()]) {
      for (const waiter of [...waiters]) waiter.reject(closedError())
    }
    this.#listeners.clear()
  }

  async #connect(): Promise<void> {
    this.#state = 'connecting'
    try {
      const stream = await this.#docker.getEvents({
        // A second back: the answer's headers come before the subscription. What was heard already is known.
        since: this.#lastEventNs === 0 ? Date.now() / 1000 - 1 : this.#lastEventNs / 1e9,
        filters: {
          ...withLabels({ [LABELS.install]: this.#install }),
          type: ['container'],
          event: ['die', 'oom'],
        },
        abortSignal: this.#closing.signal,
      })
      if (this.#closing.signal.aborted) return
      this.#state = 'watching'
      this.#connections++
      void this.#receive(stream)
      if (this.#wasAway) void this.#welcomeBack()
    } catch (error) {
      this.#lost()
      throw error
    }
  }

  async #receive(stream: NodeJS.ReadableStream): Promise<void> {
    try {
      for await (const event of jsonLines<DockerEvent>(stream)) this.#on(event)
    } catch {
      // However the stream ended, it has to be opened again.
    }
    this.#lost()
  }

  #on(event: DockerEvent): void {
    this.#lastEventNs = Math.max(this.#lastEventNs, event.timeNano)
    const attempt = event.Actor.Attributes[LABELS.attempt]
    if (attempt === undefined) return
    if (event.Action === 'oom') {
      this.#oom.add(attempt)
      return
    }
    const exit: AgentExit = {
      code: Number(event.Actor.Attributes['exitCode']),
      oomKilled: this.#oom.has(attempt),
      finishedAt: Math.round(event.timeNano / 1e6),
      error: null,
    }
    if (exit.code === 0) this.settle(attempt, exit)
    else void this.#inspectThenSettle(attempt, event.Actor.ID, exit)
  }

  /** After a failure the reasons are worth a call: out of memory, or a command that never ran. */
  async #inspectThenSettle(attempt: string, id: string, fallback?: AgentExit): Promise<void> {
    try {
      const info = await call((abortSignal) => this.#docker.getContainer(id).inspect({ abortSignal }))
      const exit = exitFrom(info)
      if (exit.code === KILLED && isBeingRemoved(info.State.Status)) return this.#gone(attempt)
      this.settle(attempt, { ...exit, oomKilled: exit.oomKilled || this.#oom.has(attempt) })
    } catch (error) {
      // Out of reach: the next listing finds it.
      if (statusOf(error) !== 404 || fallback === undefined) return
      // Removed in the meantime: the event is all there is, and a kill says nothing about the work.
      if (fallback.code === KILLED && !fallback.oomKilled) this.#gone(attempt)
      else this.settle(attempt, fallback)
    }
  }

  /** Someone removed it while it ran: how far it came, nobody can know. */
  #gone(attempt: string): void {
    const error = goneError(attempt)
    for (const waiter of [...(this.#waiters.get(attempt) ?? [])]) waiter.reject(error)
  }

  #lost(): void {
    if (this.#state === 'closed') return
    this.#state = 'away'
    this.#wasAway = true
    this.#connected = undefined
    this.#fresh.clear()
    clearTimeout(this.#tick)
    this.#tick = undefined
    this.#reconnectIn(RETRY_FIRST_MS)
  }

  #reconnectIn(delay: number): void {
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => void this.#reconnect(delay), delay)
  }

  async #reconnect(delay: number): Promise<void> {
    if (this.#state !== 'away') return
    try {
      await this.open()
    } catch {
      // `#connect` has scheduled a quick attempt; a daemon that stays away is asked less often.
      this.#reconnectIn(Math.min(delay * 1.5, RETRY_MOST_MS))
    }
  }

  async #welcomeBack(): Promise<void> {
    this.#wasAway = false
    clearTimeout(this.#retry)
    await this.#reconcile()
    for (const listener of [...this.#listeners]) listener()
  }

  async #ensureThenReconcile(): Promise<void> {
    try {
      await this.open()
    } catch {
      return
    }
    await this.#reconcile()
  }

  /** One listing settles everyone waited for. Asked for while one is under way, another follows it. */
  async #reconcile(): Promise<void> {
    await this.#reconciling
    this.#reconciling ??= this.#listOnce().finally(() => {
      this.#reconciling = undefined
      this.#schedule()
    })
    await this.#reconciling
  }

  async #listOnce(): Promise<void> {
    const awaited = [...this.#waiters].flatMap(([attempt, waiters]) =>
      [...waiters].map((w) => [attempt, w] as const),
    )
    if (awaited.length === 0) return
    const filters = withLabels({ [LABELS.install]: this.#install })
    let all: Docker.ContainerInfo[]
    try {
      all = await call((abortSignal) => this.#docker.listContainers({ all: true, filters, abortSignal }))
    } catch (error) {
      if (isConnectionError(error) && this.#state === 'watching') this.#lost()
      return
    }
    const found = new Map(all.map((info) => [info.Labels[LABELS.attempt] ?? '', info]))
    const over = new Map<string, string>()
    for (const [attempt, waiter] of awaited) {
      const info = found.get(attempt)
      if (info === undefined) waiter.reject(goneError(attempt))
      else if (info.State === 'exited' || info.State === 'dead') over.set(attempt, info.Id)
    }
    await Promise.all([...over].map(([attempt, id]) => this.#inspectThenSettle(attempt, id)))
  }

  #schedule(): void {
    if (this.#tick !== undefined || this.#waiters.size === 0 || this.#state !== 'watching') return
    this.#tick = setTimeout(() => {
      this.#tick = undefined
      void this.#reconcile()
    }, RECONCILE_MS)
  }

  #leave(attempt: string, waiter: Waiter): void {
    const waiters = this.#waiters.get(attempt)
    waiters?.delete(waiter)
    if (waiters?.size === 0) this.#waiters.delete(attempt)
  }
}

function goneError(attempt: string): RunnerError {
  return new RunnerError(
    'refused',
    `The container of ${attempt} is gone, and how it ended with it.`,
    'Something outside this program removed it; decide whether the attempt may be repeated.',
  )
}

function closedError(): RunnerError {
  return new RunnerError('unavailable', 'The Docker runner was closed.', 'Start the engine again.')
}

function isBeingRemoved(status: string): boolean {
  return status === 'removing' || status === 'dead'
}
