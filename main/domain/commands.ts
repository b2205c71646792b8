import { z } from 'zod'
import { CONFLICT_ACTIONS, type Foreseen, type FoundConflict } from './conflicts/conflict.ts'
import { componentChangeSchema, riskChangeSchema } from './context/entities.ts'
import type { EffectType } from './events.ts'
import { GATE_COMMANDS, type GateReport } from './gates/gateCommands.ts'
import type { HealthReport, TargetHealthReport } from './health/healthCommands.ts'
import type { CommandId, CommitId, ProjectId, RunId } from './ids.ts'
import { INCIDENT_COMMANDS, type IncidentReport, type IncidentTimer } from './incidents/incidentCommands.ts'
import type { Plan } from './plan.ts'
import { looking, planShape } from './planShape.ts'
import { POINT_COMMANDS, type PointReport } from './points/pointCommands.ts'
import {
  REGISTERED_COMMANDS,
  type RegisteredReport,
  type RegisteredTimer,
} from './registered/registeredCommands.ts'
import type { LetGoReport } from './rollback/letGo.ts'
import { ROLLBACK_COMMANDS } from './rollback/rollbackCommands.ts'
import { SCHEDULE_COMMANDS, type ScheduleReport } from './schedules/scheduleCommands.ts'
import type { RunJson } from './serialise.ts'
import type { AgentCommand } from './talk/agentCommands.ts'
import type { HandoffCheck } from './talk/handoff.ts'
import { messageDraftSchema } from './talk/message.ts'
import type { TalkTimer } from './talk/talkTimers.ts'
import { TARGET_COMMANDS } from './targets/targetCommands.ts'

/**
 * What someone wants. A person, a client or a schedule sends a `ClientCommand`; the engine's own effects, watchers
 * and timers send `Report`s. Both go through the one door, `dispatch`, and through `decide`.
 */
const run = z
  .string()
  .min(1)
  .transform((value) => value as RunId)
const project = z
  .string()
  .min(1)
  .transform((value) => value as ProjectId)
const task = z.string().min(1)
const force = z.boolean().default(false)

export const clientCommandSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('project.register'),
    project,
    root: z.string().min(1),
    name: z.string().min(1),
    /** Its disk does not tell `A` from `a`: names that differ in case only are one. */
    folded: z.boolean().optional(),
  }),
  z.object({
    type: z.literal('run.start'),
    project,
    run,
    /** `docker`, `process`: what `auto` came to. */
    runner: z.string(),
    plan: looking<Plan>(planShape),
  }),
  z.object({ type: z.literal('run.pause'), run }),
  z.object({ type: z.literal('run.continue'), run }),
  z.object({ type: z.literal('run.stop'), run, force }),
  z.object({ type: z.literal('run.apply'), run }),
  z.object({ type: z.literal('run.discard'), run }),
  z.object({ type: z.literal('task.retry'), run, task }),
  z.object({ type: z.literal('task.skip'), run, task }),
  z.object({ type: z.literal('task.rerun'), run, task }),
  z.object({ type: z.literal('agent.stop'), run, task, force }),
  z.object({ type: z.literal('agent.pause'), run, task }),
  /** A person asks for what it has so far to be kept. */
  z.object({ type: z.literal('task.checkpoint'), run, task }),
  z.object({ type: z.literal('agent.continue'), run, task }),
  z.object({
    type: z.literal('attention.answer'),
    run,
    id: z.string().min(1),
    choice: z.string().min(1),
    /** When what is answered was asked: what was asked since under the same name is something else. */
    since: z.number().optional(),
  }),
  z.object({ type: z.literal('message.send'), run, message: messageDraftSchema }),
  /** Somebody outside, over a bus, says something on a topic. */
  z.object({
    type: z.literal('outside.send'),
    run,
    name: z.string().min(1).max(200),
    message: messageDraftSchema,
  }),
  /** The person has seen to them. */
  z.object({
    type: z.literal('message.handle'),
    run,
    messages: z.array(z.number().int().min(1)).min(1).max(1_000),
  }),
  z.object({ type: z.literal('ballot.vote'), run, ballot: z.string().min(1), option: z.string().min(1) }),
  z.object({
    type: z.literal('handoff.decide'),
    run,
    handoff: z.string().min(1),
    choice: z.enum(['transfer', 'withdraw']),
  }),
  z.object({ type: z.literal('locks.release'), run, task }),
  z.object({
    type: z.literal('conflict.resolve'),
    project,
    /** `c7`. */
    conflict: z.string().min(1),
    action: z.enum(CONFLICT_ACTIONS),
    /** The holder that goes on; without one, who is recommended. */
    keep: z.string().min(1).optional(),
  }),
  ...INCIDENT_COMMANDS,
  ...REGISTERED_COMMANDS,
  ...POINT_COMMANDS,
  ...TARGET_COMMANDS,
  ...ROLLBACK_COMMANDS,
  ...GATE_COMMANDS,
  ...SCHEDULE_COMMANDS,
  z.object({ type: z.literal('risk.record'), project, risk: riskChangeSchema }),
  z.object({ type: z.literal('component.record'), project, component: componentChangeSchema }),
])
export type ClientCommand = z.infer<typeof clientCommandSchema>

interface OfAttempt {
  readonly run: RunId
  /** Index in the run's plan. */
  readonly task: number
  readonly attempt: number
}

/** What the engine's own parts report. Never accepted from outside the process. */
export type Report =
  | { readonly type: 'engine.start'; readonly boot: string; readonly pid: number; readonly version: string }
  | { readonly type: 'schedule' }
  /** Brings a retired run back into live state; the engine folds it from the log first. */
  | { readonly type: 'run.recall'; readonly run: RunId; readonly snapshot: RunJson }
  | {
      readonly type: 'report.prepared'
      readonly run: RunId
      readonly base: CommitId | null
      readonly branch: string | null
      readonly tip: CommitId
      readonly warnings: readonly string[]
    }
  | ({
      readonly type: 'report.cut'
      readonly commit: CommitId
      readonly path: string
      readonly mounts: readonly string[]
      readonly leftOut?: readonly string[]
    } & OfAttempt)
  | ({ readonly type: 'report.cut-conflict'; readonly files: readonly string[] } & OfAttempt)
  | ({ readonly type: 'report.started'; readonly handle: string; readonly adopted: boolean } & OfAttempt)
  | ({
      readonly type: 'report.exited'
      readonly handle: string
      readonly code: number
      readonly oomKilled: boolean
      readonly error: string | null
      /** What may have caused a failure (` while the disk was full`), else empty. */
      readonly circumstance?: string
      readonly lagMs: number
      readonly outputs: Readonly<Record<string, string>>
      /** Set when the outputs file was not usable; the attempt fails with this. */
      readonly outputsError: string | null
    } & OfAttempt)
  /** Started once, not to be found now, outcome unknown. */
  | ({ readonly type: 'report.lost'; readonly detail: string } & OfAttempt)
  | ({ readonly type: 'report.stuck'; readonly quietMs: number } & OfAttempt)
  | ({ readonly type: 'report.lease-expired'; readonly quietMs: number } & OfAttempt)
  | ({
      readonly type: 'report.committed'
      readonly commit: CommitId | null
      readonly changed: number
      readonly undeclared: readonly string[]
      /** Content hash of a stored diff of them. */
      readonly patch: string | null
      readonly refused: readonly string[]
      readonly artifacts: string | null
      /** Of the plan's watched globs (`notify_on_change`), those it changed. */
      readonly touched?: readonly string[]
    } & OfAttempt)
  /** It wrote what it may not write. */
  | ({
      readonly type: 'report.strayed'
      readonly paths: readonly string[]
      /** False where it could write around whatever holds it. */
      readonly isolated: boolean
    } & OfAttempt)
  | ({
      readonly type: 'report.set-aside'
      /** Which one of the attempt, from 1. */
      readonly count: number
      readonly commit: string | null
      readonly patch: string | null
      readonly paths: readonly string[]
      readonly left: readonly { readonly path: string; readonly reason: string }[]
    } & OfAttempt)
  | ({ readonly type: 'report.put-back' } & OfAttempt)
  | ({ readonly type: 'report.merged'; readonly tip: CommitId } & OfAttempt)
  /** A merge check is over: `from` is the tip it began from, `to` what was checked. */
  | {
      readonly type: 'report.check-ended'
      readonly run: RunId
      readonly check: number
      readonly result: 'passed' | 'failed' | 'lost'
      readonly from: CommitId
      readonly to: CommitId
      readonly detail: string
    }
  | {
      readonly type: 'report.check-conflict'
      readonly run: RunId
      readonly check: number
      readonly task: number
      readonly files: readonly string[]
    }
  | {
      readonly type: 'report.advanced'
      readonly run: RunId
      readonly check: number
      readonly tip: CommitId
    }
  | ({ readonly type: 'report.merge-conflict'; readonly files: readonly string[] } & OfAttempt)
  | {
      readonly type: 'report.applied'
      readonly run: RunId
      readonly branch: string
      readonly commit: CommitId
      /** Where its branch stood before, kept in the hub; null where there was nothing before. */
      readonly before?: CommitId | null
    }
  | {
      readonly type: 'report.apply-refused'
      readonly run: RunId
      readonly reason: string
      readonly remedy: string
    }
  | { readonly type: 'report.discarded'; readonly run: RunId }
  /** Ended with nothing more to say (pause, resume, stop). */
  | ({ readonly type: 'report.effect-done'; readonly effect: EffectType } & OfAttempt)
  | {
      readonly type: 'report.effect-failed'
      readonly effect: EffectType
      readonly run: RunId
      readonly task: number | null
      readonly attempt: number | null
      /** The number of the evaluation, of `gate.evaluate`. */
      readonly gate?: number
      readonly error: string
      readonly remedy: string
      /** True: trying again cannot help. False: it is being tried again. */
      readonly permanent: boolean
    }
  | ({
      readonly type: 'report.validated'
      readonly handoff: string
      readonly checks: readonly HandoffCheck[]
    } & OfAttempt)
  | ({
      readonly type: 'report.checkpointed'
      readonly commit: CommitId | null
      readonly error: string | null
    } & OfAttempt)
  /** Somebody who looks on saw two in each other's way; `hold`: who stands still for it meanwhile. */
  | ({
      readonly type: 'report.conflict'
      readonly project: ProjectId
      readonly hold?: readonly string[]
    } & FoundConflict)
  /** It is not seen any more. */
  | {
      readonly type: 'report.conflict-gone'
      readonly project: ProjectId
      readonly conflict: string
      readonly detail: string
    }
  /** All conflicts that are foreseen in a project now; of `unknown` parties nothing could be said. */
  | {
      readonly type: 'report.predicted'
      readonly project: ProjectId
      readonly foreseen: readonly Foreseen[]
      readonly unknown: readonly (readonly string[])[]
    }
  /** The outcome of a settled conflict was looked at in git. */
  | {
      readonly type: 'report.conflict-verified'
      readonly project: ProjectId
      readonly conflict: string
      readonly clean: boolean
      readonly detail: string
    }
  | IncidentReport
  | RegisteredReport
  | PointReport
  | GateReport
  | HealthReport
  | TargetHealthReport
  | LetGoReport
  | ScheduleReport
  | { readonly type: 'timer.fired'; readonly timer: Timer }

/** A moment the engine must look again. Late firing is harmless, `decide` checks whether it still matters. */
export type Timer =
  | { readonly kind: 'runtime'; readonly run: RunId; readonly task: number; readonly attempt: number }
  | { readonly kind: 'p0'; readonly run: RunId; readonly task: number; readonly attempt: number }
  | { readonly kind: 'retry'; readonly run: RunId; readonly task: number }
  | { readonly kind: 'due'; readonly run: RunId; readonly task: number }
  | {
      readonly kind: 'need'
      readonly run: RunId
      readonly task: number
      readonly need: number
      readonly soft: boolean
    }
  | {
      readonly kind: 'conflict'
      readonly project: ProjectId
      readonly conflict: string
      readonly level: number
    }
  | TalkTimer
  | IncidentTimer
  | RegisteredTimer

export type Command = ClientCommand | AgentCommand | Report

/** A command on its way to `decide`. Ids, time and randomness enter here and nowhere later. */
export interface CommandEnvelope {
  readonly id: CommandId
  readonly correlation: CommandId
  /** `person:<name>`, `engine`, `agent:<name>`, `schedule`. */
  readonly actor: string
  readonly command: Command
}

/** `decide`'s answer to a command it does not carry out. */
export interface Rejection {
  readonly rejected: RejectionCode
  /** In words, naming what is in the way. */
  readonly reason: string
}

/** `forbidden`: the sender may not, whoever else may; `stale`: it is about something that is over. */
export type RejectionCode = 'unknown' | 'invalid' | 'forbidden' | 'not-now' | 'stale'

/** What a sender is told beside that its command was carried out. */
export interface Answer {
  readonly message?: number
  readonly handoff?: string
  readonly ballot?: string
  /** The id of an agent started by hand. */
  readonly agent?: string
  /** Why it was not done, where the refusal itself is on record. */
  readonly refused?: string
  /** `i27` */
  readonly incident?: string
}

export type Outcome =
  | { readonly ok: true; readonly seq: number; readonly answer?: Answer }
  | ({ readonly ok: false } & Rejection)
