import { type AttemptId, attemptId, parseAttemptId } from '../../domain/ids.ts'
import { planIndex } from '../../domain/plan.ts'
import type { Run, State } from '../../domain/state.ts'
import { type MemoryDisk, memoryDisk } from '../../store/memoryStore.ts'
import { type BehaviourRates, behaviourOf } from './behaviour.ts'
import { type Container, Daemon } from './daemon.ts'
import { Exchanges } from './exchanges.ts'
import { LogFollower } from './follower.ts'
import { Hub, type WorkRates } from './hub.ts'
import { Machine } from './machine.ts'
import { Random } from './random.ts'
import { Timeline } from './timeline.ts'

/** A command that really began. */
export interface Begin {
  readonly attempt: AttemptId
  readonly at: number
  /** Undefined while it runs; null when its container went before its end could be seen. */
  code: number | null | undefined
}

/** Everything outside the engine: it outlives every process, and it keeps the truth about what took place. */
export class SimWorld {
  readonly timeline: Timeline
  readonly machine: Machine
  readonly disk: MemoryDisk = memoryDisk()
  readonly exchanges = new Exchanges()
  readonly hub: Hub
  readonly daemon: Daemon
  readonly begins = new Map<AttemptId, Begin>()
  /** Promises that were broken, in words. */
  readonly violations: string[] = []
  readonly #follower: LogFollower

  constructor(seed: number, behaviour: BehaviourRates, work: WorkRates) {
    this.timeline = new Timeline(Random.of(seed, 'turns'))
    this.machine = new Machine(this.timeline)
    this.hub = new Hub(seed, work)
    this.#follower = new LogFollower(this.disk.events, (text) => this.violate(text))
    this.daemon = new Daemon(this.timeline, this.machine, this.exchanges, {
      behaviourOf: (attempt) => behaviourOf(seed, attempt, behaviour),
      onBegin: (container) => this.#begin(container),
      onEnd: (attempt, code) => {
        const begin = this.begins.get(attempt)
        if (begin !== undefined && begin.code === undefined) begin.code = code
      },
    })
  }

  /** The fold of the log on disk. */
  get state(): State {
    return this.#follower.state
  }

  violate(text: string): void {
    this.violations.push(`at ${this.timeline.now} ms, event ${this.disk.events.length}: ${text}`)
  }

  #begin({ spec }: Container): void {
    const { attempt } = spec
    if (this.begins.has(attempt)) this.violate(`${attempt} was begun twice`)
    this.begins.set(attempt, { attempt, at: this.timeline.now, code: undefined })
    const { state } = this
    const run = state.runs.get(spec.run)
    const parts = parseAttemptId(attempt)!
    const index = run === undefined ? undefined : planIndex(run.plan).byId.get(parts.task)
    if (run === undefined || index === undefined || run.tasks.get(index)!.current?.n !== parts.attempt)
      return this.violate(`${attempt} was begun though the log does not want it`)
    this.#checkLimits(state, run)
    if (run.plan.tasks[index]!.workspace === 'repo') this.#checkClone(run, index, attempt)
  }

  /** Counts commands that really run, not what the state says of them. */
  #checkLimits(state: State, { project }: Run): void {
    const runs = [...state.runs.values()].filter((run) => run.project === project)
    const alive = [...this.daemon.containers.values()].filter((container) => container.commandAlive)
    const most = Math.max(...runs.map((run) => run.plan.limits.maxConcurrentAgents))
    if (alive.length > most) this.violate(`${alive.length} commands run at once, ${most} may`)
    const byRole = new Map<string, number>()
    for (const { spec } of alive) {
      const role = spec.agent.split('/')[0]!
      byRole.set(role, (byRole.get(role) ?? 0) + 1)
    }
    for (const { name, capacity } of runs.flatMap((run) => run.plan.roles))
      if (capacity !== null && (byRole.get(name) ?? 0) > capacity)
        this.violate(`${name} runs ${byRole.get(name)} commands at once, ${capacity} at most`)
  }

  /** It works on what its needs made. */
  #checkClone(run: Run, index: number, attempt: AttemptId): void {
    const clone = this.hub.clones.get(attempt)
    if (clone === undefined) return this.violate(`${attempt} was begun without its clone`)
    const content = this.hub.content(clone)
    for (const need of planIndex(run.plan).needs[index]!) {
      const { result, past } = run.tasks.get(need)!
      const made = attemptId(run.id, run.plan.tasks[need]!.id, past.at(-1)?.n ?? 0)
      if (result !== null && this.hub.content(result).has(made) && !content.has(made))
        this.violate(`${attempt} works without what ${made} made`)
    }
  }
}
