import { z } from 'zod'
import { CONFLICT_EVENTS } from './conflicts/conflictEvents.ts'
import { GATE_EVENTS } from './gates/gateEvents.ts'
import { HEALTH_EVENTS } from './health/healthEvents.ts'
import type { CommandId, CommitId, ProjectId, RoleName, RunId } from './ids.ts'
import { INCIDENT_EVENTS } from './incidents/incidentEvents.ts'
import { LOCK_EVENTS } from './locks/lockEvents.ts'
import { MERGE_EVENTS } from './merging/mergeEvents.ts'
import type { Plan } from './plan.ts'
import { POINT_EVENTS } from './points/pointEvents.ts'
import { REGISTERED_EVENTS } from './registered/registeredEvents.ts'
import { SCHEDULE_EVENTS } from './schedules/scheduleEvents.ts'
import type { RunJson } from './serialise.ts'
import { RUN_STATUSES, TASK_OUTCOMES, TERMINATION_CAUSES } from './states.ts'
import { STRAY_EVENTS } from './strays/strayEvents.ts'
import { TALK_EVENTS } from './talk/talkEvents.ts'
import { TARGET_EVENTS } from './targets/targetEvents.ts'

/**
 * What happened. Written once, never changed; a shape that has to change gets a new number in EVENT_VERSIONS and
 * an upcast. `task` is the task's index in the run's plan, `attempt` counts from 1. Times are engine time in ms.
 */
const id = <T extends string>() => z.string().transform((value) => value as T)
const task = z.number().int().min(0)
const attempt = z.number().int().min(1)
const ofTask = { task, attempt }
const names = z.array(z.string())
const outputs = z.record(z.string(), z.string())

export const EFFECT_TYPES = [
  'run.prepare',
  'workspace.cut',
  'agent.start',
  'agent.stop',
  'agent.pause',
  'agent.resume',
  'handoff.validate',
  'work.checkpoint',
  'work.set-aside',
  'work.put-back',
  'work.commit',
  'work.merge',
  'merge.check',
  'merge.advance',
  'gate.evaluate',
  'agent.clean',
  'run.release',
  'run.apply',
  'run.discard',
] as const
export type EffectType = (typeof EFFECT_TYPES)[number]

const ATTENTION_KINDS = [
  'task-failed',
  'lost',
  'conflict',
  'need-late',
  'p0-over-time',
  'prepare-failed',
  'apply-refused',
  'question',
  'p0-message',
  'unanswered',
  'handoff',
  'merge-held',
  'approval',
  'gate-failed',
  'flapping',
] as const
export type AttentionKind = (typeof ATTENTION_KINDS)[number]

export const ASSIGN_REASONS = ['first', 'retry', 'other-agent', 'person'] as const

export const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('engine.started'), boot: z.string(), pid: z.number(), version: z.string() }),
  z.object({
    type: z.literal('project.registered'),
    root: z.string(),
    name: z.string(),
    /** Its disk does not tell `A` from `a`. */
    folded: z.boolean().optional(),
  }),

  z.object({
    type: z.literal('run.started'),
    number: z.number().int(),
    root: z.string(),
    runner: z.string(),
    plan: z.custom<Plan>((value) => typeof value === 'object' && value !== null),
  }),
  z.object({
    type: z.literal('run.prepared'),
    base: id<CommitId>().nullable(),
    branch: z.string().nullable(),
    tip: id<CommitId>(),
    warnings: names,
  }),
  z.object({ type: z.literal('run.paused') }),
  z.object({ type: z.literal('run.continued') }),
  z.object({ type: z.literal('run.stopping'), force: z.boolean() }),
  z.object({
    type: z.literal('run.settled'),
    status: z.enum(RUN_STATUSES),
    cause: z.string().nullable(),
    /** Files of earlier conflicts in which two of its tasks could have met. */
    met: names.optional(),
  }),
  z.object({
    type: z.literal('run.recalled'),
    /** The whole run, back in live state as it was when it left, so that a replay needs nothing else. */
    snapshot: z.custom<RunJson>((value) => typeof value === 'object' && value !== null),
  }),
  z.object({ type: z.literal('run.reopened') }),
  z.object({ type: z.literal('run.retired') }),
  z.object({ type: z.literal('run.apply-requested') }),
  z.object({ type: z.literal('run.applied'), branch: z.string(), commit: id<CommitId>() }),
  z.object({ type: z.literal('run.apply-refused'), reason: z.string(), remedy: z.string() }),
  z.object({ type: z.literal('run.discard-requested') }),
  z.object({ type: z.literal('run.discarded') }),

  z.object({
    type: z.literal('task.assigned'),
    ...ofTask,
    role: id<RoleName>(),
    reason: z.enum(ASSIGN_REASONS),
    /** Leased from the project's range, in the order of the task's variables. */
    ports: z.array(z.number().int()).optional(),
  }),
  z.object({ type: z.literal('task.completed'), ...ofTask }),
  z.object({
    type: z.literal('task.failed'),
    task,
    outcome: z.enum(TASK_OUTCOMES),
    cause: z.string(),
    /** When another attempt follows by itself: from when on, and by whom. Null: the task is settled. */
    next: z.object({ at: z.number(), by: z.enum(['same', 'other']) }).nullable(),
  }),
  z.object({ type: z.literal('task.retry-due'), task }),
  z.object({ type: z.literal('task.retry-asked'), task, by: z.string() }),
  z.object({ type: z.literal('task.skipped'), task, by: z.string() }),
  z.object({
    type: z.literal('task.reopened'),
    task,
    /** A change it is to be told of was merged (`notify_on_change`). */
    forChange: z.boolean().optional(),
  }),
  z.object({ type: z.literal('task.blocked'), task, by: z.string() }),
  z.object({ type: z.literal('task.overdue'), task }),
  /** Ready, and others of its priority began first: it probably clashes with work under way. */
  z.object({
    type: z.literal('task.postponed'),
    task,
    /** Whose work, by its attempt's id. */
    behind: z.string(),
    file: z.string(),
    odds: z.number(),
    /** How often others went first since it became ready. */
    times: z.number().int().min(1),
  }),
  z.object({ type: z.literal('need.late'), task, need: task, soft: z.boolean(), failed: z.boolean() }),

  z.object({
    type: z.literal('workspace.cut'),
    ...ofTask,
    commit: id<CommitId>(),
    path: z.string(),
    mounts: names,
    /** Artifacts of its needs that could not be placed, and why, in words. */
    leftOut: names.default([]),
  }),
  z.object({
    type: z.literal('agent.started'),
    ...ofTask,
    handle: z.string(),
    /** Found running after a crash instead of started just now. */
    adopted: z.boolean(),
  }),
  z.object({
    type: z.literal('agent.exited'),
    ...ofTask,
    code: z.number().int(),
    /** From the process's end to this record, ms. */
    lagMs: z.number(),
    outputs,
  }),
  z.object({
    type: z.literal('agent.terminated'),
    ...ofTask,
    cause: z.enum(TERMINATION_CAUSES),
    detail: z.string(),
    code: z.number().int().nullable(),
    outputs,
  }),
  z.object({
    type: z.literal('agent.stopping'),
    ...ofTask,
    cause: z.enum(TERMINATION_CAUSES),
    force: z.boolean(),
  }),
  z.object({ type: z.literal('agent.timed-out'), ...ofTask, limitMs: z.number() }),
  /** Others hold what it declared, or were before it: it waits without a slot. */
  z.object({
    type: z.literal('agent.blocked'),
    ...ofTask,
    /** Attempts, in the line or at work, whose end it waits for. */
    behind: names,
  }),
  z.object({ type: z.literal('agent.unblocked'), ...ofTask }),
  /** It stands still for a conflict. */
  z.object({
    type: z.literal('agent.conflicted'),
    ...ofTask,
    conflict: z.string(),
    /** Who goes first, by its attempt's id, where the conflict is settled so that this one waits. */
    behind: z.string().optional(),
  }),
  z.object({ type: z.literal('agent.reconciled'), ...ofTask }),
  z.object({ type: z.literal('agent.pausing'), ...ofTask }),
  z.object({ type: z.literal('agent.resuming'), ...ofTask }),
  z.object({
    type: z.literal('work.committed'),
    ...ofTask,
    commit: id<CommitId>().nullable(),
    changed: z.number().int(),
    undeclared: names,
    refused: names,
    artifacts: z.string().nullable(),
    /** Globs it locked on the way, beyond what its task declared. */
    taken: names.optional(),
    /** Globs somebody is to be told about (`notify_on_change`) that it changed. */
    touched: names.optional(),
  }),
  z.object({ type: z.literal('work.merged'), ...ofTask, tip: id<CommitId>() }),
  z.object({ type: z.literal('work.conflicted'), ...ofTask, files: names }),

  z.object({
    type: z.literal('attention.raised'),
    id: z.string(),
    kind: z.enum(ATTENTION_KINDS),
    task: task.nullable(),
    text: z.string(),
    /** Verbs a person may answer with; empty for a notice, and for a question that takes any words. */
    choices: names,
    /** The message (`m12`), hand-off (`h3`), ballot (`v1`) or gate (`g2`) it is about. */
    about: z.string().nullish(),
  }),
  z.object({ type: z.literal('attention.resolved'), id: z.string(), choice: z.string() }),

  z.object({
    type: z.literal('effect.done'),
    effect: z.enum(EFFECT_TYPES),
    task: task.nullable(),
    attempt: attempt.nullable(),
  }),
  z.object({
    type: z.literal('effect.delayed'),
    effect: z.enum(EFFECT_TYPES),
    task: task.nullable(),
    attempt: attempt.nullable(),
    error: z.string(),
    remedy: z.string(),
  }),
  ...LOCK_EVENTS,
  ...CONFLICT_EVENTS,
  ...INCIDENT_EVENTS,
  ...HEALTH_EVENTS,
  ...REGISTERED_EVENTS,
  ...MERGE_EVENTS,
  ...POINT_EVENTS,
  ...SCHEDULE_EVENTS,
  ...STRAY_EVENTS,
  ...GATE_EVENTS,
  ...TALK_EVENTS,
  ...TARGET_EVENTS,
])

export type DomainEvent = z.infer<typeof eventSchema>
export type EventType = DomainEvent['type']
export type EventOf<T extends EventType> = Extract<DomainEvent, { type: T }>
/** All events of one subject, which is the first word of their type. */
export type EventsOn<Subject extends string> = Extract<DomainEvent, { type: `${Subject}.${string}` }>

const DOT = '.'.charCodeAt(0)

/** So that who handles all of a subject, of events or commands, need not list them. */
export function isOn<Subject extends string, T extends { readonly type: string }>(
  subject: Subject,
  data: T,
): data is Extract<T, { readonly type: `${Subject}.${string}` }> {
  return data.type.charCodeAt(subject.length) === DOT && data.type.startsWith(subject)
}

/** An event as it is stored and sent: the envelope says where it belongs, who caused it and when. */
export interface EventEnvelope {
  /** From 1, without gaps. */
  readonly seq: number
  readonly type: string
  readonly version: number
  readonly project: ProjectId | null
  readonly run: RunId | null
  /** The command that caused it. */
  readonly causation: CommandId
  /** The first command of the chain. */
  readonly correlation: CommandId
  readonly actor: string
  /** Engine time, ms since 1970, never going back. */
  readonly time: number
  readonly data: DomainEvent
}
