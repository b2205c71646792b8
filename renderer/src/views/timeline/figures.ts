import { formatDuration } from '../../../../main/domain/duration.ts'
import { planIndex } from '../../../../main/domain/plan.ts'
import type { Run } from '../../../../main/domain/state.ts'
import type { Mark } from '../../../../main/domain/status.ts'
import type { Bar, Chart } from './bars.ts'

/** Agents at work from a moment on: the count holds until the next step. Oldest first. */
export interface Step {
  readonly at: number
  readonly count: number
}

export function agentsAtWork({ bars }: Pick<Chart, 'bars'>): readonly Step[] {
  const changes: [at: number, by: number][] = []
  for (const bar of bars.flat()) {
    if (bar.startedAt === null) continue
    changes.push([bar.startedAt, 1])
    if (bar.exitedAt !== null) changes.push([bar.exitedAt, -1])
  }
  changes.sort((a, b) => a[0] - b[0])
  const steps: Step[] = []
  let count = 0
  for (const [at, by] of changes) {
    count += by
    if (steps.at(-1)?.at === at) steps.pop()
    steps.push({ at, count })
  }
  return steps
}

/**
 * The tasks whose chain took the run as long as it did: from the one that ended last, back over the need, or the task of
 * the phase before, that it waited for last.
 */
export function criticalChain({ run, bars }: Chart, now: number): ReadonlySet<number> {
  const { needs, byPhase } = planIndex(run.plan)
  const endOf = (task: number): number | undefined => {
    const last = bars[task]!.at(-1)
    return last === undefined ? undefined : (last.endedAt ?? now)
  }
  const latest = (tasks: readonly number[], before = Number.POSITIVE_INFINITY): number | undefined => {
    let found: number | undefined
    let end = Number.NEGATIVE_INFINITY
    for (const task of tasks) {
      const at = endOf(task)
      if (at === undefined || at > before || at <= end) continue
      found = task
      end = at
    }
    return found
  }
  const chain = new Set<number>()
  let at = latest(run.plan.tasks.map((_, i) => i))
  while (at !== undefined && !chain.has(at)) {
    chain.add(at)
    const first: Bar | undefined = bars[at]![0]
    const { phase } = run.plan.tasks[at]!
    const before = first?.assignedAt ?? now
    const candidates: readonly number[] = [...needs[at]!, ...(byPhase[phase - 1] ?? [])]
    at = latest(candidates, before)
  }
  return chain
}

/** How an attempt's bar looks. */
export function markOfBar(bar: Bar): Mark {
  switch (bar.end) {
    case null:
      return bar.startedAt === null ? 'waiting' : 'running'
    case 'succeeded':
      return 'done'
    case 'stopped':
    case 'cancelled':
      return 'waiting'
    case 'conflict':
      return 'conflict'
    default:
      return 'failed'
  }
}

/** Where the time of an attempt went, ms; `now` ends what is under way. */
export interface BarTimes {
  /** Ready, and nobody free. */
  readonly waited: number
  readonly starting: number
  readonly ran: number
  readonly paused: number
  readonly finishing: number
}

export function timesOf(bar: Bar, now: number): BarTimes {
  const end = bar.endedAt ?? now
  const started = bar.startedAt ?? end
  const exited = bar.exitedAt ?? end
  const paused = bar.pauses.reduce((sum, { from, to }) => sum + Math.max(0, (to ?? now) - from), 0)
  return {
    waited: bar.readyAt === null ? 0 : Math.max(0, bar.assignedAt - bar.readyAt),
    starting: Math.max(0, started - bar.assignedAt),
    ran: bar.startedAt === null ? 0 : Math.max(0, exited - started - paused),
    paused,
    finishing: bar.exitedAt === null ? 0 : Math.max(0, end - exited),
  }
}

const STEPS = [
  100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000,
  1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000,
]

/** Ms between marks of the axis so that they stand at least `apart` px from one another. */
export function axisStep(pxPerMs: number, apart = 80): number {
  return STEPS.find((step) => step * pxPerMs >= apart) ?? STEPS.at(-1)!
}

export type Line =
  | { readonly kind: 'phase'; readonly phase: number; readonly tasks: number; readonly folded: boolean }
  | { readonly kind: 'task'; readonly index: number }

/** The rows of the chart: tasks below their phase, left out where it is folded. */
export function linesOf(run: Run, folded: ReadonlySet<number>): readonly Line[] {
  const { byPhase } = planIndex(run.plan)
  return run.plan.phases.flatMap((_, phase): readonly Line[] => {
    const members = byPhase[phase] ?? []
    const head: Line = { kind: 'phase', phase, tasks: members.length, folded: folded.has(phase) }
    return folded.has(phase) ? [head] : [head, ...members.map((index): Line => ({ kind: 'task', index }))]
  })
}

/** A time since the start, as exact as the marks beside it are close. */
export function axisLabel(ms: number, step: number): string {
  if (ms === 0) return '0'
  if (step >= 1_000) return formatDuration(ms)
  const minutes = Math.floor(ms / 60_000)
  const seconds = `${((ms % 60_000) / 1_000).toFixed(1)} s`
  return minutes === 0 ? seconds : `${minutes} m ${seconds}`
}
