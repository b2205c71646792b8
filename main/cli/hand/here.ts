import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { PROJECT_FILE_NAMES } from '../../config/index.ts'
import { projectIdFor } from '../../desk/ids.ts'
import { registration } from '../../desk/registration.ts'
import { findRegistered, type Registered } from '../../domain/registered/registered.ts'
import type { ProjectRecord, State } from '../../domain/state.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'
import { dispatch } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { currentState } from '../follow.ts'
import { loadOrPreset } from '../loading.ts'
import { around } from '../talk/theProject.ts'
import { real, userGit } from './userGit.ts'

/** What a command about agents started by hand is about: the project of the folder it is typed in, and one of its agents. */

export interface OfProject {
  readonly project?: string
}

/** The project that `--project` names by its id or folder, or that this folder, or the repository it is a worktree of, belongs to. */
export function knownProject(
  context: Context,
  state: State,
  option: string | undefined,
): ProjectRecord | undefined {
  const byId = [...state.projects.values()].find(({ id }) => id === option)
  if (byId !== undefined) return byId
  const folder = real(resolve(context.cwd, option ?? '.'))
  const first = userGit(folder, context.env)?.main
  return around(state, folder) ?? (first === undefined ? undefined : around(state, first))
}

export function projectHere(context: Context, state: State, option: string | undefined): ProjectRecord {
  const found = knownProject(context, state, option)
  if (found !== undefined) return found
  const folder = resolve(context.cwd, option ?? '.')
  throw new CliError(
    `No known project is at ${folder}.`,
    'It becomes known with its first agent (amphi agent register) or run; or name one with --project.',
  )
}

/** The project of this folder, made known where it is not: its root is where the project file is, else the repository. */
export async function ensureProject(
  context: Context,
  center: ControlCenter,
  option: string | undefined,
): Promise<ProjectRecord> {
  const known = knownProject(context, await currentState(center), option)
  if (known !== undefined) return known
  const { project, root } = loadOrPreset(context, rootOf(context, option))
  const id = projectIdFor(root, project.name)
  await dispatch(center, registration(id, root, project.name))
  return (await currentState(center)).projects.get(id)!
}

function rootOf(context: Context, option: string | undefined): string {
  const folder = real(resolve(context.cwd, option ?? '.'))
  for (let at = folder; ; at = dirname(at)) {
    if (PROJECT_FILE_NAMES.some((name) => existsSync(join(at, name)))) return at
    if (dirname(at) === at) break
  }
  const root = userGit(folder, context.env)?.main
  if (root !== undefined) return root
  throw new CliError(
    `${folder} is neither in a git repository nor in a project.`,
    'Go to one, or name one with --project.',
  )
}

/** Which agent is meant: `--id`, else the one this shell works for (AMPHI_AGENT). */
export function agentReference(context: Context, id: string | undefined): string {
  const reference = id ?? context.env['AMPHI_AGENT']
  if (reference !== undefined && reference !== '') return reference
  throw new CliError('Which agent?', 'Name it with --id, such as --id agent-1, or set AMPHI_AGENT.')
}

/** Undefined for agents of runs, and for what is no agent at all. */
export function registeredBy(project: ProjectRecord | undefined, reference: string): Registered | undefined {
  return project === undefined ? undefined : findRegistered(project.registered, reference)
}

export function theRegistered(project: ProjectRecord, reference: string): Registered {
  const found = findRegistered(project.registered, reference)
  if (found !== undefined) return found
  throw new CliError(`There is no agent "${reference}".`, '`amphi agent list --all` shows those there are.')
}
