import { resolve } from 'node:path'
import { globFault } from '../../config/globs.ts'
import { nearest, planFor } from '../../config/index.ts'
import { parseDuration } from '../../domain/duration.ts'
import { type RoleName, taskId } from '../../domain/ids.ts'
import {
  DEFAULT_RESOURCES,
  DEFAULT_RETRY,
  type NetworkPolicy,
  type Project,
  type TaskSpec,
} from '../../domain/project.ts'
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

const EPIC = 'spawn'

/** `amphi spawn --role R "command"`: an agent without an epic. */
export async function spawn(context: Context, command: string, options: SpawnOptions): Promise<ExitCode> {
  const loaded = loadOrPreset(context, resolve(context.cwd, options.project ?? '.'))
  const role = roleOf(loaded.project, options.role)
  const epic = {
    id: EPIC,
    title: command.length > 60 ? `${command.slice(0, 59)}…` : command,
    phases: [{ name: 'Task', mode: 'tasks' as const }],
    tasks: [taskOf(command, role, options)],
  }
  const plan = planFor({ ...loaded.project, epics: [epic] }, EPIC)
  return startRun(context, loaded, plan!, options.runner)
}

function roleOf(project: Project, wanted: string): RoleName {
  const found = project.roles.find(({ name }) => name === wanted)
  if (found !== undefined) return found.name
  const names = project.roles.map(({ name }) => String(name))
  const word = nearest(wanted, names)
  const known = `Roles of this project: ${names.join(', ')}.`
  throw new CliError(
    `There is no role "${wanted}".`,
    word === undefined ? known : `Did you mean ${word}? ${known}`,
  )
}

function taskOf(command: string, role: RoleName, options: SpawnOptions): TaskSpec {
  if (command.trim() === '')
    throw new CliError('The task is empty.', 'Say what to run: amphi spawn --role R "npm test".')
  return {
    id: taskId(slug(command)),
    title: command,
    phase: 0,
    kind: 'work',
    role,
    skills: [],
    run: command,
    env: {},
    image: null,
    network: options.network ?? 'run',
    workspace: 'repo',
    needs: [],
    needsSoft: [],
    reads: [],
    writes: (options.writes ?? []).map(checkedGlob),
    priority: 3,
    points: null,
    dueMs: null,
    timeoutMs: options.timeout === undefined ? null : timeoutOf(options.timeout),
    retry: DEFAULT_RETRY,
    allowFailure: false,
    onLost: 'ask',
    resources: DEFAULT_RESOURCES,
  }
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

/** A name made of the command's first words: `npm test` is `npm-test`. */
export function slug(command: string): string {
  const words = command
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  return words.slice(0, 24).replace(/-+$/, '') || 'task'
}
