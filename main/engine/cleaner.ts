import type { EventEnvelope } from '../domain/events.ts'
import { GATE_CHECK, gateCheckId, isEvaluating } from '../domain/gates/places.ts'
import { type AttemptId, attemptId, parseAttemptId, type RunId } from '../domain/ids.ts'
import { checkId, MERGE_CHECK } from '../domain/merging/mergePolicy.ts'
import { planIndex } from '../domain/plan.ts'
import type { TaskSpec } from '../domain/project.ts'
import type { Run, State } from '../domain/state.ts'
import { type Runner, RunnerError } from './ports/runner.ts'
import { sleep } from './scheduling.ts'
import type { Watchers } from './watchers.ts'
import { runnerOf, runnerOfAttempt, scopeOf, type World } from './world.ts'

const FIRST_RETRY_MS = 500
const MAX_RETRY_MS = 30_000
const SWEEP_EVERY_MS = 60_000

/**
 * Removes what is over: containers, clones, networks (`agent.clean`, `run.release`). Nothing of it is on record,
 * because what is left to remove can always be seen: it exists and the state does not want it.
 */
export class Cleaner {
  readonly #world: World
  readonly #watchers: Watchers
  /** Clean-ups under way, by attempt or run. */
  readonly #open = new Map<string, Promise<void>>()
  #closed = false
  /** Number of the last sweep begun; one that is being tried again gives way to it. */
  #sweeps = 0
  /** Whether the folders that the last engine left have been removed. */
  #foldersSwept = false
  /** Undefined until `sweepEveryMinute`. */
  #cancelSweep: (() => void) | undefined

  constructor(world: World, watchers: Watchers) {
    this.#world = world
    this.#watchers = watchers
  }

  published(events: readonly EventEnvelope[], state: State, before: State): void {
    this.#overChecks(events, state, before)
    for (const { run: id, data } of events) {
      const run = state.runs.get(id!) ?? before.runs.get(id!)
      if (run === undefined) continue
      if (data.type === 'agent.terminated' || data.type === 'task.completed') {
        this.#attempt(run, attemptId(run.id, run.plan.tasks[data.task]!.id, data.attempt))
      }
      // The clone of a failed attempt was kept for a person to look at; now another one takes its place.
      if (data.type === 'task.assigned' && data.attempt > 1) {
        this.#attempt(run, attemptId(run.id, run.plan.tasks[data.task]!.id, data.attempt - 1))
      }
      if (data.type === 'run.settled') this.#release(run)
      if (data.type === 'run.applied') this.#keptClones(run)
    }
  }

  /** Evaluations of gates that were under way and are over, or called off. */
  #overGates(before: Run | undefined, is: Run | undefined): void {
    if (before?.gates === undefined || before.gates === is?.gates) return
    for (const { state, number, span } of before.gates.records) {
      if (state !== 'evaluating' || (is !== undefined && isEvaluating(is, number))) continue
      for (let i = 0; i < span; i++) this.#attempt(before, gateCheckId(before.id, number + i))
    }
  }

  /** Merge checks that were under way and are over, or called off. */
  #overChecks(events: readonly EventEnvelope[], state: State, before: State): void {
    for (const id of new Set(events.map((event) => event.run))) {
      const was = id === null ? undefined : before.runs.get(id)
      if (was !== undefined) this.#overGates(was, state.runs.get(was.id))
      const check = was?.mergeQueue?.check
      if (was === undefined || check == null) continue
      const is = state.runs.get(was.id)?.mergeQueue?.check
      if (is?.n !== check.n || (check.move === null && is.move !== null))
        this.#attempt(was, checkId(was.id, check.n))
    }
  }

  /**
   * Removes everything of ours that the state does not want, now and every minute: after a restart, when a runner is
   * back, and what a request brought about that outlived its sender.
   */
  sweep(): void {
    const mine = ++this.#sweeps
    this.#track('sweep', async () => {
      if (mine === this.#sweeps) await this.#sweepOnce()
    })
  }

  sweepEveryMinute(): void {
    if (this.#closed) return
    this.sweep()
    this.#cancelSweep = this.#world.scheduling.after(SWEEP_EVERY_MS, () => this.sweepEveryMinute())
  }

  async idle(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open.values())
  }

  close(): void {
    this.#closed = true
    this.#cancelSweep?.()
  }

  async #sweepOnce(): Promise<void> {
    const { state } = this.#world.engine
    for (const runner of this.#world.runners.values()) await this.#sweepRunner(state, runner)
    await this.#sweepBeside()
    for (const { id: project, root } of state.projects.values()) {
      for (const attempt of await this.#world.workspaces.list(project)) {
        const run = runOf(this.#world.engine.state, attempt)
        if (run !== undefined && wantsClone(run, attempt)) continue
        await this.#world.workspaces.remove({ project, run: parseAttemptId(attempt)!.run, root }, attempt)
      }
    }
    if (!this.#foldersSwept) await this.#sweepFolders(state)
    this.#foldersSwept = true
  }

  /** Services that stand beside nobody any more. */
  async #sweepBeside(): Promise<void> {
    const { targets } = this.#world
    // Where there is no Docker nothing of it is there.
    const attempts = (await targets?.listBeside().catch(() => [])) ?? []
    for (const attempt of attempts) {
      const run = runOf(this.#world.engine.state, attempt)
      if (run === undefined || !isCurrent(run, attempt)) await targets!.stopBeside(attempt)
    }
  }

  /** Exchange folders whose clean-up the last engine did not live to end; their containers are gone by now. */
  async #sweepFolders(state: State): Promise<void> {
    for (const run of state.runs.values()) {
      let index = 0
      for (const { past } of run.tasks) {
        const { id } = run.plan.tasks[index++]!
        for (const { n } of past)
          await this.#world.files.removeExchange(run.project, attemptId(run.id, id, n))
      }
      for (let number = 1; number <= (run.gates?.last ?? 0); number++) {
        if (isEvaluating(run, number)) continue
        await this.#world.files.removeExchange(run.project, gateCheckId(run.id, number))
      }
      for (let check = 1; check <= (run.mergeQueue?.lastCheck ?? 0); check++) {
        if (isChecking(run, check)) continue
        await this.#world.files.removeExchange(run.project, checkId(run.id, check))
      }
    }
  }

  async #sweepRunner(state: State, runner: Runner): Promise<void> {
    const isUsed = [...state.runs.values()].some((run) => run.runner === runner.kind)
    const listed = await runner.list().catch((error: unknown) => {
      // What nobody here works with need not be there (Docker, where agents are processes).
      if (!isUsed && error instanceof RunnerError) return []
      throw error
    })
    for (const { attempt, status } of listed) {
      const run = runOf(this.#world.engine.state, attempt)
      if (run !== undefined && isCurrent(run, attempt)) continue
      // It ended since it was listed: its own clean-up takes its output first.
      if (this.#open.has(attempt)) continue
      if (run !== undefined && status === 'exited') await this.#watchers.outputStored(run, attempt)
      await runner.remove(attempt)
      this.#watchers.forget(attempt)
    }
    for (const run of state.runs.values()) {
      if (this.#isOver(run) && run.runner === runner.kind) await runner.releaseRun(scopeOf(run))
    }
  }

  /** Clones kept of a run's failed attempts. */
  #keptClones(run: Run): void {
    run.plan.tasks.forEach(({ id }, i) => {
      const { state, attempts } = run.tasks.get(i)!
      if (state === 'FAILED' && attempts > 0) this.#attempt(run, attemptId(run.id, id, attempts))
    })
  }

  #attempt(run: Run, attempt: AttemptId): void {
    const latest = (): Run => this.#world.engine.state.runs.get(run.id) ?? run
    this.#track(attempt, async () => {
      await this.#watchers.outputStored(run, attempt)
      await runnerOfAttempt(this.#world, run, attempt).remove(attempt)
      if (taskOf(run, attempt)?.services !== undefined) await this.#world.targets?.stopBeside(attempt)
      this.#watchers.forget(attempt)
      if (!wantsClone(latest(), attempt)) await this.#world.workspaces.remove(scopeOf(run), attempt)
      await this.#world.files.removeExchange(run.project, attempt)
    })
  }

  /** As it is now: a run that had ended may have been opened again meanwhile. */
  #isOver(run: Run): boolean {
    return (this.#world.engine.state.runs.get(run.id) ?? run).endedAt !== null
  }

  #release(run: Run): void {
    this.#track(run.id, async () => {
      const attempts = [...this.#open].filter(([key]) => parseAttemptId(key)?.run === run.id)
      await Promise.all(attempts.map(([, cleaning]) => cleaning))
      if (!this.#isOver(run)) return
      await runnerOf(this.#world, run).releaseRun(scopeOf(run))
    })
  }

  /** Repeats until it works: what cannot be removed now will be when Docker is back, at the latest by a sweep. */
  #track(key: string, work: () => Promise<void>): void {
    if (this.#closed) return
    const done = (async () => {
      for (let retryMs = FIRST_RETRY_MS; !this.#closed; retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)) {
        try {
          return await work()
        } catch (error) {
          this.#world.log(`could not clean up ${key}, will try again: ${(error as Error).message}`)
        }
        await sleep(this.#world.scheduling, retryMs)
      }
    })().finally(() => {
      if (this.#open.get(key) === done) this.#open.delete(key)
    })
    this.#open.set(key, done)
  }
}

function runOf(state: State, attempt: AttemptId): Run | undefined {
  const parts = parseAttemptId(attempt)
  return parts === undefined ? undefined : state.runs.get(parts.run as RunId)
}

function taskOf(run: Run, attempt: AttemptId): TaskSpec | undefined {
  const index = planIndex(run.plan).byId.get(parseAttemptId(attempt)!.task)
  return index === undefined ? undefined : run.plan.tasks[index]
}

/** Is this attempt under way? */
export function isCurrent(run: Run, attempt: AttemptId): boolean {
  const parts = parseAttemptId(attempt)!
  if (isGateCheck(run, parts.task)) return isEvaluating(run, parts.attempt)
  if (isCheck(run, parts.task)) return isChecking(run, parts.attempt)
  const index = planIndex(run.plan).byId.get(parts.task)
  return index !== undefined && run.tasks.get(index)!.current?.n === parts.attempt
}

/** In a run that checks nothing a task may have that name. */
export function isCheck(run: Run, task: string): boolean {
  return run.plan.merge !== undefined && task === MERGE_CHECK
}

/** In a run without gates a task may have that name. */
export function isGateCheck(run: Run, task: string): boolean {
  return run.plan.gates !== undefined && task === GATE_CHECK
}

/** Is this merge check under way? */
export function isChecking({ mergeQueue }: Run, check: number): boolean {
  return mergeQueue?.check?.n === check && mergeQueue.check.move === null
}

/** Clones are kept while their attempt is under way, and the last one of a failed task until its run is delivered. */
function wantsClone(run: Run, attempt: AttemptId): boolean {
  if (isCurrent(run, attempt)) return true
  const parts = parseAttemptId(attempt)!
  const task = run.tasks.get(planIndex(run.plan).byId.get(parts.task) ?? -1)
  return run.delivery === 'none' && task?.state === 'FAILED' && task.past.at(-1)?.n === parts.attempt
}
