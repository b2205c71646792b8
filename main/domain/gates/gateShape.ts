import { z } from 'zod'
import { imageShape } from '../imageShape.ts'
import { NETWORK_POLICIES } from '../project.ts'
import { FINDING_TOOLS, type GateSpec, SEVERITIES } from './gate.ts'

/** Gates of a plan as they may come from another process. */
const text = z.string()
const percent = z.number().min(0).max(100)
const approvers = z.object({ authority: text, people: z.array(text).nullable() })
const reports = { title: text, reports: z.array(text).min(1) }

const condition = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('junit'),
    ...reports,
    minTests: z.int().min(0),
    mayDrop: z.number().nullable(),
  }),
  z.object({
    kind: z.literal('coverage'),
    ...reports,
    format: z.enum(['lcov', 'cobertura']),
    floors: z.object({
      lines: percent.optional(),
      branches: percent.optional(),
      functions: percent.optional(),
    }),
    mayDrop: z.number().nullable(),
  }),
  z.object({ kind: z.enum(FINDING_TOOLS), ...reports, failOn: z.enum(SEVERITIES) }),
  z.object({ kind: z.enum(['files', 'absent']), title: text, globs: z.array(text).min(1) }),
  z.object({
    kind: z.literal('contains'),
    title: text,
    file: text,
    wanted: z.union([z.object({ text }), z.object({ pattern: text })]),
  }),
  z.object({
    kind: z.literal('command'),
    title: text,
    run: text,
    image: imageShape.nullable(),
    network: z.enum(NETWORK_POLICIES),
    timeoutMs: z.number().min(0),
  }),
  z.object({ kind: z.literal('approval'), title: text, by: approvers, quorum: z.int().min(1) }),
])

export const gateShape = z.object({
  name: text.min(1),
  title: text,
  conditions: z.array(condition),
  maySkip: approvers.nullable(),
} satisfies Record<keyof GateSpec, z.ZodType>)
