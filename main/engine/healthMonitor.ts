import type { EventEnvelope } from '../domain/events.ts'
import {
  type AgentSample,
  escalationRate,
  figuresOf,
  type HealthFigures,
  readingsOf,
} from '../domain/health/figures.ts'
import { assess, type GaugeMemory, NO_MEMORY, type Reading } from '../domain/health/gauge.ts'
import { DEFAULT_HEALTH, healthPolicyOf, isTargetMeasure } from '../domain/health/policy.ts'
import { liveRuns, nextStep } from '../domain/health/slots.ts'
import { HealthWindow } from '../domain/health/window.ts'
import { type AttemptId, attemptId, type ProjectId } from '../domain/ids.ts'
import type { ProjectRecord, State } from '../domain/state.ts'
import type { ReadHost } from './hostMeter.ts'
import type { SeriesPoint } from './ports/series.ts'
import type { Store } from './ports/store.ts'
import type { Sample } from './stuckMonitor.ts'
import { type AgentVitals, type HostReading, NOTHING_KNOWN, type Vitals } from './vitals.ts'
import { runnerKind, type World } from './world.ts'

/** Events looked back at when an engine starts, for the figures of the time before. */
const LOOK_BACK = 5_000

interface Used {
  readonly at: number
  readonly cpuMs: number
  readonly memoryBytes: number
  /** Null with one sample. */
  readonly cores: number | null
}

export interface HealthParts {
  readonly world: World
  /** Absent where there is no machine to look at (a simulation). */
  readonly readHost: ReadHost | undefined
  readonly onFigures: (points: readonly SeriesPoint[]) => void
}

/**
 * Looks every interval at how agents and machine are doing. Figures are telemetry; what crosses a limit, and that it may
 * be time for fewer agents or more, is reported, and `decide` says what is done about it.
 */
export class HealthMonitor {
  readonly #parts: HealthParts
  readonly #window = new HealthWindow()
  readonly #used = new Map<AttemptId, Used>()
  readonly #memories = new Map<ProjectId, GaugeMemory>()
  /** Of the last look, by project. */
  #figures: ReadonlyMap<ProjectId, readonly HealthFigures[]> = new Map()
  #host: HostReading = NOTHING_KNOWN
  /** Null before the first look. */
  #at: number | null = null
  /** Set while what happened before the start is looked at; what comes meanwhile waits in it. */
  #waiting: [EventEnvelope, State][] | null = null
  /** Undefined while closed. */
  #cancel: (() => void) | undefined

  constructor(parts: HealthParts) {
    this.#parts = parts
    this.#arm()
  }

  close(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  published(events: readonly EventEnvelope[], state: State): void {
    for (const event of events) {
      if (this.#waiting === null) this.#window.take(event, state)
      else this.#waiting.push([event, state])
    }
  }

  sampled({ attempt, at, cpuMs, memoryBytes }: Sample): void {
    const before = this.#used.get(attempt)
    const cores = before === undefined || at <= before.at ? null : (cpuMs - before.cpuMs) / (at - before.at)
    this.#used.set(attempt, { at, cpuMs, memoryBytes, cores: cores === null ? null : Math.max(0, cores) })
  }

  /** Looks at what happened before this engine started. */
  async lookBack(store: Pick<Store, 'read'>, state: State): Promise<void> {
    this.#waiting = []
    const since = this.#now() - DEFAULT_HEALTH.windowMs
    try {
      const events = await store.read({ after: Math.max(0, state.seq - LOOK_BACK), limit: LOOK_BACK })
      for (const event of events)
        if (event.time >= since && event.seq <= state.seq) this.#window.take(event, state)
    } catch {
      // The figures begin anew, and are whole again after one window.
    }
    const waiting = this.#waiting
    this.#waiting = null
    for (const [event, after] of waiting) this.#window.take(event, after)
    // Shown at once; judged from the first round on.
    void this.#look().catch((error: unknown) => this.#parts.world.log(`health: ${String(error)}`))
  }

  /** As of the last look; agents as of now. */
  vitals(): Vitals {
    const { state } = this.#parts.world.engine
    const recent = this.#window.recent()
    return {
      at: this.#at,
      host: this.#host,
      agents: this.#agents(state),
      projects: [...state.projects.values()].map((project) => {
        const { id, name, health } = project
        const { intervalMs, windowMs } = healthPolicyOf(state, id)
        return {
          project: id,
          name,
          intervalMs,
          windowMs,
          figures: this.#figures.get(id) ?? [],
          escalationRate: escalationRate(recent, id),
          alarms: Object.values(health.alarms),
          slots: health.slots,
          actions: health.actions,
        }
      }),
    }
  }

  #now(): number {
    return this.#parts.world.scheduling.now()
  }

  #arm(): void {
    const { engine, scheduling } = this.#parts.world
    const intervals = watched(engine.state).map(({ id }) => healthPolicyOf(engine.state, id).intervalMs)
    const intervalMs = intervals.length === 0 ? DEFAULT_HEALTH.intervalMs : Math.min(...intervals)
    this.#cancel = scheduling.after(intervalMs, () => {
      void this.#round()
        .catch((error: unknown) => this.#parts.world.log(`health: ${String(error)}`))
        .finally(() => {
          if (this.#cancel !== undefined) this.#arm()
        })
    })
  }

  async #round(): Promise<void> {
    const { world } = this.#parts
    await this.#look()
    if (this.#cancel === undefined) return
    const { state } = world.engine
    for (const { id } of watched(state))
      await this.#report(id, [
        ...readingsOf(this.#figures.get(id) ?? []),
        ...hostReadings(state, id, this.#host),
      ])
  }

  /** Reads the machine and makes the figures, of every project that did something within its window. */
  async #look(): Promise<void> {
    const { world, readHost, onFigures } = this.#parts
    const host = (await readHost?.()) ?? NOTHING_KNOWN
    if (this.#cancel === undefined) return
    const { state } = world.engine
    const now = this.#now()
    const windows = [...state.projects.keys()].map((id) => healthPolicyOf(state, id).windowMs)
    this.#window.forget(now - Math.max(DEFAULT_HEALTH.windowMs, ...windows))
    const seen = this.#window.projects()
    const projects = new Set([...watched(state).map(({ id }) => id), ...seen])
    const agents = this.#agents(state)
    const figures = new Map(
      [...projects].flatMap((id) =>
        state.projects.has(id) ? [[id, this.#figuresOf(state, agents, id, now)] as const] : [],
      ),
    )
    this.#host = host
    this.#figures = figures
    this.#at = now
    if (figures.size > 0)
      onFigures([...hostPoints(host, now), ...[...figures].flatMap(([id, all]) => pointsOf(id, all, now))])
  }

  #figuresOf(
    state: State,
    agents: readonly AgentVitals[],
    id: ProjectId,
    now: number,
  ): readonly HealthFigures[] {
    const since = now - healthPolicyOf(state, id).windowMs
    const young = <T extends { readonly at: number }>(list: readonly T[]): readonly T[] =>
      list.filter(({ at }) => at >= since)
    const { tasks, attempts, starts, calls } = this.#window.recent()
    const recent = {
      tasks: young(tasks),
      attempts: young(attempts),
      starts: young(starts),
      calls: young(calls),
    }
    const samples = agents.flatMap(({ project, role, cores, memoryBytes }): AgentSample[] =>
      memoryBytes === null ? [] : [{ project, role, cores: cores ?? 0, memoryBytes }],
    )
    return figuresOf(recent, samples, id)
  }

  async #report(id: ProjectId, readings: readonly Reading[]): Promise<void> {
    const { engine } = this.#parts.world
    const { alarms } = engine.state.projects.get(id)!.health
    const { thresholds } = healthPolicyOf(engine.state, id)
    const before = this.#memories.get(id) ?? NO_MEMORY
    // A role that has nothing to do any more has no figures; what was bad about it is not bad for ever.
    const gone = Object.values(alarms).filter(
      ({ measure, role }) =>
        !isTargetMeasure(measure) && !readings.some((one) => one.measure === measure && one.role === role),
    )
    const all = [...readings, ...gone.map(({ measure, role }) => ({ measure, role, value: null, count: 0 }))]
    const { memory, crossings } = assess(before, all, thresholds, (key) => key in alarms)
    this.#memories.set(id, memory)
    if (crossings.length === 0 && nextStep(engine.state, id, this.#now()) === undefined) return
    await engine.report({ type: 'report.health', project: id, crossings })
  }

  #agents(state: State): readonly AgentVitals[] {
    const found: AgentVitals[] = []
    for (const run of state.runs.values()) {
      if (run.counts.active === 0) continue
      let index = 0
      for (const { current } of run.tasks) {
        const id = attemptId(run.id, run.plan.tasks[index++]!.id, current?.n ?? 0)
        if (current?.state !== 'RUNNING') continue
        const used = this.#used.get(id)
        found.push({
          attempt: id,
          project: run.project,
          role: current.role,
          quietMs: Math.max(0, this.#now() - this.#parts.world.signs.last(id)),
          cores: used?.cores ?? null,
          memoryBytes: used?.memoryBytes ?? null,
        })
      }
    }
    const live = new Set(found.map(({ attempt }) => attempt))
    for (const id of this.#used.keys()) if (!live.has(id)) this.#used.delete(id)
    return found
  }
}

/** Those with runs under way, and those of which something is bad. */
function watched(state: State): readonly ProjectRecord[] {
  return [...state.projects.values()].filter(
    ({ id, health }) =>
      health.slots !== null || Object.keys(health.alarms).length > 0 || liveRuns(state, id).length > 0,
  )
}

function hostReadings(state: State, id: ProjectId, host: HostReading): readonly Reading[] {
  const kinds = new Set(
    liveRuns(state, id).flatMap((run) => run.plan.tasks.map((task) => runnerKind(run, task))),
  )
  const known = [...kinds].filter((kind) => kind in host.reachable)
  // Nobody needs one any more: what was bad about it is over.
  const reachable = known.every((kind) => host.reachable[kind]) ? 1 : 0
  const one = { role: null, count: 1 }
  return [
    { measure: 'host_memory_used', value: host.memoryUsed, ...one },
    { measure: 'host_load', value: host.load, ...one },
    { measure: 'host_disk_free', value: host.diskFreeBytes, ...one },
    { measure: 'host_runner_reachable', value: reachable, ...one },
  ]
}

function hostPoints({ memoryUsed, load, diskFreeBytes }: HostReading, at: number): readonly SeriesPoint[] {
  return points(at, null, null, {
    host_memory_used: memoryUsed,
    host_load: load,
    host_disk_free: diskFreeBytes,
  })
}

function pointsOf(project: ProjectId, figures: readonly HealthFigures[], at: number): readonly SeriesPoint[] {
  return figures.flatMap(({ role, completionRate, errorFrequency, latency, usage }) =>
    points(at, project, role, {
      agent_task_completion_rate: completionRate,
      agent_error_frequency: errorFrequency,
      agent_response_latency: latency?.p95 ?? null,
      agent_resource_usage_cores: usage.cores,
      agent_resource_usage_memory: usage.memoryBytes,
      agents_at_work: usage.agents,
    }),
  )
}

function points(
  at: number,
  project: ProjectId | null,
  role: string | null,
  values: Readonly<Record<string, number | null>>,
): readonly SeriesPoint[] {
  return Object.entries(values).flatMap(([measure, value]) =>
    value === null ? [] : [{ at, project, measure, role, value }],
  )
}
