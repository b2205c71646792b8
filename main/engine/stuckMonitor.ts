import type { AttemptId } from '../domain/ids.ts'
import { attemptId } from '../domain/ids.ts'
import { hasOverstayed } from '../domain/locks/leases.ts'
import type { Attempt, Run, State } from '../domain/state.ts'
import { runnerOf, type World } from './world.ts'

const INTERVAL_MS = 15_000
/** CPU time within one interval that counts as a sign of life, ms. */
const ALIVE_CPU_MS = 50

export interface Sample {
  readonly attempt: AttemptId
  readonly at: number
  readonly cpuMs: number
  readonly memoryBytes: number
  readonly outputBytes: number
}

interface Life {
  cpuMs: number
  outputBytes: number
}

/**
 * Samples agents that run (telemetry, not events) and reports those that gave no output, used no CPU and said nothing
 * through their door for longer than their run, or the lease on what they hold, allows.
 */
export class StuckMonitor {
  readonly #world: World
  readonly #onSample: (sample: Sample) => void
  readonly #lives = new Map<AttemptId, Life>()
  /** Undefined while closed. */
  #cancel: (() => void) | undefined

  constructor(world: World, onSample: (sample: Sample) => void) {
    this.#world = world
    this.#onSample = onSample
    this.#arm()
  }

  close(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #arm(): void {
    this.#cancel = this.#world.scheduling.after(INTERVAL_MS, () => {
      void this.#round().finally(() => {
        if (this.#cancel !== undefined) this.#arm()
      })
    })
  }

  async #round(): Promise<void> {
    const { state } = this.#world.engine
    const seen = new Set<AttemptId>()
    for (const running of runningAgents(state)) {
      seen.add(running.id)
      try {
        await this.#look(running)
      } catch {
        // The runner is away: nothing is known, so nothing is reported.
      }
    }
    for (const id of this.#lives.keys()) if (!seen.has(id)) this.#lives.delete(id)
    this.#world.signs.keepOnly(seen)
  }

  async #look({ run, task, attempt, id }: RunningAgent): Promise<void> {
    const usage = await runnerOf(this.#world, run, run.plan.tasks[task]).usage(id)
    if (usage === undefined) return
    const outputBytes = await this.#world.files.output(run.project, id).size()
    const now = this.#world.scheduling.now()
    this.#onSample({ attempt: id, at: now, ...usage, outputBytes })
    const { signs, engine } = this.#world
    const life = this.#lives.get(id) ?? { cpuMs: -ALIVE_CPU_MS, outputBytes: -1 }
    if (usage.cpuMs - life.cpuMs >= ALIVE_CPU_MS || outputBytes > life.outputBytes) signs.seen(id)
    this.#lives.set(id, { cpuMs: usage.cpuMs, outputBytes })
    const quietMs = now - signs.last(id)
    const at = { run: run.id, task, attempt: attempt.n, quietMs }
    const { locks } = engine.state.projects.get(run.project)!
    if (hasOverstayed(locks, run, task, attempt, quietMs))
      await engine.report({ type: 'report.lease-expired', ...at })
    if (quietMs >= run.plan.limits.stuckAfterMs) await engine.report({ type: 'report.stuck', ...at })
  }
}

interface RunningAgent {
  readonly run: Run
  readonly task: number
  readonly attempt: Attempt
  readonly id: AttemptId
}

function runningAgents(state: State): readonly RunningAgent[] {
  const all: RunningAgent[] = []
  for (const run of state.runs.values()) {
    let task = 0
    for (const { current } of run.tasks) {
      if (current?.state === 'RUNNING' && !current.paused) {
        all.push({ run, task, attempt: current, id: attemptId(run.id, run.plan.tasks[task]!.id, current.n) })
      }
      task++
    }
  }
  return all
}
