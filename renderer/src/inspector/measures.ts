import { summarise } from '../../../main/domain/metrics.ts'
import type { Run } from '../../../main/domain/state.ts'

export interface Measure {
  readonly id: 'overhead' | 'completed' | 'escalations' | 'faster' | 'utilisation'
  /** Undefined while it cannot be known. */
  readonly value: string | undefined
  /** As it stands behind the value: `< 5 %`; what a run of this size can reach. */
  readonly target: string
  readonly met: boolean | undefined
}

/** A run's figures against the targets of its seeds: overhead, completion, escalations, speed-up, utilisation. */
export function measure(run: Run, now: number): readonly Measure[] {
  const summary = summarise(run, now)
  const { tasks } = summary
  const settled = tasks.total - tasks.pending
  // Of less than a second of work nothing can be said.
  const worked = summary.busy_ms >= 1_000
  const completion = settled === 0 ? undefined : (tasks.completed + tasks.skipped) / settled
  const escalated = new Set(run.attention.filter((item) => item.task !== null).map((item) => item.task)).size
  const skipped = tasks.skipped
  const escalations = settled === 0 ? undefined : (escalated + skipped) / Math.max(1, tasks.total)
  const faster = worked ? summary.efficiency : undefined
  // No run can be faster than it has agents at once.
  const possible = Math.min(8, run.plan.limits.maxConcurrentAgents, run.tasks.length)
  return [
    of('overhead', worked ? summary.overhead : undefined, (v) => v < 0.05, percent, '< 5 %'),
    of('completed', completion, (v) => v >= 0.95, percent, '≥ 95 %'),
    of('escalations', escalations, (v) => v < 0.1, percent, '< 10 %'),
    of(
      'faster',
      faster,
      (v) => v >= possible,
      (v) => `${v.toFixed(1)} ×`,
      `≥ ${possible} ×`,
    ),
    of(
      'utilisation',
      worked ? summary.utilization : undefined,
      (v) => v >= 0.7 && v <= 0.85,
      whole,
      '70–85 %',
    ),
  ]
}

function of(
  id: Measure['id'],
  value: number | undefined,
  met: (value: number) => boolean,
  text: (value: number) => string,
  target: string,
): Measure {
  if (value === undefined) return { id, value: undefined, target, met: undefined }
  return { id, value: text(value), target, met: met(value) }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function whole(share: number): string {
  return `${Math.round(share * 100)} %`
}
