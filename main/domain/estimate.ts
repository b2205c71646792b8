import { freeRole, nextCandidates } from './delegation.ts'
import { type Expected, remaining } from './expectation.ts'
import { type Heap, heapEntries, popHeap, pushHeap } from './heap.ts'
import type { RoleName } from './ids.ts'
import { needsPerson } from './metrics.ts'
import { planIndex } from './plan.ts'
import { holdsSlot, isMet, isSettled, type Run } from './state.ts'

export { type Expected, expectDurations, type PastTask, placesHeld, progressOf } from './expectation.ts'

/**
 * How long a run will likely take from here: what its tasks took before, played through with the run's limits. Every
 * attempt is expected to succeed and every paused agent to go on now; what people take to answer is not in it.
 */

export interface Forecast {
  /** From `now` until the last task is done, ms. Undefined: something was never seen before, or a person decides. */
  readonly leftMs: number | undefined
  /** When each task will likely be taken, ms from `now`; undefined for what is under way, over or out of reach. */
  readonly startsIn: readonly (number | undefined)[]
  /** Tasks not under way yet in the order they will likely be taken; those out of reach last, as the plan has them. */
  readonly order: readonly number[]
}

/**
 * Costs O(n log n) for n tasks. The same run, expectation and time give the same forecast. `elsewhere`: after how many ms
 * each agent of the project's other runs will likely free its place (see `placesHeld`).
 */
export function forecast(
  run: Run,
  expected: Expected,
  now: number,
  elsewhere: readonly number[] = [],
): Forecast {
  const known = run.plan.tasks.every(
    (_, i) => expected[i] !== undefined || isSettled(run.tasks.get(i)!) || isOutOfReach(run, i),
  )
  const simulation = new Simulation(run, expected, now, elsewhere)
  const { end, starts, order } = simulation.play()
  const rest = run.plan.tasks
    .map((_, i) => i)
    .filter((i) => !isSettled(run.tasks.get(i)!) && run.tasks.get(i)!.current === null)
    .filter((i) => starts[i] === undefined)
  const silent = !known || run.stop !== null || needsPerson(run)
  const startsIn = silent ? starts.map(() => undefined) : starts
  return { leftMs: silent ? undefined : end, startsIn, order: [...order, ...rest] }
}

/** Its phase never opens: one before has failed. */
function isOutOfReach(run: Run, index: number): boolean {
  return run.phaseFailed && run.plan.tasks[index]!.phase > run.phase
}

/** Plays a run through: events are ends of tasks, at times in ms from the start. Lives for one `play`. */
class Simulation {
  readonly #run: Run
  readonly #expected: Expected
  readonly #queues: Queue[] = []
  readonly #queueNumbers = new Map<string, number>()
  readonly #pending: number[]
  readonly #done: boolean[]
  readonly #phaseLeft: number[]
  readonly #busy: number[]
  /** Of each task at work, the role it keeps busy. */
  readonly #role: (RoleName | undefined)[] = []
  readonly #starts: (number | undefined)[]
  readonly #order: number[] = []
  /** Ends of agents, and moments from which a retry is due, by time. */
  #events: Heap = null
  #phase: number
  #active = 0
  #turn: number
  #time = 0
  /** Of the run's own last task so far. */
  #end = 0

  constructor(run: Run, expected: Expected, now: number, elsewhere: readonly number[]) {
    const { plan } = run
    this.#run = run
    this.#expected = expected
    this.#turn = run.readyOrder
    this.#phase = run.status === 'preparing' ? 0 : run.phase
    this.#busy = plan.roles.map(() => 0)
    this.#starts = plan.tasks.map(() => undefined)
    this.#done = plan.tasks.map((_, i) => isSettled(run.tasks.get(i)!))
    this.#phaseLeft = plan.phases.map(() => 0)
    plan.tasks.forEach((spec, i) => {
      if (!isMet(run, i)) this.#phaseLeft[spec.phase]! += 1
    })
    const { needs } = planIndex(plan)
    this.#pending = plan.tasks.map((_, i) => needs[i]!.filter((need) => !isMet(run, need)).length)
    this.#active = elsewhere.length
    elsewhere.forEach((ms, i) => {
      this.#at(ms, i, FREE)
    })
    this.#takeUp(now)
  }

  play(): { end: number; starts: readonly (number | undefined)[]; order: readonly number[] } {
    this.#advance()
    this.#assign()
    while (this.#events !== null) {
      const { priority: at, task, epoch } = this.#events.entry
      this.#events = popHeap(this.#events)
      this.#time = Math.max(this.#time, at)
      if (epoch === FREE) this.#active -= 1
      else if (epoch === DUE) this.#enqueue(task)
      else this.#finish(task)
      // Everything that ends at one moment frees its place before anything new is taken.
      if (this.#events === null || this.#events.entry.priority > this.#time) this.#assign()
    }
    return { end: this.#end, starts: this.#starts, order: this.#order }
  }

  /** What the run is doing now. */
  #takeUp(now: number): void {
    const run = this.#run
    for (const heap of run.ready) {
      for (const { task, epoch, order } of heapEntries(heap)) {
        if (run.tasks.get(task)!.epoch === epoch) this.#enqueue(task, order)
      }
    }
    run.plan.tasks.forEach((_, i) => {
      const task = run.tasks.get(i)!
      if (this.#done[i] || task.ready) return
      if (task.current !== null && holdsSlot(task.current)) {
        this.#begin(i, task.current.role, remaining(task.current, this.#expect(i), now))
      } else if (task.next !== null) this.#at(Math.max(0, task.next.at - now), i, DUE)
      else if (task.state === 'BLOCKED') this.#at(0, i, DUE)
      else if (run.status === 'preparing' && this.#isFree(i)) this.#enqueue(i)
    })
  }

  /** A run whose tasks were never seen is still played through, each taking as long as the next. */
  #expect(index: number): number {
    return Math.max(1, this.#expected[index] ?? 1_000)
  }

  #isFree(index: number): boolean {
    const { phase } = this.#run.plan.tasks[index]!
    return this.#pending[index] === 0 && phase <= this.#phase && !this.#done[index]
  }

  #enqueue(index: number, order?: number): void {
    const { plan, tasks } = this.#run
    const names = nextCandidates(plan, index, tasks.get(index)!)
    const key = names.join('\n')
    let number = this.#queueNumbers.get(key)
    if (number === undefined) {
      number = this.#queues.push({ names, heap: null }) - 1
      this.#queueNumbers.set(key, number)
    }
    const queue = this.#queues[number]!
    const entry = {
      priority: plan.tasks[index]!.priority,
      order: order ?? this.#turn++,
      task: index,
      epoch: 0,
    }
    queue.heap = pushHeap(queue.heap, entry)
  }

  /** As `schedule` does: the most urgent ready task whose candidates have room, until none can start. */
  #assign(): void {
    const { plan } = this.#run
    while (this.#active < plan.limits.maxConcurrentAgents) {
      let best: { readonly queue: Queue; readonly role: RoleName } | undefined
      for (const queue of this.#queues) {
        if (queue.heap === null) continue
        if (best !== undefined && !isBefore(queue.heap, best.queue.heap!)) continue
        const role = freeRole(plan, this.#busy, queue.names)
        if (role !== undefined) best = { queue, role }
      }
      if (best === undefined) return
      const { task } = best.queue.heap!.entry
      best.queue.heap = popHeap(best.queue.heap!)
      this.#starts[task] = this.#time
      this.#order.push(task)
      this.#begin(task, best.role, this.#expect(task))
    }
  }

  #begin(index: number, role: RoleName, ms: number): void {
    const place = planIndex(this.#run.plan).roleIndex.get(role)
    if (place !== undefined) this.#busy[place]! += 1
    this.#role[index] = role
    this.#active += 1
    this.#at(this.#time + ms, index, END)
  }

  #at(time: number, task: number, what: typeof END | typeof DUE | typeof FREE): void {
    this.#events = pushHeap(this.#events, { priority: time, order: task, task, epoch: what })
  }

  #finish(index: number): void {
    const { plan } = this.#run
    const { roleIndex, dependents } = planIndex(plan)
    const place = roleIndex.get(this.#role[index]!)
    if (place !== undefined) this.#busy[place]! -= 1
    this.#active -= 1
    this.#end = this.#time
    this.#done[index] = true
    this.#phaseLeft[plan.tasks[index]!.phase]! -= 1
    for (const dependent of dependents[index]!) {
      this.#pending[dependent]! -= 1
      if (this.#isFree(dependent)) this.#enqueue(dependent)
    }
    this.#advance()
  }

  #advance(): void {
    const { phases } = this.#run.plan
    while (this.#phase < phases.length && this.#phaseLeft[this.#phase] === 0) {
      this.#phase += 1
      for (const index of planIndex(this.#run.plan).byPhase[this.#phase] ?? []) {
        const task = this.#run.tasks.get(index)!
        const waits = !task.ready && task.current === null && task.next === null && task.state !== 'BLOCKED'
        if (waits && this.#isFree(index)) this.#enqueue(index)
      }
    }
  }
}

interface Queue {
  readonly names: readonly RoleName[]
  heap: Heap
}

const END = 0
const DUE = 1
const FREE = 2

function isBefore(a: NonNullable<Heap>, b: NonNullable<Heap>): boolean {
  const [one, other] = [a.entry, b.entry]
  return one.priority !== other.priority ? one.priority < other.priority : one.order < other.order
}
