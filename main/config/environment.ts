import type { z } from 'zod'
import type { ImageSpec, Limits, RunnerChoice } from '../domain/project.ts'
import { complaints } from './issues.ts'
import { type Problem, wholeFile } from './problems.ts'
import { LimitsInput, RunnerInput } from './schema/project.ts'
import { Image } from './schema/scalars.ts'

/** Settings of the project file that the environment overrides. An empty variable counts as not set. */

export type Environment = Readonly<Record<string, string | undefined>>

export interface Overrides {
  readonly limits: Partial<Limits>
  readonly runner?: RunnerChoice
  readonly image?: ImageSpec
  readonly problems: readonly Problem[]
}

type LimitKey = keyof typeof LimitsInput.shape

/** The keys of `limits` in the file, and what they are called in the domain. */
export const LIMIT_NAMES = {
  max_concurrent_agents: 'maxConcurrentAgents',
  max_agents_per_file: 'maxAgentsPerFile',
  max_runtime: 'maxRuntimeMs',
  stuck_after: 'stuckAfterMs',
  escalate_p0_after: 'p0EscalateMs',
  stop_grace: 'stopGraceMs',
} as const satisfies Record<LimitKey, keyof Limits>

const LIMIT_KEYS = Object.keys(LIMIT_NAMES) as readonly LimitKey[]

/** A variable for a limit: `AMPHITHEATRE_MAX_RUNTIME`, or the seeds' shorter name where they have one. */
function limitVariables(key: LimitKey): readonly string[] {
  const name = `AMPHITHEATRE_${key.toUpperCase()}`
  return key === 'max_concurrent_agents' ? [name, 'MAX_CONCURRENT_AGENTS'] : [name]
}

export function readOverrides(env: Environment): Overrides {
  const problems: Problem[] = []
  const limits: Partial<Record<keyof Limits, number>> = {}
  for (const key of LIMIT_KEYS) {
    const counts = key === 'max_concurrent_agents' || key === 'max_agents_per_file'
    const value = read(
      env,
      limitVariables(key),
      LimitsInput.shape[key] as z.ZodType<number>,
      counts,
      problems,
    )
    if (value !== undefined) limits[LIMIT_NAMES[key]] = value
  }
  const runner = read(env, ['AMPHITHEATRE_RUNNER'], RunnerInput, false, problems)
  const image = read(env, ['AMPHITHEATRE_IMAGE'], Image, false, problems)
  return {
    limits,
    problems,
    ...(runner === undefined ? {} : { runner }),
    ...(image === undefined ? {} : { image }),
  }
}

/** The first variable that is set; a bad one is a problem that names it. */
function read<T>(
  env: Environment,
  names: readonly string[],
  schema: z.ZodType<T>,
  counts: boolean,
  problems: Problem[],
): T | undefined {
  const name = names.find((candidate) => (env[candidate] ?? '').trim() !== '')
  if (name === undefined) return undefined
  const text = env[name]!.trim()
  const value = counts && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
  const result = schema.safeParse(value)
  if (result.success) return result.data
  for (const complaint of complaints(schema, value)) {
    const shown = JSON.stringify(text)
    const says = complaint.message
    const message = `${name}: ${says.includes(shown) ? says : `${shown} cannot be used: ${says}`}`
    problems.push({ ...wholeFile('environment', message), ...complaint, message, path: name })
  }
  return undefined
}
