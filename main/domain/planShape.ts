import { z } from 'zod'
import { CONFLICT_KINDS } from './conflicts/conflict.ts'
import { PREDICTION_ACTIONS } from './conflicts/prediction.ts'
import { gateShape } from './gates/gateShape.ts'
import { MEASURES } from './health/policy.ts'
import { NAME_PATTERN } from './ids.ts'
import { imageShape, resourcesShape } from './imageShape.ts'
import type { Plan } from './plan.ts'
import { NETWORK_POLICIES, ON_LOST, PHASE_MODES, type Role, TASK_KINDS, type TaskSpec } from './project.ts'
import { RULE_NAMES } from './rules/rule.ts'
import { STRAY_POLICIES } from './strays/stray.ts'
import type { Communication } from './talk/talk.ts'
import { actionShape, targetShape } from './targets/targetShape.ts'

/**
 * Plans as they may come from another process. Whatever gets into the log has to be read for ever, by code that trusts
 * its types: here is where they are looked at. Only looked at: what is taken is what came, unchanged.
 */
type Shape<T> = Record<keyof T, z.ZodType>

const text = z.string()
const count = z.int().min(0)
const ms = z.number().min(0)
const name = text.regex(NAME_PATTERN)
const lock = z.object({
  kind: z.enum(['files', 'resource']),
  on: text,
  mode: z.enum(['exclusive', 'shared']),
  fifo: z.boolean().optional(),
  writes: z.boolean().optional(),
})
const needs = z.array(z.object({ task: name, timeoutMs: ms.nullable() }))
const retry = z.object({ retries: count, delayMs: ms, maxDelayMs: ms, jitter: z.number().min(0).max(1) })
const beside = z.object({
  name: text.min(1),
  image: imageShape.nullable(),
  env: z.record(text, text),
  health: text.nullable(),
})

export const taskShape = z.object({
  id: name,
  title: text,
  phase: count,
  kind: z.enum(TASK_KINDS),
  role: name.nullable(),
  skills: z.array(text),
  run: text,
  env: z.record(text, text),
  image: imageShape.nullable(),
  network: z.enum(NETWORK_POLICIES),
  workspace: z.enum(['repo', 'none']),
  needs,
  needsSoft: needs,
  reads: z.array(text),
  writes: z.array(text),
  uses: z.array(lock).optional(),
  sharesWrites: z.boolean().optional(),
  ports: z.array(text).optional(),
  target: text.min(1).optional(),
  gates: z.array(text).optional(),
  action: actionShape.optional(),
  services: z.array(beside).optional(),
  irreversible: text.optional(),
  priority: z.int().min(0).max(5),
  points: z.number().nullable(),
  dueMs: ms.nullable(),
  timeoutMs: ms.nullable(),
  retry,
  allowFailure: z.boolean(),
  onLost: z.enum(ON_LOST),
  resources: resourcesShape,
} satisfies Shape<TaskSpec>)

const role = z.object({
  name,
  id: text.nullable(),
  title: text,
  responsibilities: z.array(text),
  skills: z.array(text),
  tier: z.number().nullable(),
  authority: text.nullable(),
  ownership: z.array(text),
  dependencies: z.array(text),
  communication: z.array(text),
  capacity: z.number().nullable(),
  image: imageShape.nullable(),
} satisfies Shape<Role>)

const communication = z.object({
  responseSlaMs: ms,
  acknowledgeMs: ms,
  digestMs: ms.nullable(),
  syncPoints: z.array(
    z.object({ name: text, weekday: z.int().min(0).max(6).nullable(), minute: z.int().min(0).max(1_439) }),
  ),
  checks: z.record(text, text),
  checkTimeoutMs: ms,
} satisfies Shape<Communication>)

const limits = z.object({
  maxConcurrentAgents: count,
  maxAgentsPerFile: count,
  maxRuntimeMs: ms,
  stuckAfterMs: ms,
  p0EscalateMs: ms,
  stopGraceMs: ms,
})
export const phaseShape = z.object({
  name: text,
  mode: z.enum(PHASE_MODES),
  gates: z.array(text).optional(),
})
const conflicts = z.partialRecord(
  z.enum(CONFLICT_KINDS),
  z.object({ authorities: z.tuple([text, text, text]), slaMs: ms }),
)
const lockRule = z.object({
  kind: z.enum(['files', 'resource']),
  on: text,
  fifo: z.boolean(),
  sharedReads: z.boolean(),
  leaseMs: ms.nullable(),
  notify: z.array(z.object({ role: text, action: text.nullable() })),
})
const port = z.int().min(1).max(65_535)
const mergeCheck = z.object({
  run: text,
  image: imageShape.nullable(),
  network: z.enum(NETWORK_POLICIES),
  timeoutMs: ms,
})
const threshold = z.object({
  measure: z.enum(MEASURES),
  bad: z.enum(['above', 'below']),
  limit: z.number(),
  wellAt: z.number(),
  rounds: count,
  least: count,
})
const health = z.object({
  intervalMs: ms,
  windowMs: ms,
  thresholds: z.array(threshold),
  fewerAgents: z.boolean(),
  flapping: z.object({ times: count, withinMs: ms }).nullable(),
  otherAgent: z.boolean(),
})
const prediction = z.object({
  action: z.enum(PREDICTION_ACTIONS),
  reorder: z.boolean().optional(),
  reorderFrom: z.number().optional(),
})

/** What all runs of a project have. */
const ofProject = {
  image: imageShape,
  limits,
  roles: z.array(role),
  communication: communication.optional(),
  conflicts: conflicts.optional(),
  rules: z.array(z.object({ name: z.enum(RULE_NAMES), sentence: text, afterMs: ms.nullable() })).optional(),
  lockRules: z.array(lockRule).optional(),
  prediction: prediction.optional(),
  ports: z.object({ from: port, to: port }).optional(),
  merge: z.object({ check: mergeCheck, batch: z.int().min(1) }).optional(),
  gates: z.array(gateShape).optional(),
  strays: z.enum(STRAY_POLICIES).optional(),
  health: health.optional(),
  rollback: z.never({ error: 'going back is ordered with rollback.start' }).optional(),
  recheck: z.never({ error: 'the engine alone checks again what it put back' }).optional(),
}
export const planBaseShape = z.object(ofProject)

export const planShape = z.object({
  ...ofProject,
  epic: name,
  title: text,
  phases: z.array(phaseShape),
  tasks: z.array(taskShape),
  targets: z.array(targetShape).optional(),
} satisfies Shape<Plan>)

const MOST_TOLD = 3

/** Looks at a value and takes it as it is; the first things that are wrong are told with their places. */
export function looking<T>(shape: z.ZodType): z.ZodType<T> {
  return z.custom<T>().superRefine((value, context) => {
    const { error } = shape.safeParse(value)
    for (const { path, message } of error?.issues.slice(0, MOST_TOLD) ?? [])
      context.addIssue({ code: 'custom', path: [...path], message })
  })
}
