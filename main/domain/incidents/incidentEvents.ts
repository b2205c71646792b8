import { z } from 'zod'
import type { ProjectSetup } from '../setup/setup.ts'
import {
  type AlertView,
  type Cause,
  type Choice,
  type Finding,
  type FollowUp,
  INCIDENT_STATES,
  MOMENT_KINDS,
  SOURCE_KINDS,
} from './incident.ts'
import type { Playbook } from './playbook.ts'
import { type IncidentLevel, SEVERITIES } from './policy.ts'

/** What happens to a project's incidents. Who did it is the event's actor. */
const id = z.string()
const run = z.string()
const severity = z.enum(SEVERITIES)
const level = shape<IncidentLevel>()
const source = z.object({ kind: z.enum(SOURCE_KINDS), ref: z.string() })
const names = z.array(z.string())

function shape<T>() {
  return z.custom<T>((value) => typeof value === 'object' && value !== null)
}

export const INCIDENT_EVENTS = [
  /** The project's file was read: what the engine needs of it to start runs of its own. */
  z.object({ type: z.literal('project.configured'), setup: shape<ProjectSetup>() }),
  z.object({
    type: z.literal('incident.opened'),
    id,
    severity,
    level,
    title: z.string(),
    text: z.string(),
    target: z.string().nullable(),
    labels: z.record(z.string(), z.string()),
    group: z.string().nullable(),
    source,
    lead: z.string().nullable(),
    playbook: shape<Playbook>().nullable(),
  }),
  /** Alerts that fire anew or are resolved, each told once. */
  z.object({
    type: z.literal('incident.alerted'),
    id,
    group: z.string().nullable(),
    marks: z.array(
      z.object({ fingerprint: z.string(), startsAt: z.number(), endsAt: z.number().nullable() }),
    ),
    /** The newest of them in full, or those shown before that were resolved. */
    shown: z.array(shape<AlertView>()),
  }),
  /** The same trouble was seen from elsewhere. */
  z.object({ type: z.literal('incident.seen-again'), id, source, text: z.string() }),
  z.object({ type: z.literal('incident.worsened'), id, severity, level, text: z.string() }),
  z.object({ type: z.literal('incident.targeted'), id, target: z.string() }),
  z.object({ type: z.literal('incident.called'), id, whom: z.string(), why: z.string() }),
  z.object({ type: z.literal('incident.overdue'), id }),
  z.object({ type: z.literal('incident.acknowledged'), id, by: z.string() }),
  z.object({ type: z.literal('incident.commanded'), id, by: z.string() }),
  z.object({ type: z.literal('incident.commented'), id, by: z.string(), text: z.string() }),
  /** Something for the timeline that changes nothing else. */
  z.object({ type: z.literal('incident.noted'), id, kind: z.enum(MOMENT_KINDS), text: z.string() }),
  z.object({ type: z.literal('incident.checking'), id, run: run.nullable(), leftOut: names }),
  z.object({ type: z.literal('incident.found'), id, finding: shape<Finding>() }),
  z.object({
    type: z.literal('incident.diagnosed'),
    id,
    causes: z.array(shape<Cause>()),
    choices: z.array(shape<Choice>()),
    lead: z.string().nullable(),
  }),
  z.object({
    type: z.literal('incident.decided'),
    id,
    choice: z.string(),
    point: z.string().nullable(),
    by: z.string(),
  }),
  z.object({ type: z.literal('incident.mitigating'), id, run: run.nullable(), text: z.string() }),
  /** The remedy is over. */
  z.object({ type: z.literal('incident.mitigated'), id, ok: z.boolean(), detail: z.string() }),
  z.object({ type: z.literal('incident.verifying'), id, run: run.nullable() }),
  z.object({ type: z.literal('incident.verified'), id, ok: z.boolean(), detail: z.string() }),
  z.object({ type: z.literal('incident.resolved'), id, by: z.string(), detail: z.string() }),
  z.object({ type: z.literal('incident.closed'), id, by: z.string(), reason: z.string() }),
  z.object({ type: z.literal('incident.merged'), id, into: id, by: z.string() }),
  z.object({ type: z.literal('incident.reopened'), id, text: z.string() }),
  z.object({
    type: z.literal('incident.reported'),
    id,
    hash: z.string(),
    bytes: z.number(),
    of: z.enum(INCIDENT_STATES),
  }),
  z.object({
    type: z.literal('incident.reviewed'),
    id,
    by: z.string(),
    rootCause: z.string().nullable(),
    impact: z.string().nullable(),
  }),
  z.object({ type: z.literal('incident.follow-up'), id, followUp: shape<FollowUp>() }),
] as const
