import type { ConflictPolicies } from './conflicts/matrix.ts'
import type { Prediction } from './conflicts/prediction.ts'
import type { GateSpec } from './gates/gate.ts'
import type { HealthPolicy } from './health/policy.ts'
import type { RoleName, TaskId } from './ids.ts'
import type { IncidentPolicy } from './incidents/policy.ts'
import type { Lock } from './locks/lock.ts'
import type { PortRange } from './locks/ports.ts'
import type { LockRule } from './locks/rules.ts'
import type { MergePolicy } from './merging/mergePolicy.ts'
import type { Rule } from './rules/rule.ts'
import type { ScheduleSpec } from './schedules/schedule.ts'
import type { StrayPolicy } from './strays/stray.ts'
import type { Communication } from './talk/talk.ts'
import type { BesideSpec } from './targets/beside.ts'
import type { TargetSpec, TaskAction } from './targets/target.ts'

/**
 * The typed project: what `config` makes of `amphitheatre.yaml`, with defaults filled in, presets merged,
 * `count` expanded and every duration in milliseconds. The domain sees nothing less checked than this.
 */
export interface Project {
  readonly version: 1
  readonly name: string
  readonly runner: RunnerChoice
  readonly image: ImageSpec
  readonly limits: Limits
  readonly roles: readonly Role[]
  readonly epics: readonly Epic[]
  /** What is run by the clock. */
  readonly schedules: readonly ProjectSchedule[]
  /** Agents that somebody starts by hand, in groups. */
  readonly sessions: readonly Session[]
  /** Authorities of the registry (`CISO`, `Tech Lead`) and who in real life holds them. */
  readonly people: Readonly<Record<string, string>>
  readonly prediction: Prediction
  readonly health: HealthPolicy
  readonly communication: Communication
  readonly rules: readonly Rule[]
  readonly conflicts: ConflictPolicies
  readonly lockRules: readonly LockRule[]
  /** What tasks that use a port lease it from. */
  readonly ports: PortRange | null
  /** Null: work is merged as soon as it is committed. */
  readonly merge: MergePolicy | null
  /** What becomes of an agent that writes what it did not declare. */
  readonly strays: StrayPolicy
  readonly targets: readonly TargetSpec[]
  readonly gates: readonly GateSpec[]
  readonly incidents: IncidentPolicy
  /** Loaded seed blocks that later parts of the program act on, kept as parsed. */
  readonly blocks: Readonly<Record<string, unknown>>
}

export const RUNNER_CHOICES = ['auto', 'docker', 'process'] as const
export type RunnerChoice = (typeof RUNNER_CHOICES)[number]

/** A ready image, or a folder in the project (relative to its root) whose Dockerfile makes one. */
export type ImageSpec = { readonly ref: string } | { readonly build: string }

export interface Limits {
  /** Live agents of one project at once; seed default 4. */
  readonly maxConcurrentAgents: number
  /** Writers on one file; seed default 1. Above 1 files that are written are locked shared, by however many. */
  readonly maxAgentsPerFile: number
  /** RUNNING time after which an agent is terminated, ms; seed default 10 minutes. */
  readonly maxRuntimeMs: number
  /** No output, progress or CPU for so long, ms: the agent is stuck and restarted; seed default 5 minutes. */
  readonly stuckAfterMs: number
  /** RUNNING time of a priority-0 task after which a person is called, ms; seed default 15 minutes. */
  readonly p0EscalateMs: number
  /** Grace between the polite stop and the kill, ms. */
  readonly stopGraceMs: number
}

export interface Role {
  readonly name: RoleName
  /** The registry's own id (`agent-001`), where it has one. */
  readonly id: string | null
  /** What the role is for, in words: `Build & Compilation`. */
  readonly title: string
  readonly responsibilities: readonly string[]
  readonly skills: readonly string[]
  /** Registry tier, 1 is the coordination layer; null for roles without tiers. */
  readonly tier: number | null
  readonly authority: string | null
  /** Globs and named resources the role owns, as written. */
  readonly ownership: readonly string[]
  /** Relationships between roles (who is told, who is asked), groups resolved; never edges of a run. */
  readonly dependencies: readonly RoleName[]
  /** Whom the role may message; groups resolved. Empty means its dependencies only. */
  readonly communication: readonly RoleName[]
  /** Agents of this role at once; null for no limit of its own. */
  readonly capacity: number | null
  readonly image: ImageSpec | null
}

export interface ProjectSchedule {
  readonly spec: ScheduleSpec
  /** One task by itself is an epic of the schedule's name. */
  readonly epic: Epic
}

export interface Epic {
  readonly id: string
  readonly title: string
  readonly phases: readonly Phase[]
  /** In the order written, phases first to last. */
  readonly tasks: readonly TaskSpec[]
}

/** Agents that are registered and started together, by hand (`amphi session start --phase ID`). */
export interface Session {
  readonly id: string
  readonly title: string
  /** Those that come before others first. */
  readonly agents: readonly SessionAgent[]
}

export interface SessionAgent {
  readonly name: string
  readonly files: readonly string[]
  readonly reads: readonly string[]
  readonly uses: readonly string[]
  /** 1 first, 5 last. */
  readonly priority: number
  /** Agents before it, by name or id. */
  readonly after: readonly string[]
  /** Whether it begins only when those have completed. */
  readonly waits: boolean
  /** RUNNING time, ms; null: no limit. */
  readonly limitMs: number | null
}

export const PHASE_MODES = ['parallel', 'sequential', 'tasks'] as const
export type PhaseMode = (typeof PHASE_MODES)[number]

export interface Phase {
  readonly name: string
  readonly mode: PhaseMode
  /** Have to let pass before the next phase opens, and the last before the run is done; missing for none. */
  readonly gates?: readonly string[]
}

export const TASK_KINDS = ['work', 'deploy', 'migrate', 'backup', 'check'] as const
/** What a task does to the world; only `work` may be cached. */
export type TaskKind = (typeof TASK_KINDS)[number]

export const NETWORK_POLICIES = ['none', 'run', 'internet'] as const
/** `run` is the run's own network without a way out; `internet` adds one. */
export type NetworkPolicy = (typeof NETWORK_POLICIES)[number]

export const ON_LOST = ['ask', 'retry', 'fail'] as const
/** What becomes of an attempt whose outcome cannot be known after a crash. */
export type OnLost = (typeof ON_LOST)[number]

export interface TaskSpec {
  readonly id: TaskId
  readonly title: string
  /** Index into the epic's phases. */
  readonly phase: number
  readonly kind: TaskKind
  /** The role that does it, or null: delegated by skill. */
  readonly role: RoleName | null
  readonly skills: readonly string[]
  /** Shell command, run by `sh -c` in the agent's workspace; may hold `${tasks.ID.outputs.NAME}`. */
  readonly run: string
  readonly env: Readonly<Record<string, string>>
  readonly image: ImageSpec | null
  readonly network: NetworkPolicy
  readonly workspace: 'repo' | 'none'
  /** Must be COMPLETED (or skipped by a person) before this starts. Sequential phases add theirs here. */
  readonly needs: readonly Need[]
  /** Warn when late or failed; never start anything early, never hold anything up. */
  readonly needsSoft: readonly Need[]
  /** Globs relative to the repository root. */
  readonly reads: readonly string[]
  readonly writes: readonly string[]
  /**
   * What git cannot see, and files with a policy of their own. Missing in plans recorded before there were locks:
   * those lock nothing, since what is at work in them holds nothing.
   */
  readonly uses?: readonly Lock[]
  /** Others may write the same files at once (`max_agents_per_file` above 1). */
  readonly sharesWrites?: boolean
  /** Variables that ports are put into, one of the range for each; missing for none. */
  readonly ports?: readonly string[]
  /** Where releases go, for what deploys, migrates or looks there. */
  readonly target?: string
  /** Before its work is merged; of a deployment, before it starts. Missing for none. */
  readonly gates?: readonly string[]
  /** Carried out by the engine's own hands; `run` is empty then. */
  readonly action?: TaskAction
  /** Run beside each attempt; missing for none. */
  readonly services?: readonly BesideSpec[]
  /** What it does that no rollback takes back (`mails customers`), in words. */
  readonly irreversible?: string
  /** 0 first, 5 last; default 3. */
  readonly priority: number
  readonly points: number | null
  /** From the run's start, ms. */
  readonly dueMs: number | null
  /** RUNNING time, ms; null takes the project's `maxRuntimeMs`. */
  readonly timeoutMs: number | null
  readonly retry: RetryPolicy
  readonly allowFailure: boolean
  readonly onLost: OnLost
  readonly resources: Resources
}

export interface Need {
  readonly task: TaskId
  /** After so long a wait, ms: a blocking need calls a person, a soft one warns. */
  readonly timeoutMs: number | null
}

export interface RetryPolicy {
  /** Further attempts after the first: `retry: 1` is two attempts in all. */
  readonly retries: number
  /** Wait before the first retry, ms; doubles each time up to `maxDelayMs`. */
  readonly delayMs: number
  readonly maxDelayMs: number
  /** Share of the delay that is random, 0 to 1. */
  readonly jitter: number
}

export interface Resources {
  /** CPU cores, may be a fraction; null for the runner's default. */
  readonly cpus: number | null
  readonly memoryBytes: number | null
  readonly pids: number | null
}

export const DEFAULT_LIMITS: Limits = {
  maxConcurrentAgents: 4,
  maxAgentsPerFile: 1,
  maxRuntimeMs: 10 * 60_000,
  stuckAfterMs: 5 * 60_000,
  p0EscalateMs: 15 * 60_000,
  stopGraceMs: 10_000,
}

export const DEFAULT_RETRY: RetryPolicy = { retries: 0, delayMs: 0, maxDelayMs: 60_000, jitter: 0 }
export const DEFAULT_RESOURCES: Resources = { cpus: null, memoryBytes: null, pids: null }
