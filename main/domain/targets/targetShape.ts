import { z } from 'zod'
import { imageShape, resourcesShape } from '../imageShape.ts'
import {
  INSPECTIONS,
  type PlaceCommands,
  type PointPolicy,
  type ServiceSpec,
  type TargetSpec,
  type VerifySpec,
} from './target.ts'

/** Targets of a plan, and what is done there, as they may come from another process. */
type Shape<T> = Record<keyof T, z.ZodType>
const text = z.string()
const ms = z.number().min(0)
const port = z.int().min(1).max(65_535)
const httpUrl = text.regex(/^https?:\/\//).nullable()
/** Handed to a program as an argument: never to be taken for one of its options. */
const argument = text.regex(/^[A-Za-z0-9_./@:][A-Za-z0-9_.,/@:=+-]*$/)
/** Relative to the repository's root, and inside of it. */
const inside = text.min(1).refine((path) => !path.startsWith('/') && !path.split('/').includes('..'))

const service = z.object({
  port,
  env: z.record(text, text),
  health: z.object({ path: text, intervalMs: ms, timeoutMs: ms, withinMs: ms }),
  internet: z.boolean(),
  writable: z.boolean(),
  resources: resourcesShape,
} satisfies Shape<ServiceSpec>)

const commands = z.object({
  deploy: text,
  rollback: text.nullable(),
  restart: text.nullable(),
  health: text.nullable(),
  takeDown: text.nullable().optional(),
} satisfies Shape<PlaceCommands>)

const place = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('docker'), strategy: z.enum(['blue-green', 'recreate']), port, service }),
  z.object({
    kind: z.literal('compose'),
    file: inside,
    service: argument,
    imageVariable: text.regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
    url: httpUrl,
  }),
  z.object({
    kind: z.literal('ssh'),
    host: argument,
    commands,
    url: httpUrl,
  }),
  z.object({
    kind: z.literal('kubectl'),
    context: argument.nullable(),
    namespace: argument,
    workload: argument,
    container: argument,
    url: httpUrl,
  }),
  z.object({
    kind: z.literal('helm'),
    context: argument.nullable(),
    namespace: argument,
    release: argument,
    chart: argument,
    imageValue: argument,
    url: httpUrl,
  }),
])

export const targetShape = z.object({
  name: text.min(1).max(64),
  title: text,
  place,
  database: z
    .object({
      kind: z.enum(['postgres', 'sqlite', 'hook']),
      name: text.min(1),
      hook: z.object({ dump: text, restore: text }).nullable(),
    })
    .nullable(),
  verify: z.object({
    paths: z.array(text),
    run: text.nullable(),
    image: imageShape.nullable(),
    settleMs: ms,
    timeoutMs: ms,
    onFailure: z.enum(['back', 'stay']),
  } satisfies Shape<VerifySpec>),
  points: z.object({
    keep: z.int().min(1),
    maxAgeMs: ms.nullable(),
    test: text.nullable(),
    timeZone: text.optional(),
    remote: text.regex(/^[^:,-][^:,]*:/).nullable(),
    aside: z.object({ keep: z.int().min(0), maxAgeMs: ms }).optional(),
  } satisfies Shape<PointPolicy>),
  gates: z.array(text),
  envFiles: z.array(inside),
} satisfies Shape<TargetSpec>)

/** Those a project file can ask for; what a rollback is made of comes with `rollback.start`, and from nobody else. */
export const actionShape = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('deploy'),
    from: z.union([z.object({ image: text.regex(/^[A-Za-z0-9]/) }), z.object({ build: inside })]),
    version: text,
  }),
  z.object({ do: z.literal('migrate'), run: text }),
  z.object({ do: z.literal('point'), name: text.nullable() }),
  z.object({ do: z.literal('verify') }),
  z.object({ do: z.literal('restart') }),
  z.object({ do: z.literal('inspect'), what: z.enum(INSPECTIONS) }),
])
