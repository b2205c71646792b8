import type { Clash, Conflict } from './conflicts/conflict.ts'
import type { Component, Risk } from './context/entities.ts'
import type { AttentionKind, EffectType } from './events.ts'
import type { Figures } from './gates/figures.ts'
import type { RunGates } from './gates/gateRecord.ts'
import type { HealthRecord } from './health/health.ts'
import type { Heap } from './heap.ts'
import type { CommitId, ProjectId, RoleName, RunId } from './ids.ts'
import type { AlertMark, Incident } from './incidents/incident.ts'
import type { LockTable } from './locks/changes.ts'
import type { MergeQueue } from './merging/mergeQueue.ts'
import type { Plan } from './plan.ts'
import type { RollbackPoint } from './points/point.ts'
import type { Registered } from './registered/registered.ts'
import type { Deed } from './rollback/deeds.ts'
import type { Schedules } from './schedules/schedule.ts'
import type { ProjectSetup } from './setup/setup.ts'
import type { AgentState, RunStatus, TaskOutcome, TaskState, TerminationCause } from './states.ts'
import type { Strays } from './strays/stray.ts'
import type { Talk } from './talk/talk.ts'
import type { TargetRecord } from './targets/target.ts'
import type { Vec } from './vec.ts'

/**
 * Live state: what the engine decides on and the renderer shows. It is a fold of the log and nothing else.
 * Runs that ended leave it (`run.retired`), so its size follows what is going on, not what ever was.
 */
export interface State {
  /** Of the last event folded in. */
  readonly seq: number
  /** Its engine time, ms. */
  readonly time: number
  readonly projects: ReadonlyMap<ProjectId, ProjectRecord>
  /** In the order they were started. */
  readonly runs: ReadonlyMap<RunId, Run>
}

export interface ProjectRecord {
  readonly id: ProjectId
  readonly name: string
  /** The user's checkout. */
  readonly root: string
  /** Runs ever started, by epic: the next one's number. */
  readonly runNumbers: Readonly<Record<string, number>>
  /** By id. */
  readonly risks: Readonly<Record<string, Risk>>
  /** By name. */
  readonly components: Readonly<Record<string, Component>>
  readonly locks: LockTable
  /** Open ones and the latest of the others, in the order they were raised. */
  readonly conflicts: readonly Conflict[]
  /** Conflicts ever raised: the next one's number. */
  readonly lastConflict: number
  /** By path, glob or resource: what was in conflict before, the latest last. */
  readonly clashes: Readonly<Record<string, Clash>>
  /** Agents that were started by hand, by id, in the order of their registration. */
  readonly registered: Readonly<Record<string, Registered>>
  /** The number of the last one that was registered. */
  readonly lastRegistered: number
  /** By name. */
  readonly targets: Readonly<Record<string, TargetRecord>>
  /** Rollback points that are kept, oldest first. */
  readonly points: readonly RollbackPoint[]
  readonly lastPoint: number
  /** What tasks did to the world that a rollback has to speak of, oldest first. */
  readonly deeds: readonly Deed[]
  /** How long the engine's own actions took the last times, ms, by what was done where; newest last. */
  readonly timings: Readonly<Record<string, readonly number[]>>
  /** Null until its file was read by a program that tells of it. */
  readonly setup: ProjectSetup | null
  /** Those that are not over and the latest of the others, in the order they were opened. */
  readonly incidents: readonly Incident[]
  readonly lastIncident: number
  /** By fingerprint: the alerts that were told of, the latest last. */
  readonly alertMarks: Readonly<Record<string, AlertMark>>
  /** Figures of the runs in which a gate last passed, by the gate's name; absent until one has. */
  readonly gateFigures?: Readonly<Record<string, Figures>>
  readonly health: HealthRecord
  readonly schedules: Schedules
}

export interface Run {
  readonly id: RunId
  readonly project: ProjectId
  /** `ship #3`: third run of that epic in its project. */
  readonly number: number
  readonly root: string
  readonly runner: string
  readonly plan: Plan
  readonly status: RunStatus
  readonly paused: boolean
  /** Null unless stopping. */
  readonly stop: { readonly force: boolean } | null
  readonly startedAt: number
  readonly endedAt: number | null
  readonly cause: string | null
  /** Null until prepared, and for runs that need no repository. */
  readonly base: CommitId | null
  readonly tip: CommitId | null
  readonly branch: string | null
  readonly warnings: readonly string[]
  readonly delivery: 'none' | 'applied' | 'discarded'
  /** Index of the open phase; `plan.phases.length` when all are through. */
  readonly phase: number
  readonly phaseOpenedAt: number
  /** Tasks of the open phase not settled yet. */
  readonly phaseLeft: number
  /** Something in it failed that was not allowed to: the next one does not open. */
  readonly phaseFailed: boolean
  readonly tasks: Vec<TaskRecord>
  /** Ready tasks, one heap a queue of `planQueues`. */
  readonly ready: readonly Heap[]
  /** Next tie-breaker in the ready heaps. */
  readonly readyOrder: number
  readonly counts: RunCounts
  /** Slots held, by the role's place in `plan.roles`. */
  readonly busy: readonly number[]
  readonly attention: readonly Attention[]
  /** Open run-level effects. */
  readonly effects: readonly EffectType[]
  readonly trouble: Trouble | null
  readonly totals: RunTotals
  readonly talk: Talk
  /** Absent until something waits to be checked before it is merged. */
  readonly mergeQueue?: MergeQueue
  readonly gates?: RunGates
}

export interface RunCounts {
  /** In a ready heap and valid. */
  readonly ready: number
  /** Attempts that hold a slot. */
  readonly active: number
  /** Failed, with a retry to come later. */
  readonly retrying: number
  /** Waiting for a person. */
  readonly blocked: number
}

/** Sums for the run's figures, ms. */
export interface RunTotals {
  /** RUNNING time of all attempts. */
  readonly busyMs: number
  /** Orchestration delay: assigned to started, process over to recorded, recorded to completed. */
  readonly overheadMs: number
}

export interface TaskRecord {
  readonly state: TaskState
  /** Null until the state is terminal and nothing follows by itself. */
  readonly outcome: TaskOutcome | null
  readonly cause: string | null
  /** `needs` not met yet. */
  readonly pendingNeeds: number
  /** Counts changes of readiness; a heap entry with another number is stale. */
  readonly epoch: number
  readonly ready: boolean
  readonly readyAt: number | null
  /** While ready: whose work it probably clashes with, so that others began first. Absent where it takes its turn. */
  readonly postponed?: Postponed
  /** Attempts made, over all generations. */
  readonly attempts: number
  /** Attempts by the same role since the task was created or a person asked for a retry. */
  readonly tries: number
  readonly otherTried: boolean
  /** Who makes the next attempt, when one is due. */
  readonly next: { readonly at: number; readonly by: 'same' | 'other' } | null
  readonly assignReason: 'first' | 'retry' | 'other-agent' | 'person'
  /** Made anew by a re-run: its clone is cut from the run's tip, which holds the earlier work. */
  readonly onTip: boolean
  readonly current: Attempt | null
  /** Attempts that are over, newest last. */
  readonly past: readonly PastAttempt[]
  /** The commit dependents start from: its own, or what it was cut from. Null until COMPLETED. */
  readonly result: CommitId | null
  readonly artifacts: string | null
  /** Globs its work changed by locks taken on the way; absent where there were none. */
  readonly alsoWrote?: readonly string[]
  /** Made anew because of a change it is told of; what it changes sets off no more. */
  readonly remade?: boolean
  readonly outputs: Readonly<Record<string, string>>
  readonly overdue: boolean
  /** When the first attempt since the task was made (or made anew) was assigned: its soft needs count from then. */
  readonly firstAssignedAt: number | null
  /** Needs already reported late, by their index in the plan: each is reported once. */
  readonly late: readonly number[]
  /** Numbers of the messages it has not handled, oldest first; they stay from attempt to attempt. */
  readonly inbox: readonly number[]
}

export interface Postponed {
  /** A holder of locks, by its attempt's id. */
  readonly behind: string
  readonly file: string
  /** 0 to 1. */
  readonly odds: number
  readonly times: number
}

export interface Attempt {
  readonly n: number
  readonly role: RoleName
  readonly state: AgentState
  readonly assignedAt: number
  readonly startedAt: number | null
  readonly exitedAt: number | null
  readonly paused: boolean
  /** Since when, while paused. */
  readonly pausedAt: number | null
  /** Sum of earlier pauses, ms. */
  readonly pausedMs: number
  /** A stop was asked for; what it will be called when it is over. */
  readonly stopping: { readonly cause: TerminationCause; readonly force: boolean } | null
  /** A person was called because this priority-0 work takes long: done once an attempt. */
  readonly escalated: boolean
  /** Leased for it, in the order of the task's variables; absent for none. */
  readonly ports?: readonly number[]
  /** While BLOCKED: the attempts whose end it waited for when it came to wait. */
  readonly blockedBy?: readonly string[]
  /** While it stands still in CONFLICT: for which one, whether a person had paused it before, and who goes first. */
  readonly conflict?: { readonly id: string; readonly wasPaused: boolean; readonly behind?: string }
  readonly handle: string | null
  readonly cut: {
    readonly commit: CommitId
    readonly path: string
    readonly mounts: readonly string[]
  } | null
  readonly commit: CommitId | null
  readonly outputs: Readonly<Record<string, string>>
  readonly undeclared: readonly string[]
  /** As in TaskRecord, from the commit on. */
  readonly alsoWrote?: readonly string[]
  /** Watched globs that it changed; from the commit on, absent where there are none. */
  readonly touched?: readonly string[]
  /** What it wrote outside what it may write; missing until it does. */
  readonly strays?: Strays
  readonly artifacts: string | null
  /** Since when it waits in the merge queue; absent before, and where nothing is checked. */
  readonly queuedAt?: number
  /** Since when its work stands before its gates, and whether they have let it pass; absent where there are none. */
  readonly gated?: { readonly since: number; readonly cleared: boolean }
  /** Open effects, carried out one after the other in this order. */
  readonly effects: readonly EffectType[]
  readonly trouble: Trouble | null
  /** What it last said of its progress: percent from 0 to 100, or null where it cannot tell. */
  readonly progress: { readonly percent: number | null; readonly text: string; readonly at: number } | null
  /** Steps of the start-up checklist that were seen to be done. */
  readonly checked: readonly string[]
  /** What it waits for: the answer to a message (`m12`), about a hand-off (`h3`); until then at most, engine ms. */
  readonly awaits?: { readonly on: string; readonly until: number }
  /** Its last checkpoint; `commit` null when there was nothing to keep. */
  readonly checkpoint: { readonly count: number; readonly commit: string | null; readonly at: number } | null
}

export interface PastAttempt {
  readonly n: number
  readonly role: RoleName
  readonly state: 'COMPLETED' | 'TERMINATED'
  readonly cause: TerminationCause | null
  readonly detail: string
  readonly startedAt: number | null
  readonly endedAt: number
  readonly code: number | null
  /** What it had committed though nothing came of it; absent when there is none. */
  readonly commit?: CommitId
}

/** Something outside does not do its part; it is being tried again. */
export interface Trouble {
  readonly effect: EffectType
  readonly error: string
  readonly remedy: string
  readonly since: number
}

export interface Attention {
  readonly id: string
  readonly kind: AttentionKind
  readonly task: number | null
  readonly text: string
  readonly choices: readonly string[]
  /** The message (`m12`), hand-off (`h3`), ballot (`v1`) or gate (`g2`) it is about. */
  readonly about: string | null
  readonly since: number
}

export const EMPTY_STATE: State = { seq: 0, time: 0, projects: new Map(), runs: new Map() }

export function newTask(pendingNeeds: number): TaskRecord {
  return {
    state: 'CREATED',
    outcome: null,
    cause: null,
    pendingNeeds,
    epoch: 0,
    ready: false,
    readyAt: null,
    attempts: 0,
    tries: 0,
    otherTried: false,
    next: null,
    assignReason: 'first',
    onTip: false,
    current: null,
    past: [],
    result: null,
    artifacts: null,
    outputs: {},
    overdue: false,
    firstAssignedAt: null,
    late: [],
    inbox: [],
  }
}

/** Does this attempt count against the limits on concurrent agents? */
export function holdsSlot(attempt: Attempt | null): boolean {
  switch (attempt?.state) {
    case 'WAITING':
    case 'RUNNING':
    case 'TIMEOUT':
      return true
    case 'CONFLICT':
      return !hasNoProcess(attempt)
    // What waits in the merge queue or before a gate is over but for that.
    case 'COMPLETING':
      return attempt.queuedAt === undefined && attempt.gated === undefined
    default:
      return false
  }
}

/** Its process was started and is not known to be over. */
export function isBegun(attempt: Attempt): boolean {
  const { state, exitedAt } = attempt
  return (state === 'RUNNING' || state === 'TIMEOUT' || state === 'CONFLICT') && exitedAt === null
}

/** In CONFLICT with its work done: it could not be merged. Others in CONFLICT stand still and may go on. */
export function hasNoProcess(attempt: Attempt): boolean {
  return attempt.state === 'CONFLICT' && attempt.exitedAt !== null
}

/** Its work is made and stands before gates that have not let it pass. */
export function standsAtGates(attempt: Attempt): boolean {
  return attempt.state === 'COMPLETING' && attempt.gated?.cleared === false
}

/** RUNNING time of an attempt so far, pauses left out, ms. */
export function runningMs(attempt: Attempt, now: number): number {
  if (attempt.startedAt === null) return 0
  const end = attempt.exitedAt ?? (attempt.paused ? (attempt.pausedAt ?? now) : now)
  return Math.max(0, end - attempt.startedAt - attempt.pausedMs)
}

/** Have this task's dependents what they wait for? */
export function isMet(run: Run, index: number): boolean {
  const task = run.tasks.get(index)!
  if (task.state === 'COMPLETED') return true
  if (task.state !== 'FAILED' || task.outcome === null) return false
  return task.outcome === 'skipped' || (task.outcome === 'failed' && run.plan.tasks[index]!.allowFailure)
}

export function isSettled(task: TaskRecord): boolean {
  return task.outcome !== null
}
