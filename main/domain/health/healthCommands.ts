import type { ProjectId } from '../ids.ts'
import type { Crossing } from './gauge.ts'

/** A round of the monitor: what crossed a limit, and that it may be time for a step. Nothing is decided by it alone. */
export interface HealthReport {
  readonly type: 'report.health'
  readonly project: ProjectId
  readonly crossings: readonly Crossing[]
}

/** A target that nobody is at work on was seen to be well, or not, several times in a row. */
export interface TargetHealthReport {
  readonly type: 'report.target-health'
  readonly project: ProjectId
  readonly target: string
  readonly healthy: boolean
  /** What it answered. */
  readonly words: string
  /** How often it turned unwell lately, where that is too often; else null. */
  readonly flaps: string | null
}
