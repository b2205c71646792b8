import { z } from 'zod'
import type { ProjectId } from '../ids.ts'
import { LONGEST_GLOB, MOST_DECLARED, nameFault } from './registered.ts'
import { processSchema } from './registeredEvents.ts'

/** What people and agents started by hand ask for. `agent` is what findRegistered understands. */
const project = z
  .string()
  .min(1)
  .transform((value) => value as ProjectId)
const agent = z.string().min(1).max(200)
const path = z.string().min(1).max(4_096)
const globs = z.array(z.string().min(1).max(LONGEST_GLOB)).max(MOST_DECLARED).default([])

export const REGISTERED_COMMANDS = [
  z.object({
    type: z.literal('registered.add'),
    project,
    name: z.string().refine((name) => nameFault(name) === undefined, { error: 'this is no name' }),
    files: globs,
    reads: globs,
    uses: globs,
    priority: z.number().int().min(1).max(5).default(3),
    after: z.array(agent).max(100).default([]),
    waits: z.boolean().default(true),
    /** Whether it is to begin as soon as it can; otherwise it is only declared. */
    start: z.boolean().default(true),
    session: z.string().min(1).max(200).nullable().default(null),
    folder: path,
    process: processSchema.nullable().default(null),
    log: path.nullable().default(null),
    dirty: z.array(path).max(1_000).default([]),
    limitMs: z.number().int().min(1).nullable().default(null),
  }),
  z.object({ type: z.literal('registered.start'), project, agent }),
  z.object({
    type: z.literal('registered.heartbeat'),
    project,
    agent,
    process: processSchema.nullable().default(null),
  }),
  z.object({
    type: z.literal('registered.complete'),
    project,
    agent,
    commit: z.string().max(64).nullable().default(null),
    /** The fencing token its commit was made under; null where none was made. */
    token: z.number().int().nullable().default(null),
  }),
  z.object({ type: z.literal('registered.stop'), project, agent, force: z.boolean().default(false) }),
  /** Paths that were seen to be changed where it works. */
  z.object({
    type: z.literal('registered.wrote'),
    project,
    agent,
    files: z.array(path).max(10_000),
  }),
  /** Takes its locks, and so ends it. */
  z.object({ type: z.literal('registered.release'), project, agent }),
  /** Ends all of a project. */
  z.object({ type: z.literal('registered.reset'), project }),
] as const

/** What the engine sees of their processes. */
export type RegisteredReport =
  | { readonly type: 'report.registered-alive'; readonly project: ProjectId; readonly agent: string }
  | { readonly type: 'report.registered-gone'; readonly project: ProjectId; readonly agent: string }
  | { readonly type: 'report.registered-signalled'; readonly project: ProjectId; readonly agent: string }

/** A moment at which one that is at work may be out of its time. */
export interface RegisteredTimer {
  readonly kind: 'registered-lease' | 'registered-limit'
  readonly project: ProjectId
  readonly agent: string
}
