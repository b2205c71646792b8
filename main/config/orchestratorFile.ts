import { z } from 'zod'
import { CONFLICT_ACTIONS, CONFLICT_CAUSES, CONFLICT_KINDS } from '../domain/conflicts/conflict.ts'
import { AGENT_STATES } from '../domain/states.ts'
import { globFault } from './globs.ts'
import { AgentName, Resource } from './schema/scalars.ts'

/**
 * `orchestrator.json`: who is at work in a project, who holds what, who is in whose way and who comes after whom. It is
 * written for others to read; of one that is read, the agents count. docs/by-hand.md describes it.
 */
export const ORCHESTRATOR_VERSION = '1.0.0'
/** Its name, at the root of a repository, unless another is given. */
export const ORCHESTRATOR_FILE = 'orchestrator.json'

const Glob = z.string().refine((glob) => globFault(glob) === undefined, {
  error: ({ input }) => globFault(String(input)) ?? 'this is no glob',
})
const globs = z.array(Glob).max(200).default([])
const text = z.string().min(1)

/** `dependencies` and `wait_for_completion` are the words of the dependencies file. */
const OrchestratorAgent = z.object({
  id: text.optional(),
  name: AgentName,
  files: globs,
  reads: globs,
  uses: z.array(Resource).max(200).default([]),
  priority: z.int().min(1).max(5).default(3),
  dependencies: z.array(text).max(100).default([]),
  wait_for_completion: z.boolean().default(true),
  session: text.nullable().default(null),
  state: z.enum(AGENT_STATES).optional(),
  kind: z.enum(['by-hand', 'run']).default('by-hand'),
  folder: text.optional(),
  registered_at: text.nullable().optional(),
  started_at: text.nullable().optional(),
})

const Held = z.object({
  agent: text,
  kind: z.enum(['files', 'resource']),
  on: text,
  mode: z.enum(['exclusive', 'shared']),
  since: text,
  /** Null: it waits for it. */
  token: z.int().nullable(),
})

const OrchestratorConflict = z.object({
  id: text,
  cause: z.enum(CONFLICT_CAUSES),
  kind: z.enum(CONFLICT_KINDS),
  agents: z.array(text),
  files: z.array(text),
  text: z.string(),
  since: text,
  recommendation: z.enum(CONFLICT_ACTIONS),
  resolution: z.enum(CONFLICT_ACTIONS).nullable(),
})

const Orchestrator = z.object({
  version: z.string().regex(/^1\./, 'this program reads version 1').default(ORCHESTRATOR_VERSION),
  project: z.object({ id: text, name: text }).optional(),
  exported_at: text.optional(),
  agents: z.array(OrchestratorAgent).max(200),
  locks: z.array(Held).default([]),
  waiting: z.array(Held).default([]),
  conflicts: z.array(OrchestratorConflict).default([]),
  dependencies: z.record(text, z.array(text)).default({}),
})

export type OrchestratorFile = z.output<typeof Orchestrator>

export type OrchestratorResult =
  | { readonly ok: true; readonly file: OrchestratorFile }
  | { readonly ok: false; readonly problems: readonly string[] }

/** What is wrong is told with its place: `agents[2].files[0]: …`. */
export function parseOrchestrator(content: string): OrchestratorResult {
  let json: unknown
  try {
    json = JSON.parse(content)
  } catch (error) {
    return { ok: false, problems: [`it is not JSON: ${(error as Error).message}`] }
  }
  const parsed = Orchestrator.safeParse(json)
  if (parsed.success) return { ok: true, file: parsed.data }
  const place = (path: readonly PropertyKey[]): string =>
    path
      .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
      .join('')
      .replace(/^\./, '')
  const told = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${place(path)}: ${message}`,
  )
  return { ok: false, problems: told }
}
