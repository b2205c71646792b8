import { type AttemptId, attemptId, type RunId, taskId } from '../ids.ts'
import type { ImageSpec, NetworkPolicy } from '../project.ts'

/** How committed work gets into a run's branch: checked together first, in batches. */
export interface MergePolicy {
  readonly check: MergeCheckSpec
  /** Most tasks that are merged on one check. */
  readonly batch: number
}

export interface MergeCheckSpec {
  /** Shell command, run by `sh -c` in a clone of what the branch would be; exit code 0 passes. */
  readonly run: string
  /** Null for the project's image. */
  readonly image: ImageSpec | null
  readonly network: NetworkPolicy
  /** Time after which it is stopped and counts as failed, ms. */
  readonly timeoutMs: number
}

export const DEFAULT_BATCH = 8
export const MAX_BATCH = 64

/** What checks go by where tasks have their id; no task may have it in a project with a check. */
export const MERGE_CHECK = taskId('merge-check')

/** Checks are numbered through a run: `<run>/merge-check#3`, and their output is found by that. */
export function checkId(run: RunId, check: number): AttemptId {
  return attemptId(run, MERGE_CHECK, check)
}
