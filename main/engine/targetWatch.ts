import { assess, type GaugeMemory, NO_MEMORY, type Reading } from '../domain/health/gauge.ts'
import { healthPolicyOf } from '../domain/health/policy.ts'
import { lookAtTarget, NEW_TARGET, type TargetMemory } from '../domain/health/targetGauge.ts'
import { isWatched } from '../domain/health/targetHealth.ts'
import {
  type LoadFigures,
  type LoadMemory,
  lookAtLoad,
  type TargetLoad,
  type TargetTrend,
  targetReadings,
} from '../domain/health/targetLoad.ts'
import type { ProjectId } from '../domain/ids.ts'
import { isActive } from '../domain/incidents/incident.ts'
import type { ProjectRecord, State } from '../domain/state.ts'
import type { TargetRecord, TargetSpec } from '../domain/targets/target.ts'
import type { SeriesPoint } from './ports/series.ts'
import type { TargetAccess } from './ports/targets.ts'
import type { World } from './world.ts'

/** What is not answered by then is not known, ms. */
const PATIENCE_MS = 10_000
/** Between two looks at a target, ms; where health is looked at more often, as often as that. */
const ROUND_MS = 10_000
/** Between two measurements of one in trouble: who looks at the picture wants to see how it goes, ms. */
const CLOSE_MS = 5_000

/**
 * Looks at targets: is one that nobody is at work on well, and how much does what is released there ask and answer? What
 * is in trouble is measured more often between the rounds, and judged no sooner.
 */
export class TargetWatch {
  readonly #world: World
  readonly #access: TargetAccess
  readonly #onFigures: (points: readonly SeriesPoint[]) => void
  readonly #memories = new Map<string, TargetMemory>()
  readonly #gauges = new Map<ProjectId, GaugeMemory>()
  /** By target: as of the last round, and as of the last measurement. */
  readonly #judged = new Map<string, LoadMemory>()
  readonly #loads = new Map<string, LoadMemory>()
  /** When the last round began, engine ms. */
  #round: number
  /** Undefined while closed. */
  #cancel: (() => void) | undefined

  constructor(world: World, access: TargetAccess, onFigures: (points: readonly SeriesPoint[]) => void) {
    this.#world = world
    this.#access = access
    this.#onFigures = onFigures
    this.#round = world.scheduling.now()
    this.#arm()
  }

  close(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #arm(): void {
    const { scheduling, log } = this.#world
    this.#cancel = scheduling.after(CLOSE_MS, () => {
      void this.#turn()
        .catch((error: unknown) => log(`targets: ${String(error)}`))
        .finally(() => {
          if (this.#cancel !== undefined) this.#arm()
        })
    })
  }

  async #turn(): Promise<void> {
    const { engine, scheduling } = this.#world
    const { state } = engine
    const intervals = [...state.projects.values()].map(({ id }) => healthPolicyOf(state, id).intervalMs)
    if (scheduling.now() - this.#round < Math.min(ROUND_MS, ...intervals)) {
      await this.#lookClosely(state)
      return
    }
    this.#round = scheduling.now()
    await this.#lookAtAll(state)
  }

  async #lookAtAll(state: State): Promise<void> {
    const looks = each(state, ({ id }, record) => (isWatched(record) ? [this.#look(id, record.spec)] : []))
    const measured = each(state, ({ id }, record) =>
      record.current === null ? [] : [this.#judge(id, record.spec)],
    )
    await Promise.all(looks)
    const readings = new Map<ProjectId, readonly Reading[]>()
    for (const { project, target, figures } of (await Promise.all(measured)).flat()) {
      const own = targetReadings(figures).map((one) => ({ ...one, role: target }))
      readings.set(project, [...(readings.get(project) ?? []), ...own])
    }
    for (const [project, own] of readings) await this.#report(project, own)
  }

  async #report(project: ProjectId, readings: readonly Reading[]): Promise<void> {
    const { engine } = this.#world
    const alarms = engine.state.projects.get(project)?.health.alarms ?? {}
    const { thresholds } = healthPolicyOf(engine.state, project)
    const before = this.#gauges.get(project) ?? NO_MEMORY
    const { memory, crossings } = assess(before, readings, thresholds, (key) => key in alarms)
    this.#gauges.set(project, memory)
    if (crossings.length > 0) await engine.report({ type: 'report.health', project, crossings })
  }

  trendOf(project: ProjectId, target: string): TargetTrend | undefined {
    return this.#loads.get(`${project}/${target}`)?.trend ?? undefined
  }

  async #lookClosely(state: State): Promise<void> {
    await Promise.all(
      each(state, (project, record) =>
        record.current !== null && isInTrouble(project, record)
          ? [this.#measured(project.id, record.spec)]
          : [],
      ),
    )
  }

  async #look(project: ProjectId, spec: TargetSpec): Promise<void> {
    const { engine, scheduling } = this.#world
    const sight = await this.#patiently(this.#access.see(project, spec))
    const record = engine.state.projects.get(project)?.targets[spec.name]
    if (sight === null || record === undefined || !isWatched(record)) return
    const key = `${project}/${spec.name}`
    const { flapping } = healthPolicyOf(engine.state, project)
    const before = this.#memories.get(key) ?? NEW_TARGET
    const isWell = record.state !== 'unhealthy'
    const { memory, turn } = lookAtTarget(before, isWell, sight.healthy, scheduling.now(), flapping)
    this.#memories.set(key, memory)
    if (turn === null) return
    const { words } = sight
    await engine.report({ type: 'report.target-health', project, target: spec.name, words, ...turn })
  }

  async #judge(
    project: ProjectId,
    spec: TargetSpec,
  ): Promise<{ readonly project: ProjectId; readonly target: string; readonly figures: LoadFigures }[]> {
    const load = await this.#measured(project, spec)
    if (load === null) return []
    const figures = this.#figuresOf(this.#judged, project, spec, load)
    return [{ project, target: spec.name, figures }]
  }

  async #measured(project: ProjectId, spec: TargetSpec): Promise<TargetLoad | null> {
    const load = await this.#patiently(this.#access.measure(project, spec))
    if (load === null || this.#cancel === undefined) return null
    const figures = this.#figuresOf(this.#loads, project, spec, load)
    this.#onFigures(pointsOf(project, spec.name, figures, this.#world.scheduling.now()))
    return load
  }

  #figuresOf(
    memories: Map<string, LoadMemory>,
    project: ProjectId,
    { name }: TargetSpec,
    load: TargetLoad,
  ): LoadFigures {
    const { engine, scheduling } = this.#world
    const key = `${project}/${name}`
    const { windowMs } = healthPolicyOf(engine.state, project)
    const { memory, figures } = lookAtLoad(memories.get(key), load, scheduling.now(), windowMs)
    memories.set(key, memory)
    return figures
  }

  /** Null: it cannot be seen, so nothing is known. */
  async #patiently<T>(asked: Promise<T>): Promise<T | null> {
    let cancel: (() => void) | undefined
    const late = new Promise<null>((resolve) => {
      cancel = this.#world.scheduling.after(PATIENCE_MS, () => resolve(null))
    })
    try {
      return await Promise.race([asked, late])
    } catch {
      return null
    } finally {
      cancel?.()
    }
  }
}

function each<T>(state: State, of: (project: ProjectRecord, record: TargetRecord) => readonly T[]): T[] {
  return [...state.projects.values()].flatMap((project) =>
    Object.values(project.targets).flatMap((record) => of(project, record)),
  )
}

/** Somebody is at work on it, or has to be. */
function isInTrouble({ incidents }: ProjectRecord, { spec, busy }: TargetRecord): boolean {
  return busy !== null || incidents.some((one) => one.target === spec.name && isActive(one))
}

function pointsOf(
  project: ProjectId,
  role: string,
  figures: LoadFigures,
  at: number,
): readonly SeriesPoint[] {
  const { memoryBytes, memoryUsed, errorRate, latency } = figures
  const values = {
    target_memory: memoryBytes,
    target_memory_used: memoryUsed,
    target_error_rate: errorRate,
    target_response_latency: latency,
  }
  return Object.entries(values).flatMap(([measure, value]) =>
    value === null ? [] : [{ at, project, measure, role, value }],
  )
}
