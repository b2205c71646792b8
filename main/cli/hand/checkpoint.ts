import type { State } from '../../domain/state.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'
import { dispatch, dispatchAndWait, theAgent, withEngine } from '../actions.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import type { OfAgent } from './agentVerbs.ts'
import { checkpointWork } from './commit.ts'
import { agentReference, knownProject, projectHere, registeredBy, theRegistered } from './here.ts'
import { writtenIn } from './scan.ts'
import { userGit } from './userGit.ts'

/** `amphi checkpoint`, `amphi agent check`: what an agent started by hand has done so far. */

export async function checkpoint(
  context: Context,
  options: OfAgent & { readonly message?: string },
): Promise<ExitCode> {
  return withEngine(context, async ({ center }) => {
    const reference = agentReference(context, options.id)
    const project = knownProject(context, await currentState(center), options.project)
    const agent = registeredBy(project, reference)
    if (project === undefined || agent === undefined) return ofRun(context, center, reference)
    const { commit } = await checkpointWork(context, center, project, agent, options.message)
    if (context.out.json) await context.out.object({ ok: true, agent: agent.id, commit })
    else if (commit !== null) await context.out.line(`${agent.id} kept as ${commit.slice(0, 12)}`)
    return EXIT.done
  })
}

/** One in a container: its work so far becomes a checkpoint of its run. */
async function ofRun({ out }: Context, center: ControlCenter, reference: string): Promise<ExitCode> {
  const { run, task, index } = await theAgent(center, reference)
  const find = (state: State) => state.runs.get(run.id)?.tasks.get(index ?? -1)?.current ?? null
  const command = { type: 'task.checkpoint', run: run.id, task } as const
  const isKept = (state: State): boolean => find(state)?.effects.includes('work.checkpoint') !== true
  const commit = find(await dispatchAndWait(center, command, isKept))?.checkpoint?.commit ?? null
  if (out.json) await out.object({ ok: true, agent: task, commit })
  else
    await out.line(
      commit === null ? `${task} has nothing new to keep` : `${task} kept as ${commit.slice(0, 12)}`,
    )
  return EXIT.done
}

/** Looks at what it changed: what it does not hold is a conflict, told and on record. Exit code 3 then. */
export async function check(context: Context, options: OfAgent): Promise<ExitCode> {
  return withEngine(context, async ({ center }) => {
    const state = await currentState(center)
    const project = projectHere(context, state, options.project)
    const agent = theRegistered(project, agentReference(context, options.id))
    const repository = userGit(agent.folder, context.env)
    const files = repository === undefined ? [] : [...writtenIn(repository)]
    await dispatch(center, { type: 'registered.wrote', project: project.id, agent: agent.id, files })
    const { conflictLines, openConflicts } = await import('./conflictLines.ts')
    const after = await currentState(center)
    const found = openConflicts(after.projects.get(project.id)).filter(({ parties }) =>
      parties.includes(agent.id),
    )
    for (const conflict of found) {
      if (context.out.json) await context.out.object(conflict)
      else for (const line of conflictLines(context, after, conflict)) await context.out.line(line)
    }
    if (found.length === 0 && !context.out.json) await context.out.line(`${agent.id} is in nobody’s way.`)
    return found.length === 0 ? EXIT.done : EXIT.needsPerson
  })
}
