import type { Answer, Command, Rejection, Timer } from '../commands.ts'
import { decide, isRejection } from '../decide.ts'
import { openEffects } from '../effects.ts'
import type { DomainEvent, EventEnvelope, EventOf, EventType } from '../events.ts'
import { evolve } from '../evolve.ts'
import { commandId, type ProjectId, projectId, type RunId, runId } from '../ids.ts'
import { type Plan, planIndex } from '../plan.ts'
import { type Attempt, EMPTY_STATE, type Run, type State, type TaskRecord } from '../state.ts'
import { type TimerAt, timersAfter, timersOf } from '../timers.ts'

/** Sees each event with the states around it. */
export type Observer = (before: State, event: EventEnvelope, after: State) => void

export const PROJECT: ProjectId = projectId('p')
export const RUN: RunId = runId('r1')
/** When a driver's clock starts, engine ms. */
export const START = 1_000_000

/**
 * Holds a state as the engine does: one command after the other, each followed by `schedule`, timers kept and fired
 * as its fake clock goes. Nothing happens outside: tests report what the outside did (see world.ts).
 */
export class Driver {
  state: State = EMPTY_STATE
  /** Who sends what is sent. */
  actor = 'person:ann'
  now = START
  readonly log: EventEnvelope[] = []
  readonly observers: Observer[] = []
  /** Set and not fired yet, in no order. */
  timers: TimerAt[] = []
  /** What the sender of the last command is told beside that it was carried out. */
  answer: Answer | undefined
  #commands = 0

  constructor(observers: readonly Observer[] = []) {
    this.observers.push(...observers)
    this.must({ type: 'project.register', project: PROJECT, root: '/p', name: 'p' })
  }

  /** A driver with a run of `plan` under way; one with a repository is left preparing. */
  static running(plan: Plan, observers: readonly Observer[] = []): Driver {
    const driver = new Driver(observers)
    driver.start(plan)
    return driver
  }

  start(plan: Plan, run: RunId = RUN): void {
    this.must({ type: 'run.start', project: PROJECT, run, runner: 'simulated', plan })
  }

  /** Dispatches a command and what the engine schedules after it. A rejection changes nothing. */
  send(command: Command): Rejection | undefined {
    this.answer = undefined
    const rejection = this.#dispatch(command)
    if (rejection === undefined) this.#dispatch({ type: 'schedule' })
    return rejection
  }

  /** Dispatches a command that is expected to be taken. */
  must(command: Command): readonly EventEnvelope[] {
    const from = this.log.length
    const rejection = this.send(command)
    if (rejection !== undefined) throw new Error(`${command.type} was rejected: ${rejection.reason}`)
    return this.log.slice(from)
  }

  #dispatch(command: Command): Rejection | undefined {
    this.#commands++
    const id = commandId(`c${this.#commands}`)
    const envelope = { id, correlation: id, actor: this.actor, command }
    const decision = decide(this.state, envelope, this.now)
    if (isRejection(decision)) return decision
    if (command.type !== 'schedule') this.answer = decision.answer
    for (const event of decision.events) {
      const before = this.state
      this.state = evolve(before, event)
      this.log.push(event)
      for (const observer of this.observers) observer(before, event, this.state)
    }
    // As the engine does: timers are set from the state after all that was committed together.
    for (const event of decision.events) this.timers.push(...timersAfter(this.state, event))
    return undefined
  }

  /** Lets time pass, firing timers at the moment they are due, in order. */
  advance(ms: number): void {
    const until = this.now + ms
    for (let next = this.#nextTimer(until); next !== undefined; next = this.#nextTimer(until)) {
      this.timers.splice(this.timers.indexOf(next), 1)
      this.now = Math.max(this.now, next.at)
      this.fire(next.timer)
    }
    this.now = until
  }

  fire(timer: Timer): Rejection | undefined {
    return this.send({ type: 'timer.fired', timer })
  }

  #nextTimer(until: number): TimerAt | undefined {
    let first: TimerAt | undefined
    for (const timer of this.timers)
      if (timer.at <= until && (first === undefined || timer.at < first.at)) first = timer
    return first
  }

  /** As after a crash: timers are what the state calls for. */
  restart(): void {
    this.timers = [...timersOf(this.state)]
  }

  run(run: RunId = RUN): Run {
    return this.state.runs.get(run)!
  }

  index(task: string, run: RunId = RUN): number {
    const index = [...planIndex(this.run(run).plan).byId].find(([id]) => id === task)?.[1]
    if (index === undefined) throw new Error(`the plan has no task ${task}`)
    return index
  }

  task(task: string, run: RunId = RUN): TaskRecord {
    return this.run(run).tasks.get(this.index(task, run))!
  }

  /** The task's attempt under way; throws when there is none. */
  attempt(task: string, run: RunId = RUN): Attempt {
    const { current } = this.task(task, run)
    if (current === null) throw new Error(`no attempt of ${task} is under way`)
    return current
  }

  /** `task:effect` of every open effect, `effect` for those of a run. */
  effects(): readonly string[] {
    return openEffects(this.state).map(({ type, run, task }) =>
      task === null ? type : `${this.state.runs.get(run)!.plan.tasks[task]!.id}:${type}`,
    )
  }

  /** Ids of the tasks with an attempt under way. */
  active(run: RunId = RUN): readonly string[] {
    const { plan, tasks } = this.run(run)
    return plan.tasks.filter((_, i) => tasks.get(i)!.current !== null).map((task) => task.id as string)
  }

  /** Ids of the tasks in the order they were assigned, one for each attempt. */
  assigned(): readonly string[] {
    return this.events('task.assigned').map(({ task }) => this.run().plan.tasks[task]!.id)
  }

  events<T extends EventType>(type: T): readonly EventOf<T>[] {
    return this.log
      .map(({ data }): DomainEvent => data)
      .filter((data): data is EventOf<T> => data.type === type)
  }

  /** `id kind` of what a person is asked or told. */
  attention(run: RunId = RUN): readonly string[] {
    return this.run(run).attention.map(({ id }) => id)
  }
}
