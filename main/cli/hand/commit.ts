import { allowsWriting } from '../../domain/locks/meet.ts'
import { isAtWork, locksOf, type Registered } from '../../domain/registered/registered.ts'
import type { ProjectRecord } from '../../domain/state.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'
import { dispatch } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { changedPaths, commitPaths, userGit } from './userGit.ts'

/** Commits of agents started by hand: each of its own files only, in its own checkout, as the user. */

export interface CommitOptions {
  /** With or without a message. */
  readonly commit?: boolean
  readonly message?: string
}

export interface Kept {
  /** Null where there was nothing to commit, or nothing was to be. */
  readonly commit: string | null
  /** What its locks were held under. */
  readonly token: number | null
}

/** `feat(agent-1): Add endpoints`, with who it was in the trailers. */
export async function commitWork(
  context: Context,
  center: ControlCenter,
  project: ProjectRecord,
  agent: Registered,
  options: CommitOptions,
): Promise<Kept> {
  if (options.commit !== true && options.message === undefined) return { commit: null, token: null }
  return keep(context, center, project, agent, `feat(${agent.id}): ${oneLine(options.message ?? agent.name)}`)
}

/** `checkpoint: agent-1 progress`: what it has so far. */
export async function checkpointWork(
  context: Context,
  center: ControlCenter,
  project: ProjectRecord,
  agent: Registered,
  message: string | undefined,
): Promise<Kept> {
  return keep(context, center, project, agent, `checkpoint: ${agent.id} ${oneLine(message ?? 'progress')}`)
}

async function keep(
  context: Context,
  center: ControlCenter,
  project: ProjectRecord,
  agent: Registered,
  subject: string,
): Promise<Kept> {
  if (!isAtWork(agent))
    throw new CliError(
      `${agent.id} is ${agent.state}: it holds nothing to commit under.`,
      '`amphi agent status` shows why.',
    )
  // A sign of life first: its locks last for the commit.
  await dispatch(center, {
    type: 'registered.heartbeat',
    project: project.id,
    agent: agent.id,
    process: null,
  })
  const repository = userGit(agent.folder, context.env)
  if (repository === undefined) throw new CliError(`${agent.folder} is not in a git repository.`)
  const token = project.locks.grants.find(({ holder }) => holder === agent.id)?.token ?? null
  const own = locksOf(agent)
  const paths = changedPaths(repository).filter((path) => allowsWriting(own, path, project.locks.folded))
  if (paths.length === 0) {
    context.out.note(`${agent.id} changed none of its files: nothing to commit.`)
    return { commit: null, token }
  }
  const trailers = [
    `Agent: ${agent.id} (${oneLine(agent.name)})`,
    ...(token === null ? [] : [`Lock-Token: ${token}`]),
  ]
  const message = `${subject}\n\n${trailers.join('\n')}\n`
  return { commit: await commitPaths(repository, paths, message, { AMPHI_AGENT: agent.id }), token }
}

/** What others wrote cannot add lines of its own to a message. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
