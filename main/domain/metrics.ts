import { movesAtGates, openGates } from './gates/places.ts'
import type { ProjectId, RunId } from './ids.ts'
import { type Attempt, isSettled, type Run, runningMs } from './state.ts'

/** A run's figures; also the last line that `run --json` prints. Times in ms, shares from 0 to 1. */
export interface RunSummary {
  readonly type: 'summary'
  readonly run: RunId
  readonly project: ProjectId
  readonly epic: string
  readonly number: number
  readonly status: string
  readonly cause: string | null
  readonly tasks: TaskCounts
  readonly attempts: number
  readonly wall_ms: number
  /** RUNNING time of all attempts. */
  readonly busy_ms: number
  /** Share of the slots' time in which agents ran: busy / (wall × slots). */
  readonly utilization: number
  /** Orchestration delay over working time; waiting for needs, people and capacity is not in it. */
  readonly overhead: number
  /** How many times faster than one agent after the other: busy / wall. */
  readonly efficiency: number
  readonly needs_person: readonly string[]
  /** What became of its work in the user's repository; missing in what earlier versions recorded. */
  readonly delivery?: Run['delivery']
}

export interface TaskCounts {
  readonly total: number
  readonly completed: number
  readonly failed: number
  readonly skipped: number
  readonly cancelled: number
  readonly pending: number
}

export function summarise(run: Run, now: number): RunSummary {
  const wall = Math.max(1, (run.endedAt ?? now) - run.startedAt)
  const { overheadMs } = run.totals
  const busyMs = run.totals.busyMs + underWayMs(run, now)
  const slots = Math.min(run.plan.limits.maxConcurrentAgents, run.tasks.length)
  return {
    type: 'summary',
    run: run.id,
    project: run.project,
    epic: run.plan.epic,
    number: run.number,
    status: needsPerson(run) ? 'needs-person' : run.status,
    cause: run.cause,
    tasks: countTasks(run),
    attempts: [...run.tasks].reduce((sum, task) => sum + task.attempts, 0),
    wall_ms: Math.round(wall),
    busy_ms: Math.round(busyMs),
    utilization: share(busyMs, wall * slots),
    overhead: share(overheadMs, busyMs),
    efficiency: share(busyMs, wall),
    needs_person: run.attention.map((item) => item.text),
    delivery: run.delivery,
  }
}

/** RUNNING time of the attempts that have not ended and so are not in the totals yet, ms. */
function underWayMs(run: Run, now: number): number {
  if (run.counts.active === 0) return 0
  let sum = 0
  for (const { current } of run.tasks) {
    if (current !== null && current.exitedAt === null) sum += runningMs(current, now)
  }
  return sum
}

/** Nothing goes on until a person answers. `atOnce`: agents there may be now, fewer than planned while resources are short. */
export function needsPerson(run: Run, atOnce = run.plan.limits.maxConcurrentAgents): boolean {
  const { ready, active, retrying, blocked } = run.counts
  const held = standing(run)
  if (run.status !== 'running' || retrying > 0 || active > held) return false
  // Agents that stand still keep their slots.
  if (ready > 0 && held < atOnce) return false
  const { mergeQueue } = run
  if (movesAtGates(run)) return false
  if (mergeQueue === undefined || mergeQueue.entries.length === 0)
    return blocked + held + openGates(run).length > 0
  return mergeQueue.held !== null
}

/**
 * Agents that stand still for a conflict. None of them moves of its own accord: a person settles it, or the one it
 * stands behind ends, which is at work itself or waits for a person.
 */
function standing(run: Run): number {
  let count = 0
  if (run.counts.active === 0) return count
  for (const { current } of run.tasks) if (current !== null && standsStill(current)) count++
  return count
}

/** One that is being stopped ends by itself. */
function standsStill({ state, exitedAt, effects, stopping }: Attempt): boolean {
  return state === 'CONFLICT' && exitedAt === null && effects.length === 0 && stopping === null
}

export function countTasks(run: Run): TaskCounts {
  const counts = { total: run.tasks.length, completed: 0, failed: 0, skipped: 0, cancelled: 0, pending: 0 }
  for (const task of run.tasks) {
    if (!isSettled(task)) counts.pending++
    else if (task.outcome === 'succeeded') counts.completed++
    else counts[task.outcome!]++
  }
  return counts
}

function share(part: number, whole: number): number {
  return whole <= 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000
}
