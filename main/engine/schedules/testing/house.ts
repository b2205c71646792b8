import { commandId, projectId } from '../../../domain/ids.ts'
import type { Plan } from '../../../domain/plan.ts'
import type { ScheduleRecord, ScheduleSpec } from '../../../domain/schedules/schedule.ts'
import type { PlannedRun } from '../../../domain/schedules/scheduleCommands.ts'
import { tasks } from '../../../domain/testing/plan.ts'
import type { AgentFiles } from '../../ports/agentFiles.ts'
import type { FoundSchedules, ScheduleSource } from '../../ports/scheduleSource.ts'
import type { Store } from '../../ports/store.ts'
import type { Workspaces } from '../../ports/workspaces.ts'
import { type RunningEngine, startEngine } from '../../startEngine.ts'

export const PROJECT = projectId('p')

/** A clock that only goes when it is told to; the wall clock can be set apart from it. */
export class Clock {
  #now: number
  /** Of the wall clock, against engine time. */
  offset = 0
  readonly #timers = new Set<{ readonly at: number; readonly task: () => void }>()

  constructor(start: number) {
    this.#now = start
  }

  readonly now = (): number => this.#now
  readonly wall = (): number => this.#now + this.offset
  readonly immediate = setImmediate
  readonly after = (ms: number, task: () => void): (() => void) => {
    const timer = { at: this.#now + Math.max(0, ms), task }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Lets time pass, timer after timer, each with all that follows from it. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await settle()
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
      if (next === undefined) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.task()
      await settle()
    }
    this.#now = until
  }
}

/** Everything that follows without time passing has happened: nothing here waits for the outside. */
async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) await new Promise(setImmediate)
}

/** A project file as the engine sees it. */
export class Source implements ScheduleSource {
  readonly name = 'file'
  specs: ScheduleSpec[] = []
  trouble: { readonly detail: string; readonly remedy: string } | null = null
  planned: () => Promise<PlannedRun> = async () => ({ ok: true, runner: 'none', plan: NEVER_PREPARED })

  async schedules(): Promise<FoundSchedules> {
    return this.trouble === null ? { ok: true, specs: this.specs } : { ok: false, ...this.trouble }
  }

  plan(): Promise<PlannedRun> {
    return this.planned()
  }
}

/** Its run stays `preparing` until it is stopped. */
export const NEVER_PREPARED: Plan = tasks(['a'], { all: { workspace: 'repo' } })

export const NIGHTLY: ScheduleSpec = {
  name: 'nightly',
  title: 'Nightly',
  cron: '0 2 * * *',
  timeZone: 'UTC',
  missed: 'skip',
  overlap: 'skip',
}

let starts = 0

export function startWith(store: Store, clock: Clock, source: ScheduleSource): Promise<RunningEngine> {
  const workspaces: Partial<Workspaces> = {
    prepareRun: () => new Promise(() => undefined),
    list: async () => [],
  }
  return startEngine({
    store,
    scheduling: clock,
    runners: new Map(),
    workspaces: workspaces as Workspaces,
    files: {} as AgentFiles,
    wall: clock.wall,
    freeBytes: async () => null,
    log: () => undefined,
    onSample: () => undefined,
    schedules: [source],
    boot: 'b',
    pid: 1,
    version: '0',
    idPrefix: `e${++starts}`,
  })
}

export async function register(engine: RunningEngine): Promise<void> {
  const command = { type: 'project.register', project: PROJECT, root: '/p', name: 'p' } as const
  await engine.dispatch(command, 'person:ann', commandId(`register-${++starts}`))
}

export function item(engine: RunningEngine, name = 'nightly'): ScheduleRecord {
  return engine.state.projects.get(PROJECT)!.schedules.items[name]!
}

export async function eventsOf(store: Store, type: string): Promise<readonly { readonly data: unknown }[]> {
  return (await store.read({ after: 0 })).filter((event) => event.type === type)
}
