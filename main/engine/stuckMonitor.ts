import type { AttemptId } from '../domain/ids.ts'
import { attemptId } from '../domain/ids.ts'
import type { State } from '../domain/state.ts'
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
  /** Engine time of the last output or CPU use. */
  aliveAt: number
}

/**
 * Samples agents that run (telemetry, not events) and reports those that gave no output and used no CPU for longer
 * than their run allows.
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
  }

  async #look({ run, task, n, id }: RunningAgent): Promise<void> {
    const usage = await runnerOf(this.#world, run).usage(id)
    if (usage === undefined) return
    const outputBytes = await this.#world.files.output(run.project, id).size()
    const now = this.#world.scheduling.now()
    this.#onSample({ attempt: id, at: now, ...usage, outputBytes })
    const life = this.#lives.get(id) ?? { cpuMs: -ALIVE_CPU_MS, outputBytes: -1, aliveAt: now }
    if (usage.cpuMs - life.cpuMs >= ALIVE_CPU_MS || outputBytes > life.outputBytes) life.aliveAt = now
    life.cpuMs = usage.cpuMs
    life.outputBytes = outputBytes
    this.#lives.set(id, life)
    const quietMs = now - life.aliveAt
    if (quietMs < run.plan.limits.stuckAfterMs) return
    await this.#world.engine.report({ type: 'report.stuck', run: run.id, task, attempt: n, quietMs })
  }
}

interface RunningAgent {
  readonly run: State['runs'] extends ReadonlyMap<unknown, infer R> ? R : never
  readonly task: number
  readonly n: number
  readonly id: AttemptId
}

function runningAgents(state: State): readonly RunningAgent[] {
  const all: RunningAgent[] = []
  for (const run of state.runs.values()) {
    let task = 0
    for (const { current } of run.tasks) {
      if (current?.state === 'RUNNING' && !current.paused) {
        all.push({ run, task, n: current.n, id: attemptId(run.id, run.plan.tasks[task]!.id, current.n) })
      }
      task++
    }
  }
  return all
}
