import type { EventEnvelope } from '../../domain/events.ts'
import { evolve } from '../../domain/evolve.ts'
import { EMPTY_STATE, isMet, type State } from '../../domain/state.ts'
import { planIndex } from '../../domain/plan.ts'
import { everyInvariant } from '../../domain/testing/invariants.ts'

/** Folds the log on disk as it grows, engine or no engine, and checks each event: numbers, arrows, counts, order. */
export class LogFollower {
  #state: State = EMPTY_STATE
  readonly #log: readonly EventEnvelope[]
  readonly #check = everyInvariant()
  readonly #onViolation: (text: string) => void

  constructor(log: readonly EventEnvelope[], onViolation: (text: string) => void) {
    this.#log = log
    this.#onViolation = onViolation
  }

  /** The state on disk now. */
  get state(): State {
    for (let next = this.#log[this.#state.seq]; next !== undefined; next = this.#log[this.#state.seq])
      this.#take(next)
    return this.#state
  }

  #take(event: EventEnvelope): void {
    const before = this.#state
    if (event.seq !== before.seq + 1) this.#onViolation(`event ${event.seq} follows ${before.seq}`)
    if (event.time < before.time) this.#onViolation(`event ${event.seq} goes back in time`)
    this.#state = evolve(before, event)
    try {
      this.#check(before, event, this.#state)
      checkOrder(before, event)
    } catch (error) {
      this.#onViolation(`event ${event.seq} (${event.type}): ${(error as Error).message}`)
    }
  }
}

/** What starts has its needs met and every earlier phase settled well. */
function checkOrder(before: State, { run: id, data }: EventEnvelope): void {
  if (data.type !== 'task.assigned') return
  const run = before.runs.get(id!)!
  const { phase } = run.plan.tasks[data.task]!
  const needs = planIndex(run.plan).needs[data.task]!
  const open = run.plan.tasks.findIndex((spec, i) => (spec.phase < phase || needs.includes(i)) && !isMet(run, i))
  if (open >= 0) throw new Error(`${data.task} is assigned before ${open} is met`)
}
