import { resolve } from 'node:path'
import { globFault } from '../../config/globs.ts'
import { spawnPlan } from '../../desk/spawnPlan.ts'
import { parseDuration } from '../../domain/duration.ts'
import type { NetworkPolicy } from '../../domain/project.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import type { ExitCode } from '../exitCodes.ts'
import { loadOrPreset } from '../loading.ts'
import { startRun } from './run.ts'

export interface SpawnOptions {
  readonly role: string
  readonly project?: string
  readonly runner?: string
  readonly writes?: readonly string[]
  readonly timeout?: string
  readonly network?: NetworkPolicy
}

/** `amphi spawn --role R "command"`: an agent without an epic. */
export async function spawn(context: Context, command: string, options: SpawnOptions): Promise<ExitCode> {
  const loaded = loadOrPreset(context, resolve(context.cwd, options.project ?? '.'))
  const made = spawnPlan(loaded.project, {
    role: options.role,
    command,
    writes: (options.writes ?? []).map(checkedGlob),
    timeoutMs: options.timeout === undefined ? null : timeoutOf(options.timeout),
    ...(options.network === undefined ? {} : { network: options.network }),
  })
  if (!made.ok) throw new CliError(made.reason, made.remedy)
  return startRun(context, loaded, made.plan, options.runner)
}

function checkedGlob(glob: string): string {
  const fault = globFault(glob)
  if (fault !== undefined) throw new CliError(`--writes: ${fault}`)
  return glob
}

function timeoutOf(text: string): number {
  const parsed = parseDuration(text)
  if (!parsed.ok) throw new CliError(`--timeout: ${parsed.reason}`)
  if (parsed.ms === 0) throw new CliError('--timeout: this must be longer than 0')
  return parsed.ms
}
