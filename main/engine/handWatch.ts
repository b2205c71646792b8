import type { EventEnvelope } from '../domain/events.ts'
import { isOver, type Registered } from '../domain/registered/registered.ts'
import type { ProjectRecord, State } from '../domain/state.ts'
import type { Engine } from './engine.ts'
import type { HandProcesses } from './ports/handProcesses.ts'
import type { Scheduling } from './scheduling.ts'

/** How often the processes of agents started by hand are looked at, ms. */
const LOOK_MS = 5_000

/**
 * Looks after agents that were started by hand and told their process: while it lives they are at work, when it is gone
 * they are over, and when they are ended it is told so. What is still to be sent is in the state, so it is sent after a
 * crash, too; a process that is gone by then, or whose number is another's now, is left alone.
 */
export class HandWatch {
  readonly #engine: Engine
  readonly #processes: HandProcesses
  readonly #scheduling: Scheduling
  /** Undefined while nobody is to be looked at, and once closed. */
  #cancel: (() => void) | undefined
  #closed = false

  constructor(engine: Engine, processes: HandProcesses, scheduling: Scheduling) {
    this.#engine = engine
    this.#processes = processes
    this.#scheduling = scheduling
  }

  published(events: readonly EventEnvelope[], state: State): void {
    if (!events.some(({ type }) => type.startsWith('registered.'))) return
    for (const { data } of events) if (data.type === 'registered.terminated') this.#signalAll(state)
    this.#arm(state)
  }

  recover(state: State): void {
    this.#signalAll(state)
    this.#look(state)
    this.#arm(state)
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
    this.#cancel = undefined
  }

  #arm(state: State): void {
    if (this.#closed || this.#cancel !== undefined || watched(state).length === 0) return
    this.#cancel = this.#scheduling.after(LOOK_MS, () => {
      this.#cancel = undefined
      this.#look(this.#engine.state)
      this.#arm(this.#engine.state)
    })
  }

  #look(state: State): void {
    for (const [{ id: project }, agent] of watched(state)) {
      const alive = this.#processes.isAlive(agent.process!)
      const type = alive ? 'report.registered-alive' : 'report.registered-gone'
      void this.#engine.report({ type, project, agent: agent.id }).catch(() => undefined)
    }
  }

  #signalAll(state: State): void {
    for (const [{ id: project }, agent] of all(state)) {
      if (agent.signal === null) continue
      this.#processes.signal(agent.process!, agent.signal)
      const type = 'report.registered-signalled'
      void this.#engine.report({ type, project, agent: agent.id }).catch(() => undefined)
    }
  }
}

function all(state: State): readonly (readonly [ProjectRecord, Registered])[] {
  return [...state.projects.values()].flatMap((project) =>
    Object.values(project.registered).map((agent) => [project, agent] as const),
  )
}

function watched(state: State): readonly (readonly [ProjectRecord, Registered])[] {
  return all(state).filter(([, agent]) => !isOver(agent) && agent.process !== null)
}
