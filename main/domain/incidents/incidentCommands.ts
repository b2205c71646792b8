import { z } from 'zod'
import type { ProjectId } from '../ids.ts'
import { looking } from '../planShape.ts'
import type { ProjectSetup } from '../setup/setup.ts'
import { setupShape } from '../setup/setupShape.ts'
import { SEVERITIES } from './policy.ts'

/** What people and clients ask for; `incident` is its name, `i27`. */
const project = z
  .string()
  .min(1)
  .transform((value) => value as ProjectId)
const incident = z.string().regex(/^i\d+$/, 'an incident is named like i27')
const words = z.string().trim().min(1).max(16_000)
const line = z.string().trim().min(1).max(500)

/** An alert as it came, in one shape whoever sent it. Times in ms since 1970. */
const alertSchema = z.object({
  fingerprint: z.string().min(1).max(200),
  status: z.enum(['firing', 'resolved']),
  name: z.string().max(200),
  summary: z.string().max(500),
  labels: z.record(z.string(), z.string()),
  url: z.string().max(1_000).nullable(),
  /** What its sender takes together. */
  group: z.string().max(500),
  startsAt: z.number(),
  endsAt: z.number().nullable(),
})
export type IncomingAlert = z.infer<typeof alertSchema>

/** Of one command; who receives more at once sends several. */
export const MOST_ALERTS = 1_000

export const incidentDraftSchema = z.object({
  severity: z.enum(SEVERITIES),
  title: line,
  text: z.string().trim().max(16_000).default(''),
  target: z.string().min(1).max(64).nullable().default(null),
})

export const INCIDENT_COMMANDS = [
  z.object({
    type: z.literal('project.configure'),
    project,
    setup: looking<ProjectSetup>(setupShape),
  }),
  z.object({
    type: z.literal('alerts.receive'),
    project,
    /** `alertmanager`, `grafana`. */
    from: z.string().min(1).max(64),
    alerts: z.array(alertSchema).min(1).max(MOST_ALERTS),
  }),
  z.object({ type: z.literal('incident.open'), project, incident: incidentDraftSchema }),
  z.object({ type: z.literal('incident.acknowledge'), project, incident }),
  /** Takes command. */
  z.object({ type: z.literal('incident.command'), project, incident }),
  z.object({ type: z.literal('incident.comment'), project, incident, text: words }),
  /** It is the same trouble as `into`, which goes on. */
  z.object({ type: z.literal('incident.merge'), project, incident, into: incident }),
  /**
   * What is to be done: one of its choices; `fix-forward`: people mend it; `fixed`: they have; `check`: look again.
   * `point` is what a rollback goes back to; the last good one where it is missing.
   */
  z.object({
    type: z.literal('incident.decide'),
    project,
    incident,
    choice: line,
    point: z.string().min(1).max(64).optional(),
  }),
  z.object({
    type: z.literal('incident.close'),
    project,
    incident,
    reason: z.string().trim().max(2_000).default(''),
  }),
  /** What is known afterwards: any of the cause, the impact, a prevention to track, a follow-up that is done. */
  z.object({
    type: z.literal('incident.review'),
    project,
    incident,
    rootCause: words.optional(),
    impact: words.optional(),
    prevention: line.optional(),
    done: z
      .string()
      .regex(/^f\d+$/)
      .optional(),
  }),
] as const

/** What the engine's own parts tell. */
export type IncidentReport =
  /** The report of an incident in that state was written. */
  {
    readonly type: 'report.incident-report'
    readonly project: ProjectId
    readonly incident: string
    readonly of: 'resolved' | 'closed'
    readonly hash: string
    readonly bytes: number
  }

export interface IncidentTimer {
  readonly kind: 'incident-response'
  readonly project: ProjectId
  readonly incident: string
  /** Of which beginning: one that was opened again has its time anew. */
  readonly since: number
}
