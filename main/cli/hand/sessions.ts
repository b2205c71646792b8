import { nearest } from '../../config/index.ts'
import type { Session } from '../../domain/project.ts'
import {
  findRegistered,
  isAtWork,
  isOver,
  type Registered,
  slug,
} from '../../domain/registered/registered.ts'
import type { ProjectRecord } from '../../domain/state.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'
import { dispatch, withEngine } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { loadOrPreset } from '../loading.ts'
import { plain } from '../view/text.ts'
import { conflictLine, openConflicts } from './conflictLines.ts'
import { ensureProject, type OfProject, projectHere } from './here.ts'
import { folderOf } from './register.ts'
import { dirtyIn } from './scan.ts'

/** `amphi session start|complete --phase P`: agents of one group of the project file, together. */

export interface SessionOptions extends OfProject {
  readonly phase: string
}

/** Registers each of the group that is not under way, and lets it begin as soon as it can. Does not wait for that. */
export async function start(context: Context, options: SessionOptions): Promise<ExitCode> {
  return withEngine(context, async ({ center }) => {
    const { id: project, root } = await ensureProject(context, center, options.project)
    const session = theSession(context, root, options.phase)
    orderable(session, (await currentState(center)).projects.get(project)!)
    const folder = folderOf(context, options.project)
    const dirty = dirtyIn(context, folder)
    for (const { after, files, reads, uses, ...agent } of session.agents) {
      const record = (await currentState(center)).projects.get(project)!
      if (underWay(record, session).some((it) => slug(it.name) === slug(agent.name))) continue
      const declared = { ...agent, files: [...files], reads: [...reads], uses: [...uses], after: [...after] }
      const more = { folder, dirty, session: session.id, start: true, process: null, log: null }
      await dispatch(center, { type: 'registered.add', project, ...declared, ...more })
    }
    return told(context, center, project, session)
  })
}

/** All of it or nothing is started: whom each comes after must be there, or come with it. */
function orderable({ id, agents }: Session, { registered }: ProjectRecord): void {
  const names = new Set(agents.map(({ name }) => slug(name)))
  for (const { name, after } of agents)
    for (const before of after)
      if (!names.has(slug(before)) && findRegistered(registered, before) === undefined)
        throw new CliError(
          `${plain(name)} comes after "${plain(before)}", which is neither in the session "${id}" nor registered.`,
          'Nothing was started. Register it first, or correct "dependencies".',
        )
}

async function told(
  context: Context,
  center: ControlCenter,
  project: ProjectRecord['id'],
  session: Session,
): Promise<ExitCode> {
  const record = (await currentState(center)).projects.get(project)!
  for (const agent of underWay(record, session)) {
    const { id, name, state, files } = agent
    if (context.out.json)
      await context.out.object({ ok: true, session: session.id, agent: id, name, state, files })
    else await context.out.line(`${id} ${state.padEnd(10)} ${plain(name)}`)
  }
  if (!context.out.json)
    for (const conflict of openConflicts(record)) await context.out.line(conflictLine(conflict))
  return EXIT.done
}

function underWay(project: ProjectRecord, { id }: Pick<Session, 'id'>): readonly Registered[] {
  return Object.values(project.registered).filter((agent) => agent.session === id && !isOver(agent))
}

function theSession(context: Context, root: string, id: string): Session {
  const { sessions } = loadOrPreset(context, root).project
  const found = sessions.find((session) => session.id === id)
  if (found !== undefined) return found
  const names = sessions.map((session) => session.id)
  const word = nearest(id, names)
  const known =
    names.length === 0
      ? 'No "sessions:" are in the project file, amphitheatre.yaml; docs/by-hand.md shows how to write them.'
      : `Sessions of this project: ${names.join(', ')}.`
  throw new CliError(
    `There is no session "${id}".`,
    word === undefined ? known : `Did you mean ${word}? ${known}`,
  )
}

/**
 * Ends the group: who is at work is done, who has not begun does not begin. Not while two of them are in each other's
 * way: then it says so and the exit code is 3.
 */
export async function complete(context: Context, options: SessionOptions): Promise<ExitCode> {
  return withEngine(context, async ({ center }) => {
    const project = projectHere(context, await currentState(center), options.project)
    const agents = underWay(project, { id: options.phase })
    if (
      agents.length === 0 &&
      !Object.values(project.registered).some(({ session }) => session === options.phase)
    )
      throw new CliError(
        `No session "${options.phase}" was started.`,
        'amphi session start --phase NAME starts one.',
      )
    const clashing = openConflicts(project).filter(({ parties }) =>
      agents.some(({ id }) => parties.includes(id)),
    )
    if (clashing.length > 0) {
      for (const conflict of clashing) await context.out.line(conflictLine(conflict))
      context.out.note('Not completed: resolve this first, with amphi resolve --keep ID --terminate ID.')
      return EXIT.needsPerson
    }
    // Those that wait first: none of them begins because another is done.
    const ordered = [...agents.filter((agent) => !isAtWork(agent)), ...agents.filter(isAtWork)]
    for (const agent of ordered) await end(context, center, project, agent)
    if (!context.out.json) await context.out.line(`${options.phase} is complete`)
    return EXIT.done
  })
}

async function end(
  { out }: Context,
  center: ControlCenter,
  { id: project }: ProjectRecord,
  agent: Registered,
): Promise<void> {
  const done = isAtWork(agent)
  if (done)
    await dispatch(center, {
      type: 'registered.complete',
      project,
      agent: agent.id,
      commit: null,
      token: null,
    })
  else await dispatch(center, { type: 'registered.stop', project, agent: agent.id, force: false })
  if (out.json) await out.object({ ok: true, agent: agent.id, state: done ? 'COMPLETED' : 'TERMINATED' })
  else await out.line(`${agent.id} ${done ? 'completed' : 'did not begin'}`)
}
