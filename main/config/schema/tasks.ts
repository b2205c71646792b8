import { z } from 'zod'
import { NETWORK_POLICIES, ON_LOST, TASK_KINDS } from '../../domain/project.ts'
import { PORT } from '../ports.ts'
import { GateNames } from './gates.ts'
import {
  Duration,
  EnvName,
  EnvValue,
  Glob,
  Image,
  Memory,
  Name,
  Resource,
  Text,
  Texts,
  Timeout,
} from './scalars.ts'
import { DOINGS, Services } from './targets.ts'

/** Tasks, phases and epics as they are written. What they say about each other is checked elsewhere. */

const Need = z.union([z.string(), z.strictObject({ task: z.string(), timeout: Timeout.optional() })])

const Retry = z
  .union([
    z.int().min(0).max(100),
    z
      .strictObject({
        retries: z.int().min(0).max(100),
        delay: Duration.optional(),
        max_delay: Duration.optional(),
        jitter: z.number().min(0).max(1).optional(),
      })
      .refine(({ delay = 0, max_delay = Number.POSITIVE_INFINITY }) => delay <= max_delay, {
        error: '"max_delay" is shorter than "delay"',
      }),
  ])
  .meta({ description: 'Further attempts after the first: 1 is two attempts in all.' })

/** One at a time, or with others that share it; `port` is one of the project's range, in a variable. */
const Use = z.union([
  Resource,
  z
    .strictObject({
      resource: Resource,
      shared: z.boolean().optional(),
      env: EnvName.optional().meta({
        description: 'The variable a leased port is put into; PORT unless set.',
      }),
    })
    .refine(({ resource, env }) => env === undefined || resource === PORT, {
      error: '"env" is for the resource "port"',
    })
    .refine(({ resource, shared }) => shared !== true || resource !== PORT, {
      error: 'a leased port is not shared',
    }),
])

const Resources = z.strictObject({
  cpus: z.number().min(0.01).max(1024).optional(),
  memory: Memory.optional(),
  pids: z.int().min(8).max(4_194_304).optional(),
})

export const Task = z
  .strictObject({
    id: Name,
    title: Text.optional(),
    agent: Text.optional().meta({ description: 'The role that does it.' }),
    skills: Texts.optional().meta({ description: 'Without an agent: any role with these does it.' }),
    run: Text.optional().meta({ description: 'Shell command; may read outputs of tasks before it.' }),
    target: Text.optional().meta({ description: 'Where it releases, migrates or looks.' }),
    version: Text.max(100)
      .optional()
      .meta({ description: 'Of what is deployed; the tag or commit unless set.' }),
    do: z
      .enum(DOINGS)
      .optional()
      .meta({ description: 'What the engine does at the target itself: verify, restart, or look.' }),
    services: Services.optional().meta({ description: 'Run beside it, reachable by their names.' }),
    kind: z.enum(TASK_KINDS).optional().meta({ description: 'What it does to the world.' }),
    env: z.record(EnvName, EnvValue).optional(),
    image: Image.optional(),
    network: z.enum(NETWORK_POLICIES).optional(),
    workspace: z.enum(['repo', 'none']).optional(),
    needs: z.array(Need).optional().meta({ description: 'Tasks that must be completed first.' }),
    needs_soft: z.array(Need).optional().meta({ description: 'Tasks that only warn when late or failed.' }),
    reads: z.array(Glob).optional().meta({ description: 'What nobody may change meanwhile.' }),
    writes: z
      .array(Glob)
      .optional()
      .meta({ description: 'What it may change; without it nothing is committed.' }),
    uses: z
      .array(Use)
      .optional()
      .meta({ description: 'What git cannot see and others may not use meanwhile.' }),
    priority: z.int().min(0).max(5).optional().meta({ description: '0 first, 5 last.' }),
    points: z.number().min(0).max(10_000).optional(),
    due: Timeout.optional().meta({ description: 'From the start of the run.' }),
    timeout: Timeout.optional().meta({ description: 'Running time after which it is terminated.' }),
    retry: Retry.optional(),
    allow_failure: z.boolean().optional(),
    irreversible: Text.optional().meta({
      description: 'What it does that no rollback takes back, in words: "mails every customer".',
    }),
    on_lost: z.enum(ON_LOST).optional().meta({ description: 'When a crash leaves its outcome unknown.' }),
    resources: Resources.optional(),
    gates: GateNames.optional().meta({
      description: 'Before its work is merged; of a deploy task, before it starts.',
    }),
    count: z.int().min(1).max(1000).optional().meta({ description: 'Runs as ID-1 to ID-n.' }),
  })
  .meta({ id: 'Task' })

const Tasks = z.array(Task).min(1)

export const Phase = z.strictObject({
  name: Text.max(100),
  parallel: Tasks.optional(),
  sequential: Tasks.optional().meta({ description: 'Each needs the one before.' }),
  tasks: Tasks.optional().meta({ description: 'Ordered by needs only.' }),
  gates: GateNames.optional().meta({ description: 'Before the next phase begins.' }),
})

export const Epic = z.strictObject({ title: Text.optional(), phases: z.array(Phase).min(1) })
export const Epics = z.record(Name, Epic)

export type TaskInput = z.output<typeof Task>
export type EpicInput = z.output<typeof Epic>
export type NeedInput = z.output<typeof Need>
