import type { ProjectId } from '../ids.ts'
import { type RunSummary, summarise } from '../metrics.ts'
import type { State } from '../state.ts'

/** The seed's success metrics against their targets. docs/health.md has each formula. */
const SUCCESS_MEASURES = ['completion', 'overhead', 'escalations', 'utilization', 'efficiency'] as const
export type SuccessMeasure = (typeof SUCCESS_MEASURES)[number]

export interface Success {
  readonly measure: SuccessMeasure
  /** A share from 0 to 1; of `efficiency`, how many times faster than one agent after the other. Null: nothing to tell. */
  readonly value: number | null
  readonly least: number | null
  readonly most: number | null
  readonly met: boolean | null
}

/** Shares, and a factor; bounds included. */
const TARGETS: Readonly<
  Record<SuccessMeasure, { readonly least: number | null; readonly most: number | null }>
> = {
  completion: { least: 0.95, most: null },
  overhead: { least: null, most: 0.05 },
  escalations: { least: null, most: 0.1 },
  utilization: { least: 0.7, most: 0.85 },
  efficiency: { least: 8, most: null },
}

export interface LatelySeen {
  readonly completionRate: number | null
  readonly escalationRate: number | null
}

/** Overhead, utilization and efficiency are of the runs in live state, weighed by the time they took. */
export function successOf(
  state: State,
  project: ProjectId,
  lately: LatelySeen,
  now: number,
): readonly Success[] {
  const runs = [...state.runs.values()].filter((run) => run.project === project)
  const sums = sumsOf(runs.map((run) => summarise(run, now)))
  const values: Readonly<Record<SuccessMeasure, number | null>> = {
    completion: lately.completionRate,
    escalations: lately.escalationRate,
    ...sums,
  }
  return SUCCESS_MEASURES.map((measure) => {
    const value = values[measure]
    const { least, most } = TARGETS[measure]
    const met = value === null ? null : value >= (least ?? value) && value <= (most ?? value)
    return { measure, value, least, most, met }
  })
}

function sumsOf(
  runs: readonly RunSummary[],
): Readonly<Record<'overhead' | 'utilization' | 'efficiency', number | null>> {
  const worked = runs.filter(({ busy_ms }) => busy_ms > 0)
  const sum = (of: (run: RunSummary) => number): number => worked.reduce((total, run) => total + of(run), 0)
  const [busy, wall] = [sum((run) => run.busy_ms), sum((run) => run.wall_ms)]
  // What the slots could have worked, told back from the share of it that they did.
  const possible = sum((run) => (run.utilization === 0 ? 0 : run.busy_ms / run.utilization))
  if (busy === 0) return { overhead: null, utilization: null, efficiency: null }
  return {
    overhead: sum((run) => run.overhead * run.busy_ms) / busy,
    utilization: possible === 0 ? null : busy / possible,
    efficiency: wall === 0 ? null : busy / wall,
  }
}
