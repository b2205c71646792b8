import { planIndex } from '../../../../main/domain/plan.ts'
import { isMet, isSettled, type Run, type TaskRecord } from '../../../../main/domain/state.ts'
import { MARKS, type Mark, type Status, taskStatus } from '../../../../main/domain/status.ts'
import { askedAbout } from '../house/calls.ts'

/** How one task looks now; the same object until that changes. */
export interface Look {
  readonly status: Status
  readonly record: TaskRecord
  /** A person is asked about it, whatever its state: it failed, say, and may be tried again. */
  readonly asked: boolean
}

/** By mark; those a person is asked about count among `needs-you` as well. */
export type MarkCounts = Readonly<Record<Mark, number>>

/**
 * The looks of a run's tasks, apart from the graph that shows them: told of every state of the run, it works out
 * anew only what changed, and calls only those who show it. Thousands of cards cost nothing while they stay as they are.
 */
export class RunLooks {
  #run: Run
  #looks: Look[]
  #asked: ReadonlySet<number>
  #counts: Record<Mark, number>
  /** Counts changes of any look. */
  #version = 0
  readonly #listeners = new Map<number, Set<() => void>>()
  readonly #all = new Set<() => void>()

  constructor(run: Run) {
    this.#run = run
    this.#asked = askedAbout(run)
    this.#looks = run.plan.tasks.map((_, i) => lookOf(run, i, this.#asked.has(i)))
    this.#counts = countMarks(this.#looks)
  }

  get run(): Run {
    return this.#run
  }

  get version(): number {
    return this.#version
  }

  get(task: number): Look {
    return this.#looks[task]!
  }

  counts(): MarkCounts {
    return this.#counts
  }

  /** The next state of the same run with the same plan. */
  update(run: Run): void {
    const before = this.#run
    if (run === before) return
    this.#run = run
    const everyone = isOtherwise(before, run)
    if (before.attention !== run.attention) this.#asked = askedAbout(run)
    const changed: number[] = []
    for (let i = 0; i < this.#looks.length; i++) {
      const record = run.tasks.get(i)!
      const known = this.#looks[i]!
      const asked = this.#asked.has(i)
      const same = looksSame(record, known.record) && asked === known.asked
      if (same && (!everyone || isSettled(record))) continue
      const look = lookOf(run, i, asked)
      if (same && isSameStatus(look.status, known.status)) continue
      this.#looks[i] = look
      changed.push(i)
    }
    if (changed.length === 0) return
    this.#version += 1
    this.#counts = countMarks(this.#looks)
    for (const i of changed) for (const listener of this.#listeners.get(i) ?? []) listener()
    for (const listener of this.#all) listener()
  }

  subscribe(task: number, listener: () => void): () => void {
    const set = this.#listeners.get(task) ?? new Set()
    this.#listeners.set(task, set.add(listener))
    return () => set.delete(listener)
  }

  subscribeAll(listener: () => void): () => void {
    this.#all.add(listener)
    return () => this.#all.delete(listener)
  }
}

function lookOf(run: Run, task: number, asked: boolean): Look {
  return { status: taskStatus(run, task, 0), record: run.tasks.get(task)!, asked }
}

/** What waits in an inbox changes with every message, and is not seen on a card. */
function looksSame(a: TaskRecord, b: TaskRecord): boolean {
  if (a === b) return true
  for (const key in a) {
    if (key !== 'inbox' && a[key as keyof TaskRecord] !== b[key as keyof TaskRecord]) return false
  }
  return true
}

/** Changed in a way that tells on tasks whose own record did not change? */
function isOtherwise(before: Run, now: Run): boolean {
  return (
    before.phase !== now.phase ||
    before.paused !== now.paused ||
    before.status !== now.status ||
    before.gates !== now.gates ||
    before.attention !== now.attention
  )
}

function isSameStatus(a: Status, b: Status): boolean {
  return (
    a.mark === b.mark && a.word === b.word && a.ms === b.ms && JSON.stringify(a.why) === JSON.stringify(b.why)
  )
}

function countMarks(looks: readonly Look[]): Record<Mark, number> {
  const counts = Object.fromEntries(MARKS.map((mark) => [mark, 0])) as Record<Mark, number>
  for (const look of looks) {
    counts[look.status.mark] += 1
    if (look.asked && look.status.mark !== 'needs-you') counts['needs-you'] += 1
  }
  return counts
}

/** Does it count as `mark`? */
export function isMarked({ status, asked }: Look, mark: Mark): boolean {
  return status.mark === mark || (asked && mark === 'needs-you')
}

/** Is something being done about it, or has somebody to? */
export function isActive(mark: Mark): boolean {
  return mark !== 'waiting' && mark !== 'done'
}

/** What a group shows when it has to be one mark: the worst that wants somebody's eye, else what goes on. */
export function worstMark(counts: MarkCounts): Mark {
  const order: readonly Mark[] = ['needs-you', 'conflict', 'failed', 'blocked', 'running', 'waiting']
  return order.find((mark) => counts[mark] > 0) ?? 'done'
}

/**
 * What holds tasks up at this moment, as pairs of tasks: from a need that is not over, and is being worked on or
 * stuck, to what waits for nothing but its needs.
 */
export function waitingPairs(looks: RunLooks): readonly (readonly [number, number])[] {
  const { run } = looks
  const { needs } = planIndex(run.plan)
  const pairs: [number, number][] = []
  for (let to = 0; to < run.plan.tasks.length; to++) {
    if (looks.get(to).status.why?.kind !== 'needs') continue
    for (const from of needs[to]!) {
      if (!isMet(run, from) && isActive(looks.get(from).status.mark)) pairs.push([from, to])
    }
  }
  return pairs
}
