import { freeRole, nextCandidates } from './delegation.ts'
import { type Heap, heapEntries, popHeap, pushHeap } from './heap.ts'
import type { RoleName } from './ids.ts'
import { needsPerson } from './metrics.ts'
import { planIndex } from './plan.ts'
import { holdsSlot, isMet, isSettled, type Run, runningMs } from './state.ts'

/**
 * How long a run will likely take from here: what its tasks took before, played through with the run's limits. Every
 * attempt is expected to succeed and every paused agent to go on now; what people take to answer is not in it.
 */

/** What is known of a task of an earlier run; a stored history row has these. Times in ms since 1970. */
export interface PastTask {
  readonly task: string
  readonly outcome: string | null
  readonly startedAt: number | null
  readonly endedAt: number | null
}

/** RUNNING time expected of each task of the plan, ms; undefined where nothing comparable was ever seen. */
export type Expected = readonly (number | undefined)[]

/**
 * The median of what the task itself took, else tasks of its kind (`test-1`, `test-2`), else tasks of its role, else
 * all. What this run has finished counts as well, so that a first run is not without an estimate for ever.
 */
export function expectDurations(run: Run, past: readonly PastTask[]): Expected {
  const { tasks } = run.plan
  const samples = new Samples()
  const roles = new Map(tasks.map((spec) => [spec.id as string, roleKey(spec.role)]))
  for (const { task, outcome, startedAt, endedAt } of past) {
    if (outcome !== 'succeeded' || startedAt === null || endedAt === null) continue
    samples.add([task, kindKey(task), roles.get(task) ?? '', ALL], endedAt - startedAt)
  }
  tasks.forEach((spec, i) => {
    const last = run.tasks.get(i)!.past.at(-1)
    if (last?.state !== 'COMPLETED' || last.startedAt === null) return
    samples.add([spec.id, kindKey(spec.id), roleKey(spec.role), ALL], last.endedAt - last.startedAt)
  })
  return tasks.map(({ id, role }) => samples.median([id, kindKey(id), roleKey(role), ALL]))
}

const ALL = '*'

/** No task is named like these: names have no colon. */
function kindKey(task: string): string {
  return `kind:${task.replace(/-\d+$/, '')}`
}

function roleKey(role: RoleName | null): string {
  return `role:${role ?? ''}`
}

class Samples {
  readonly #of = new Map<string, number[]>()
  readonly #medians = new Map<string, number>()

  add(keys: readonly string[], ms: number): void {
    for (const key of keys) {
      const known = this.#of.get(key)
      if (known === undefined) this.#of.set(key, [Math.max(0, ms)])
      else known.push(Math.max(0, ms))
    }
  }

  /** Of the first key with samples. */
  median(keys: readonly string[]): number | undefined {
    const key = keys.find((one) => this.#of.has(one))
    if (key === undefined) return undefined
    const before = this.#medians.get(key)
    if (before !== undefined) return before
    const sorted = this.#of.get(key)!.sort((a, b) => a - b)
    const half = sorted.length >> 1
    const median = sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
    this.#medians.set(key, median)
    return median
  }
}

/** Share of its expected time that a task at work has had, at most 0.95; undefined when it is not known. */
export function progressOf(run: Run, index: number, expected: Expected, now: number): number | undefined {
  const current = run.tasks.get(index)?.current
  const whole = expected[index]
  if (current == null || current.startedAt === null || whole === undefined) return undefined
  if (current.state === 'COMPLETING') return MOST
  return whole <= 0 ? MOST : Math.min(MOST, runningMs(current, now) / whole)
}

const MOST = 0.95
/** What takes longer than expected is thought to need this share of its time so far again. */
const OVERDUE = 0.1

export interface Forecast {
  /** From `now` until the last task is done, ms. Undefined: something was never seen before, or a person decides. */
  readonly leftMs: number | undefined
  /** When each task will likely be taken, ms from `now`; undefined for what is under way, over or out of reach. */
  readonly startsIn: readonly (number | undefined)[]
  /** Tasks not under way yet in the order they will likely be taken; those out of reach last, as the plan has them. */
  readonly order: readonly number[]
}

/** Costs O(n log n) for n tasks. The same run, expectation and time give the same forecast. */
export function forecast(run: Run, expected: Expected, now: number): Forecast {
  const known = run.plan.tasks.every(
    (_, i) => expected[i] !== undefined || isSettled(run.tasks.get(i)!) || isOutOfReach(run, i),
  )
  const simulation = new Simulation(run, expected, now)
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

  constructor(run: Run, expected: Expected, now: number) {
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
    this.#takeUp(now)
  }

  play(): { end: number; starts: readonly (number | undefined)[]; order: readonly number[] } {
    this.#advance()
    this.#assign()
    while (this.#events !== null) {
      const { priority: at, task, epoch } = this.#events.entry
      this.#events = popHeap(this.#events)
      this.#time = Math.max(this.#time, at)
      if (epoch === DUE) this.#enqueue(task)
      else this.#finish(task)
      // Everything that ends at one moment frees its place before anything new is taken.
      if (this.#events === null || this.#events.entry.priority > this.#time) this.#assign()
    }
    return { end: this.#time, starts: this.#starts, order: this.#order }
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
        const elapsed = runningMs(task.current, now)
        const over = task.current.exitedAt === null ? elapsed * OVERDUE : 0
        this.#begin(i, task.current.role, Math.max(over, this.#expect(i) - elapsed))
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

  #at(time: number, task: number, what: typeof END | typeof DUE): void {
    this.#events = pushHeap(this.#events, { priority: time, order: task, task, epoch: what })
  }

  #finish(index: number): void {
    const { plan } = this.#run
    const { roleIndex, dependents } = planIndex(plan)
    const place = roleIndex.get(this.#role[index]!)
    if (place !== undefined) this.#busy[place]! -= 1
    this.#active -= 1
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

function isBefore(a: NonNullable<Heap>, b: NonNullable<Heap>): boolean {
  const [one, other] = [a.entry, b.entry]
  return one.priority !== other.priority ? one.priority < other.priority : one.order < other.order
}
