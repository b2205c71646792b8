import type { RoleName } from './ids.ts'
import { type Attempt, holdsSlot, type Run, runningMs } from './state.ts'

/** What tasks are expected to take, from what they took before. */

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

/** Ms an attempt will likely go on. */
export function remaining(attempt: Attempt, expected: number, now: number): number {
  const elapsed = runningMs(attempt, now)
  const over = attempt.exitedAt === null ? elapsed * OVERDUE : 0
  return Math.max(over, expected - elapsed)
}

/** After how many ms each agent of a run will likely free its place; one never seen before is thought to be half done. */
export function placesHeld(run: Run, expected: Expected, now: number): readonly number[] {
  const held: number[] = []
  let index = 0
  for (const { current } of run.tasks) {
    if (current !== null && holdsSlot(current)) {
      held.push(remaining(current, expected[index] ?? 2 * runningMs(current, now), now))
    }
    index++
  }
  return held
}
