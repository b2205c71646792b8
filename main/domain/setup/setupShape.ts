import { z } from 'zod'
import type { Playbook } from '../incidents/playbook.ts'
import type { IncidentPolicy } from '../incidents/policy.ts'
import { SEVERITIES } from '../incidents/policy.ts'
import { phaseShape, planBaseShape, taskShape } from '../planShape.ts'
import { targetShape } from '../targets/targetShape.ts'
import type { ProjectSetup } from './setup.ts'

/** What the engine keeps of a project's file, as it may come from another process. */
const text = z.string()
const ms = z.number().min(0)
const share = z.number().min(0).max(1)
const severity = z.enum(SEVERITIES)
const sign = { check: text.nullable(), says: z.array(text) }
const weighted = z.object({ ...sign, weight: share })
const act = z.discriminatedUnion('do', [
  z.object({ do: z.literal('rollback') }),
  z.object({ do: z.literal('restart') }),
  z.object({ do: z.literal('epic'), epic: text }),
  z.object({ do: z.literal('task'), task: taskShape }),
])

const playbook = z.object({
  name: text,
  title: text,
  match: z.object({
    severity: z.array(severity).nullable(),
    labels: z.record(text, text),
    target: z.array(text).nullable(),
  }),
  broadcast: z.boolean(),
  checks: z.array(taskShape),
  diagnosis: z.array(
    z.object({
      cause: text,
      title: text,
      needs: z.array(z.object(sign)),
      signs: z.array(weighted),
      against: z.array(weighted),
    }),
  ),
  remedies: z.array(
    z.object({
      cause: text.nullable(),
      title: text,
      act,
      approval: z.enum(['person', 'automatic']),
      irreversible: z.array(text),
    }),
  ),
  verify: z.array(taskShape),
  enough: share,
} satisfies Record<keyof Playbook, z.ZodType>)

const level = z.object({ description: text, responseMs: ms, authority: text, coordination: text })

export const setupShape = z.object({
  runner: text.min(1),
  base: planBaseShape,
  targets: z.array(targetShape),
  people: z.record(text, text),
  incidents: z.object({
    levels: z.object({ P0: level, P1: level, P2: level }),
    playbooks: z.array(playbook),
    stormMs: ms,
    reopenMs: ms,
    severities: z.record(text, severity),
    targetLabels: z.array(text),
  } satisfies Record<keyof IncidentPolicy, z.ZodType>),
  epics: z.array(z.object({ id: text, title: text, phases: z.array(phaseShape), tasks: z.array(taskShape) })),
} satisfies Record<keyof ProjectSetup, z.ZodType>)
