import type { PointReason, TargetPart } from '../points/point.ts'
import type { ImageSpec, Resources } from '../project.ts'

/**
 * Where releases go. A target is acted on by the engine's adapters only; an agent never sees what they act with.
 * Frozen into the plan of every run that names it.
 */
export interface TargetSpec {
  readonly name: string
  readonly title: string
  readonly place: TargetPlace
  readonly database: DatabaseSpec | null
  readonly verify: VerifySpec
  readonly points: PointPolicy
  /** Gates that every deployment to it has to pass, by name. */
  readonly gates: readonly string[]
  /** Files with settings, relative to the repository's root; part of every rollback point. */
  readonly envFiles: readonly string[]
}

export type TargetPlace =
  /** A service in containers of this machine's Docker, behind a proxy that knows one of them at a time. */
  | {
      readonly kind: 'docker'
      readonly strategy: 'blue-green' | 'recreate'
      /** Loopback address of the proxy. */
      readonly port: number
      readonly service: ServiceSpec
    }
  | {
      readonly kind: 'compose'
      /** Relative to the repository's root. */
      readonly file: string
      readonly service: string
      /** Variable that the file takes the image from. */
      readonly imageVariable: string
      readonly url: string | null
    }
  | {
      readonly kind: 'ssh'
      readonly host: string
      readonly commands: PlaceCommands
      readonly url: string | null
    }
  | {
      readonly kind: 'kubectl'
      readonly context: string | null
      readonly namespace: string
      readonly workload: string
      readonly container: string
      readonly url: string | null
    }
  | {
      readonly kind: 'helm'
      readonly context: string | null
      readonly namespace: string
      readonly release: string
      readonly chart: string
      /** Path of the value that takes the image. */
      readonly imageValue: string
      readonly url: string | null
    }

/** Shell commands of a place that is reached by a command. `AMPHITHEATRE_IMAGE` and `AMPHITHEATRE_VERSION` are set. */
export interface PlaceCommands {
  readonly deploy: string
  /** Null: `deploy` with the image and version of the point. */
  readonly rollback: string | null
  readonly restart: string | null
  /** Absent: it is taken down by hand. */
  readonly takeDown?: string | null
  /** Exit code 0 is healthy. */
  readonly health: string | null
}

export interface ServiceSpec {
  /** Port it listens on inside. */
  readonly port: number
  readonly env: Readonly<Record<string, string>>
  readonly health: HealthSpec
  /** It has a way out to the world. */
  readonly internet: boolean
  /** It may write its own file system, and not only `/tmp`. */
  readonly writable: boolean
  readonly resources: Resources
}

export interface HealthSpec {
  /** GET on it answers 200 to 299. */
  readonly path: string
  readonly intervalMs: number
  readonly timeoutMs: number
  /** Not healthy after so long: the deployment failed. */
  readonly withinMs: number
}

export interface DatabaseSpec {
  readonly kind: 'postgres' | 'sqlite' | 'hook'
  /** Of `postgres`: its database; of `sqlite`: the file as the service sees it; of `hook`: any word. */
  readonly name: string
  /**
   * Of `hook`: commands that write a snapshot to stdout and read one from stdin; `check` reads one and changes nothing, exit
   * code 0 says that it can be restored.
   */
  readonly hook: { readonly dump: string; readonly restore: string; readonly check?: string } | null
}

export interface VerifySpec {
  /** Asked through the target's own address; each answers 200 to 299. */
  readonly paths: readonly string[]
  /** Shell command on the target's network, `AMPHITHEATRE_TARGET_URL` set; exit code 0 passes. */
  readonly run: string | null
  readonly image: ImageSpec | null
  /** It has to stay well for so long. */
  readonly settleMs: number
  readonly timeoutMs: number
  /** A deployment that does not verify: `back` to what was there before, or `stay` and be called unhealthy. */
  readonly onFailure: 'back' | 'stay'
}

export interface PointPolicy {
  /** Newest points kept; pinned ones and the last good one are kept besides. */
  readonly keep: number
  readonly maxAgeMs: number | null
  /** Cron of restore tests; null for none. */
  readonly test: string | null
  /** IANA name, of `test`; without it the machine's own. */
  readonly timeZone?: string
  /** `remote:path` of rclone where copies go; null for none. */
  readonly remote: string | null
  /** Databases that rollbacks have put aside; as in `DEFAULT_ASIDE` where it is absent. */
  readonly aside?: AsidePolicy
}

/** Those that nothing else is the only way back to are dropped beyond the newest `keep`, or when older. */
export interface AsidePolicy {
  readonly keep: number
  readonly maxAgeMs: number
}

/** What everybody locks who acts on a target or looks at it. */
export function targetLock(name: string): string {
  return `target:${name}`
}

/** What a task asks of the engine's own hands; it has no command in a container of its own then. */
export type TaskAction =
  /** Without a version (`''`): the tag of the image, or the commit it was built from. */
  | { readonly do: 'deploy'; readonly from: ReleaseSource; readonly version: string }
  /** The command runs on the target's network with its database at hand. */
  | { readonly do: 'migrate'; readonly run: string }
  /** Makes a rollback point: of the target, or without one of the repository alone. */
  | { readonly do: 'point'; readonly name: string | null; readonly why?: PointReason }
  /** Restores a point's database beside the target's own, compares, and drops it again. */
  | { readonly do: 'test-point'; readonly point: string; readonly key: string }
  | { readonly do: 'verify' }
  | { readonly do: 'restart' }
  | { readonly do: 'inspect'; readonly what: (typeof INSPECTIONS)[number] }
  /** Nobody reaches the target or writes its data until it is opened, or released anew. */
  | { readonly do: 'hold' }
  | { readonly do: 'open' }
  /** Nothing of it runs any more; its data stay unless they are to go as well. */
  | { readonly do: 'take-down'; readonly withData: boolean }
  /** Drops databases that rollbacks have put aside. `anyway`: also those that a rollback cannot be undone whole without. */
  | { readonly do: 'drop-aside'; readonly names: readonly string[]; readonly anyway: boolean }
  /** Restores a point's database beside the target's own and compares, so that it can take its place. */
  | { readonly do: 'scratch'; readonly point: string; readonly key: string }
  | RestoreAction
export type ActionKind = TaskAction['do']

/** Puts one part back. `key` is the point's: its files are found by it. */
export interface RestoreAction {
  readonly do: 'restore'
  readonly point: string
  readonly key: string
  readonly part: TargetPart
  /** Of `branch`. */
  readonly move?: BranchMove
}

/** The user's branch goes from where a person saw it to a commit of before; what was there stays on another branch. */
export interface BranchMove {
  readonly branch: string
  /** Anywhere else it has been moved since, and is left alone. */
  readonly from: string
  readonly to: string
  /** `rollback/v2` */
  readonly keepAs: string
}

/** What the engine can look at itself in an incident. */
export const INSPECTIONS = ['recent-deploys', 'snapshot-ready', 'health'] as const

export type ReleaseSource =
  | { readonly image: string }
  /** A folder of the run's code with a Dockerfile. */
  | { readonly build: string }

/** What is released at a target; told by the attempt that released it, as its output `release`. */
export interface Release {
  readonly version: string
  /** `sha256:…` where the place knows one. */
  readonly image: string | null
  /** Adapter's own record of what it made (container configuration, revision), to be restored from. */
  readonly detail: Readonly<Record<string, string>>
  readonly commit: string | null
}

/** A target as the project knows it. */
export interface TargetRecord {
  readonly spec: TargetSpec
  /** Null: nothing was released there, as far as is known. */
  readonly current: ReleasedAt | null
  /** Newest first, at most 20. */
  readonly history: readonly ReleasedAt[]
  readonly state: TargetState
  /** Attempt or run at work on it; null for none. */
  readonly busy: string | null
  /** Why it is in this state, in words. */
  readonly reason: string | null
}

export const TARGET_STATES = ['unknown', 'healthy', 'unverified', 'unhealthy', 'half'] as const
/** `half`: a step of a deployment or rollback did not end well; `reason` says how to go on. */
export type TargetState = (typeof TARGET_STATES)[number]

export interface ReleasedAt {
  readonly release: Release
  /** `<run>/<task>#<n>`. */
  readonly by: string
  readonly at: number
  /** The point made right before it. */
  readonly before: string | null
  readonly verified: boolean | null
}
