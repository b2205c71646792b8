import type { TargetLoad, TargetTrend } from '../../domain/health/targetLoad.ts'
import type { AttemptId, ProjectId } from '../../domain/ids.ts'
import type { AsideDatabase } from '../../domain/points/aside.ts'
import type { RollbackPoint } from '../../domain/points/point.ts'
import type { BesideSpec } from '../../domain/targets/beside.ts'
import type { TargetRecord, TargetSpec, TaskAction } from '../../domain/targets/target.ts'
import type { RunScope } from './runner.ts'

/** What an attempt at a target is given, frozen when it starts: all that its carrying out may depend on. */
export interface TargetJob {
  readonly action: TaskAction
  /** Without a name for what is done to the repository alone. */
  readonly target: TargetSpec
  /** The user's checkout: files with settings are read from it; only a rollback writes it. */
  readonly root: string
  /** What the code of its run stands at; null where it needs none. */
  readonly commit: string | null
  /** The target as the project knew it. */
  readonly known: TargetRecord | null
  /** Its rollback points, oldest first. */
  readonly points: readonly RollbackPoint[]
  /** Engine time of its start, ms. */
  readonly at: number
  /** How what is released there did lately, for who looks; missing where nobody looked. */
  readonly trend?: TargetTrend
}

/** What the engine needs of targets besides carrying actions out. Absent where there is no Docker to ask (a simulation). */
export interface TargetAccess {
  /** What an agent is given that looks at a target. Throws RunnerError where nothing is there to look at. */
  lookAt(project: ProjectId, target: TargetSpec): Promise<Attachment>
  /** Has services up beside an attempt, in its run's network. Idempotent. Throws RunnerError. */
  startBeside(run: RunScope, attempt: AttemptId, services: readonly BesideService[]): Promise<void>
  /** Removes them. Idempotent. */
  stopBeside(attempt: AttemptId): Promise<void>
  /** Attempts that have something beside them. */
  listBeside(): Promise<readonly AttemptId[]>
  /** How a target is now, as seen there. Throws RunnerError where it cannot be seen. */
  see(project: ProjectId, target: TargetSpec): Promise<TargetSight>
  /** What is released there asks of its machine and answers; null where that cannot be measured. Throws RunnerError. */
  measure(project: ProjectId, target: TargetSpec): Promise<TargetLoad | null>
  /** Databases that rollbacks have put aside there, newest first. Absent where nothing makes any. Throws RunnerError. */
  aside?(
    project: ProjectId,
    target: TargetSpec,
    points: readonly RollbackPoint[],
  ): Promise<readonly AsideSight[]>
}

export interface AsideSight extends AsideDatabase {
  /** The policy of the target drops it with the next point. */
  readonly outdated: boolean
}

export interface Attachment {
  readonly env: Readonly<Record<string, string>>
  /** Networks it is on beside its own. */
  readonly networks: readonly string[]
  /** Files of the host, mounted read-only. */
  readonly mounts: readonly { readonly from: string; readonly to: string }[]
}

export interface BesideService extends Omit<BesideSpec, 'image'> {
  /** As `resolveImage` gave it; null: PostgreSQL. */
  readonly image: string | null
}

export interface TargetSight {
  /** Where people reach it; null for nowhere known. */
  readonly address: string | null
  /** Null: it was not asked, or cannot be. */
  readonly healthy: boolean | null
  /** In words: what it answered, or why it is not known. */
  readonly words: string
  /** Version that answers; null for none, or where that cannot be seen. */
  readonly version: string | null
  readonly parts: readonly TargetPartSight[]
  /** Absent where it was not asked for; null where it cannot be seen. */
  readonly aside?: readonly AsideSight[] | null
}

export interface TargetPartSight {
  readonly name: string
  /** `proxy`, `service`, `database`, `task`. */
  readonly part: string
  readonly state: string
  readonly version: string | null
  readonly colour: string | null
}

export interface SightRequest {
  readonly project: ProjectId
  readonly target: string
  /** What rollbacks have put aside, too: that takes longer to see. */
  readonly aside?: boolean | undefined
}
