import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { AttemptId } from '../domain/ids.ts'
import type { ImageSpec } from '../domain/project.ts'
import {
  type AgentExit,
  type AgentObservation,
  type AgentSpec,
  ALREADY_STARTED_EXIT,
  type Runner,
  RunnerError,
} from '../engine/ports/runner.ts'
import { OutputLog } from '../runners/output/segments.ts'
import { beginFolder, readExit, readSpec, writeExit } from './actionFolder.ts'
import type { ActionSpec, Planner } from './actions.ts'
import { ActiveAction, observeEnded } from './activeAction.ts'

export interface TargetRunnerOptions {
  readonly dataDir: string
  readonly planner: Planner
  /** Images of what runs in containers of their own (migrations). */
  readonly resolveImage: (
    image: ImageSpec,
    root: string,
    onProgress: (line: string) => void,
  ) => Promise<string>
  readonly close?: () => Promise<void> | void
}

/**
 * Carries out what the engine does itself at the places releases go to (attempts with an `action`). What is said of
 * runners (main/engine/ports/runner.ts) holds, with these differences: an action goes on where it stood after the
 * program was killed, so it is never lost; a stop puts back what was begun, so it may take longer than its grace;
 * there is no terminal and nothing runs beside it.
 */
export function createTargetRunner(options: TargetRunnerOptions): Runner {
  return new TargetRunner(options)
}

class TargetRunner implements Runner {
  readonly kind = 'target'
  readonly isolated = true
  readonly #options: TargetRunnerOptions
  readonly #root: string
  /** Every action that is not over, and those that ended in this process. */
  readonly #active = new Map<string, ActiveAction>()
  #closed = false

  constructor(options: TargetRunnerOptions) {
    this.#options = options
    this.#root = join(options.dataDir, 'targets', 'actions')
    mkdirSync(this.#root, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(this.#root)) this.#takeUp(join(this.#root, name))
  }

  check() {
    return Promise.resolve({ status: 'ready' as const, version: '1' })
  }
  prepareRun() {
    return Promise.resolve()
  }
  releaseRun() {
    return Promise.resolve()
  }

  resolveImage(image: ImageSpec, root: string, onProgress: (line: string) => void): Promise<string> {
    return this.#options.resolveImage(image, root, onProgress)
  }

  start(spec: AgentSpec): Promise<AgentObservation> {
    const folder = this.#folderOf(spec.attempt)
    const known = this.#observe(folder)
    if (known !== undefined) return Promise.resolve(known)
    if (!isAction(spec)) return Promise.reject(notAnAction(spec))
    const begun = { spec, startedAt: Date.now() }
    if (!beginFolder(folder, begun)) {
      const exit = { code: ALREADY_STARTED_EXIT, oomKilled: false, finishedAt: Date.now(), error: null }
      writeExit(folder, spec, exit, {})
      return Promise.resolve(observeEnded(folder, begun)!)
    }
    return Promise.resolve(this.#open(folder, begun).observe())
  }

  list(): Promise<readonly AgentObservation[]> {
    const names = readdirSync(this.#root)
    return Promise.resolve(names.flatMap((name) => this.#observe(join(this.#root, name)) ?? []))
  }

  find(attempt: AttemptId): Promise<AgentObservation | undefined> {
    return Promise.resolve(this.#observe(this.#folderOf(attempt)))
  }

  async wait(attempt: AttemptId, signal: AbortSignal): Promise<AgentExit> {
    const folder = this.#folderOf(attempt)
    signal.throwIfAborted()
    const active = this.#active.get(folder)
    if (active !== undefined) await orAborted(active.ended, signal)
    const exit = this.#observe(folder)?.exit
    if (exit) return exit
    throw unknown(attempt, this.#closed)
  }

  async stop(attempt: AttemptId): Promise<void> {
    const active = this.#active.get(this.#folderOf(attempt))
    active?.stop('It was stopped.')
    await active?.ended
  }

  pause(attempt: AttemptId): Promise<void> {
    this.#active.get(this.#folderOf(attempt))?.pause()
    return Promise.resolve()
  }

  resume(attempt: AttemptId): Promise<void> {
    this.#active.get(this.#folderOf(attempt))?.resume()
    return Promise.resolve()
  }

  async remove(attempt: AttemptId): Promise<void> {
    const folder = this.#folderOf(attempt)
    const active = this.#active.get(folder)
    if (active?.observe().exit === null) await this.stop(attempt)
    if (this.#closed && readExit(folder) === undefined) return
    this.#active.delete(folder)
    rmSync(folder, { recursive: true, force: true })
  }

  async *output(attempt: AttemptId, from: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const folder = this.#folderOf(attempt)
    const active = this.#active.get(folder)
    if (active !== undefined) {
      yield* active.output(from, signal)
      return
    }
    if (readSpec(folder) === undefined) return
    const log = OutputLog.open(join(folder, 'output'))
    log.close()
    for await (const { bytes } of log.follow(from, signal)) yield bytes
  }

  input(attempt: AttemptId): Promise<void> {
    return Promise.reject(
      new RunnerError('refused', `${attempt} has no terminal.`, 'It is done by the program itself.'),
    )
  }
  resize() {
    return Promise.resolve()
  }
  exec(attempt: AttemptId): Promise<never> {
    return Promise.reject(
      new RunnerError(
        'refused',
        `Nothing can run beside ${attempt}.`,
        'It is done by the program itself, in no container.',
      ),
    )
  }
  usage() {
    return Promise.resolve(undefined)
  }
  onReconnect() {
    return () => undefined
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#active.values()].map((active) => active.close()))
    await this.#options.close?.()
  }

  #takeUp(folder: string): void {
    const begun = readSpec(folder)
    if (begun !== undefined && readExit(folder) === undefined) this.#open(folder, begun)
  }

  #open(folder: string, begun: Parameters<typeof observeEnded>[1]): ActiveAction {
    const active = new ActiveAction(folder, begun, this.#options.planner)
    this.#active.set(folder, active)
    return active
  }

  #observe(folder: string): AgentObservation | undefined {
    const active = this.#active.get(folder)
    if (active !== undefined) return active.observe()
    const begun = readSpec(folder)
    return begun === undefined ? undefined : observeEnded(folder, begun)
  }

  /** The attempt's id may hold what a file name may not. */
  #folderOf(attempt: AttemptId): string {
    return join(this.#root, createHash('sha256').update(attempt).digest('hex').slice(0, 24))
  }
}

function isAction(spec: AgentSpec): spec is ActionSpec {
  return spec.action !== undefined
}

function notAnAction(spec: AgentSpec): RunnerError {
  return new RunnerError('refused', `${spec.attempt} has nothing to do at a target.`, 'Use another runner.')
}

function unknown(attempt: AttemptId, closed: boolean): RunnerError {
  return closed
    ? new RunnerError(
        'unavailable',
        `The program ends before ${attempt} does.`,
        'It goes on with the next start.',
      )
    : new RunnerError('refused', `There is no ${attempt}.`, 'Look at its record.')
}

async function orAborted(ended: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    await Promise.race([ended, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
