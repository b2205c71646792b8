import type { EventEnvelope } from '../domain/events.ts'
import { attemptId, type RunId } from '../domain/ids.ts'
import type { State } from '../domain/state.ts'
import { doorOf, viewAttempt, type World } from './world.ts'

/**
 * Opens the doors of agents that ran on while the engine was away, and closes those of agents that are over. New
 * agents get theirs with their start (`agentStart`).
 */
export class DoorKeeper {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  published(events: readonly EventEnvelope[]): void {
    for (const { run, data } of events) {
      if (run === null) continue
      if (data.type === 'agent.exited' || data.type === 'agent.terminated')
        this.#close(run, data.task, data.attempt)
    }
  }

  recover(state: State): void {
    for (const run of state.runs.values()) {
      for (let task = 0; task < run.tasks.length; task++) {
        const attempt = run.tasks.get(task)!.current
        if (attempt === null || attempt.startedAt === null || attempt.exitedAt !== null) continue
        const view = viewAttempt(state, { type: 'agent.start', run: run.id, task, attempt: attempt.n })!
        void this.#open(view)
      }
    }
  }

  async #open(view: NonNullable<ReturnType<typeof viewAttempt>>): Promise<void> {
    const { doors, log } = this.#world
    try {
      await doors?.open(await doorOf(this.#world, view))
    } catch (error) {
      log(`the door of ${view.id} could not be opened again: ${(error as Error).message}`)
    }
  }

  #close(run: RunId, task: number, attempt: number): void {
    const { doors, engine, log } = this.#world
    const plan = engine.state.runs.get(run)?.plan
    if (plan === undefined || doors === null) return
    doors.close(attemptId(run, plan.tasks[task]!.id, attempt)).catch((error: Error) => {
      log(`a door could not be closed: ${error.message}`)
    })
  }
}
