import type { ProjectId } from '../ids.ts'
import type { Crossing } from './gauge.ts'

/** A round of the monitor: what crossed a limit, and that it may be time for a step. Nothing is decided by it alone. */
export interface HealthReport {
  readonly type: 'report.health'
  readonly project: ProjectId
  readonly crossings: readonly Crossing[]
}
