import type { RollbackPoint } from '../../domain/points/point.ts'
import type { TargetRecord, TargetSpec, TaskAction } from '../../domain/targets/target.ts'

/** What an attempt at a target is given, frozen when it starts: all that its carrying out may depend on. */
export interface TargetJob {
  readonly action: TaskAction
  readonly target: TargetSpec
  /** The user's checkout: files with settings are read from it, nothing is written to it. */
  readonly root: string
  /** What the code of its run stands at; null where it needs none. */
  readonly commit: string | null
  /** The target as the project knew it. */
  readonly known: TargetRecord | null
  /** Its rollback points, oldest first. */
  readonly points: readonly RollbackPoint[]
  /** Engine time of its start, ms. */
  readonly at: number
}
