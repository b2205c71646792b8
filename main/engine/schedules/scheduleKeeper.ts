import type { EventEnvelope } from '../../domain/events.ts'
import type { ProjectId } from '../../domain/ids.ts'
import { TOO_FAR_AHEAD_MS, verdictOn } from '../../domain/schedules/decideSchedules.ts'
import type { ScheduleRecord } from '../../domain/schedules/schedule.ts'
import type { PlannedRun } from '../../domain/schedules/scheduleCommands.ts'
import { derivedRunId } from '../../domain/setup/ownRun.ts'
import type { ProjectRecord, State } from '../../domain/state.ts'
import type { FoundSchedules, ScheduleSource } from '../ports/scheduleSource.ts'
import type { World } from '../world.ts'
import { lastDue, nextDue } from './cron.ts'

/** The wall clock may jump, and files change: looked at least this often, ms. */
const LOOK_MS = 30_000
/** A timer may go off a little early; never wait less than this, ms. */
const LEAST_MS = 50

/**
 * Starts what is due. Due times are the wall clock's; which are done with is on record, so that each fires at most once,
 * whatever clock or engine do. Rounds never overlap; what comes during one makes another.
 */
export class ScheduleKeeper {
  readonly #world: World
  readonly #sources: readonly ScheduleSource[]
  /** Undefined while no timer is set. */
  #cancel: (() => void) | undefined
  #busy = false
  #again = false
  #closed = false

  constructor(world: World, sources: readonly ScheduleSource[]) {
    this.#world = world
    this.#sources = sources
  }

  /** Begins, and looks at what was due while no engine ran. */
  open(): void {
    if (this.#sources.length > 0) this.#look()
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
    this.#cancel = undefined
  }

  published(events: readonly EventEnvelope[]): void {
    if (this.#sources.length > 0 && events.some(isReason)) this.#look()
  }

  #look(): void {
    this.#again = true
    if (this.#busy || this.#closed) return
    this.#busy = true
    void this.#rounds().finally(() => {
      this.#busy = false
      if (!this.#closed) this.#arm()
    })
  }

  async #rounds(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false
      try {
        await this.#round()
      } catch (error) {
        this.#world.log(`schedules: ${String(error)}`)
      }
    }
  }

  #arm(): void {
    const { engine, scheduling, wall } = this.#world
    const now = wall()
    const soonest = itemsOf(engine.state).reduce(
      (least, { next }) => (next === null ? least : Math.min(least, next - now)),
      LOOK_MS,
    )
    this.#cancel?.()
    this.#cancel = scheduling.after(Math.max(LEAST_MS, soonest), () => {
      this.#cancel = undefined
      this.#look()
    })
  }

  async #round(): Promise<void> {
    const { engine } = this.#world
    for (const id of engine.state.projects.keys()) {
      for (const source of this.#sources) {
        await this.#declare(id, source)
        if (this.#closed) return
      }
      for (const name of Object.keys(engine.state.projects.get(id)!.schedules.items)) {
        await this.#serve(id, name)
        if (this.#closed) return
      }
    }
  }

  async #declare(id: ProjectId, source: ScheduleSource): Promise<void> {
    const { engine, wall } = this.#world
    const project = engine.state.projects.get(id)!
    const found = await source.schedules(project)
    const at = wall()
    if (isKnown(project, source.name, found, at)) return
    const specs = found.ok ? found.specs.map((spec) => ({ spec, next: nextDue(spec, at) })) : null
    const trouble = found.ok ? null : { detail: found.detail, remedy: found.remedy }
    const report = { type: 'report.schedules', project: id, source: source.name, at, specs, trouble } as const
    await engine.report(report, undefined, 'schedule')
  }

  async #serve(id: ProjectId, name: string): Promise<void> {
    const { engine, wall } = this.#world
    const project = engine.state.projects.get(id)!
    const item = project.schedules.items[name]!
    const at = wall()
    const { spec, handled, waiting } = item
    const from = Math.max(handled, waiting !== null && waiting.on !== 'now' ? waiting.due : handled)
    const due = lastDue(spec, from, at) ?? waiting?.due ?? null
    if (due === null) return
    const verdict = verdictOn(engine.state, item, due, at)
    if (waiting?.due === due && stillWaits(item, verdict)) return
    const planned = verdict === 'fire' ? await this.#plan(project, item) : null
    const run = derivedRunId(due, `${id}/${name}`)
    const next = nextDue(spec, Math.max(at, due))
    const report = { type: 'report.schedule-due', project: id, name, due, at, next, run, planned } as const
    await engine.report(report, undefined, 'schedule')
  }

  async #plan(project: ProjectRecord, { spec, source }: ScheduleRecord): Promise<PlannedRun> {
    const from = this.#sources.find(({ name }) => name === source)
    if (from !== undefined) return from.plan(project, spec.name)
    return {
      ok: false,
      detail: `nothing knows ${spec.name} any more`,
      remedy: 'It goes with the next start.',
    }
  }
}

function stillWaits({ waiting }: ScheduleRecord, verdict: ReturnType<typeof verdictOn>): boolean {
  return (waiting?.on === 'ask' && verdict === 'ask') || (waiting?.on === 'overlap' && verdict === 'queue')
}

/** A project or an answer came, or a run that something may have waited for is over. */
function isReason({ type }: EventEnvelope): boolean {
  return (
    type === 'project.registered' ||
    type === 'run.settled' ||
    type === 'schedule.waits' ||
    type === 'schedule.declared'
  )
}

function itemsOf(state: State): readonly ScheduleRecord[] {
  return [...state.projects.values()].flatMap(({ schedules }) => Object.values(schedules.items))
}

function isKnown(project: ProjectRecord, source: string, found: FoundSchedules, at: number): boolean {
  const { items, trouble } = project.schedules
  const known = trouble[source]
  if (!found.ok) return known?.detail === found.detail
  const mine = Object.values(items).filter((item) => item.source === source)
  const others = new Set(
    Object.values(items).flatMap((item) => (item.source === source ? [] : [item.spec.name])),
  )
  const wanted = found.specs.filter(({ name }) => !others.has(name))
  return (
    known === undefined &&
    mine.length === wanted.length &&
    wanted.every((spec) => JSON.stringify(items[spec.name]?.spec) === JSON.stringify(spec)) &&
    mine.every(({ handled }) => handled - at <= TOO_FAR_AHEAD_MS)
  )
}
