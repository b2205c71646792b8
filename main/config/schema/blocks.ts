import { z } from 'zod'
import { parseDuration } from '../../domain/duration.ts'
import { parseSyncPoint } from '../syncPoint.ts'
import { HealthChecks } from './health.ts'
import { Text, Texts, Timeout } from './scalars.ts'

/**
 * The seeds' own configuration blocks: checked for shape here, kept as written, acted on by later parts of the
 * program. The keys are those of the seeds' snippets.
 */

/** A duration with words around it: `Every 4 hours`, `1 day per level`, `Immediate`. */
function worded(pattern: RegExp, example: string) {
  return Text.superRefine((text, context) => {
    const match = pattern.exec(text.trim())
    const duration = match?.[1]
    if (match !== null && (duration === undefined || parseDuration(duration).ok)) return
    context.addIssue({
      code: 'custom',
      message: `${JSON.stringify(text)} is not understood: write for example "${example}"`,
    })
  })
}

const Lock = z.strictObject({
  resource: Text,
  holder: Text.optional(),
  duration: Timeout.optional(),
  auto_release: z.union([z.enum(['on_task_complete']), z.boolean()]).optional(),
  allow_concurrent_reads: z.boolean().optional(),
  write_queue: z.enum(['FIFO', 'priority']).optional(),
  notify_on_change: z
    .array(
      Text.regex(/^[^\s()]+(\s+\([^()]+\))?$/, {
        error: ({ input }) =>
          `${JSON.stringify(input)} is not understood: write for example "TestGuardian (re-run tests)"`,
      }),
    )
    .optional(),
})

const ConflictResolution = z.strictObject({
  strategy: z.enum(['lock-based']).optional(),
  locks: z.array(Lock).optional(),
})

const PIPELINE_STAGES = ['lint', 'test', 'build', 'security', 'deploy', 'report'] as const

const Pipeline = z.strictObject({
  stages: z.array(z.enum(PIPELINE_STAGES)).min(1),
  retry_on_failure: z.union([z.boolean(), z.int().min(0).max(100)]).optional(),
  notify_on_success: z.boolean().optional(),
  notify_on_failure: z.boolean().optional(),
  deploy_environment: Text.optional(),
})

const ConflictLevels = z.strictObject({
  detection: Text.optional(),
  resolution: z.strictObject({ L1: Text.optional(), L2: Text.optional(), L3: Text.optional() }),
  escalation_time: worded(/^immediate(?:ly)?$|^(.*?)(?:\s+per level)?$/i, '4 hours per level').optional(),
})

const Incident = z.strictObject({
  description: Text.optional(),
  response_time: Timeout,
  authority: Text.optional(),
  coordination: Text.optional(),
})

const IncidentLevel = z.string().regex(/^P[0-2](_\w+)?$/, {
  error: ({ input }) =>
    `${JSON.stringify(input)} is not an incident level: they are P0, P1 and P2, as in "P0_critical"`,
})

const Goal = z.union([Text, z.record(Text, Text)])

const SyncTime = Text.superRefine((text, context) => {
  if (parseSyncPoint(text) !== undefined) return
  const message = `${JSON.stringify(text)} is not understood: write for example "09:00 UTC" or "Friday 15:00 UTC"`
  context.addIssue({ code: 'custom', message })
})

const CommunicationEfficiency = z.strictObject({
  batch_updates: z
    .strictObject({
      frequency: worded(/^(?:every\s+)?(.+)$/i, 'Every 4 hours').optional(),
      format: Text.optional(),
    })
    .optional(),
  async_communication: z
    .strictObject({ tools: z.union([Text, Texts]).optional(), response_sla: Timeout.optional() })
    .optional(),
  sync_points: z.record(Text, SyncTime).optional(),
})

export const BLOCKS = {
  conflict_resolution: ConflictResolution,
  health_checks: HealthChecks,
  rules: Texts,
  pipeline: Pipeline,
  blocking_dependencies: z.record(Text, z.strictObject({ blocks: Texts, timeout: Timeout.optional() })),
  non_blocking_dependencies: z.record(Text, z.strictObject({ warns: Texts, timeout: Timeout.optional() })),
  technical_conflicts: ConflictLevels,
  design_conflicts: ConflictLevels,
  priority_conflicts: ConflictLevels,
  ownership_conflicts: ConflictLevels,
  component_gates: z.record(Text, Texts),
  incident_levels: z.record(IncidentLevel, Incident),
  project_goals: z.record(Text, z.array(Goal)),
  communication_efficiency: CommunicationEfficiency,
} as const

export type BlockName = keyof typeof BLOCKS
export const BLOCK_NAMES = Object.keys(BLOCKS) as readonly BlockName[]

/** The orchestrator seed's declaration of what an agent waits for. */
export const Dependencies = z.strictObject({
  dependencies: Texts,
  wait_for_completion: z.boolean().optional(),
})

const Event = z.strictObject({ branches: Texts.optional() }).optional()

/** `project.yml`: which events of a repository start which pipeline. */
export const ProjectRules = z.strictObject({
  project: z.union([Text, z.strictObject({ name: Text, repository: Text.optional() })]),
  on: z.strictObject({ push: Event, pull_request: Event, tag: Event }).optional(),
  pipeline: z.union([Text, Pipeline]).optional(),
  rules: Texts.optional(),
})
