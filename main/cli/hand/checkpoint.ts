import { dispatch, withEngine } from '../actions.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import type { OfAgent } from './agentVerbs.ts'
import { checkpointWork } from './commit.ts'
import { agentReference, projectHere, theRegistered } from './here.ts'
import { changedPaths, userGit } from './userGit.ts'

/** `amphi checkpoint`, `amphi agent check`: what an agent started by hand has done so far. */

export async function checkpoint(
  context: Context,
  options: OfAgent & { readonly message?: string },
): Promise<ExitCode> {
  return withEngine(context, async ({ center }) => {
    const project = projectHere(context, await currentState(center), options.project)
    const agent = theRegistered(project, agentReference(context, options.id))
    const { commit } = await checkpointWork(context, center, project, agent, options.message)
    if (context.out.json) await context.out.object({ ok: true, agent: agent.id, commit })
    else if (commit !== null) await context.out.line(`${agent.id} kept as ${commit.slice(0, 12)}`)
    return EXIT.done
  })
}

/** Looks at what it changed: what it does not hold is a conflict, told and on record. Exit code 3 then. */
export async function check(context: Context, options: OfAgent): Promise<ExitCode> {
  return withEngine(context, async ({ center }) => {
    const state = await currentState(center)
    const project = projectHere(context, state, options.project)
    const agent = theRegistered(project, agentReference(context, options.id))
    const repository = userGit(agent.folder, context.env)
    const files = repository === undefined ? [] : [...changedPaths(repository)]
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
