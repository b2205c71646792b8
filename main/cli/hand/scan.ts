import { allowsWriting } from '../../domain/locks/meet.ts'
import { isOver, locksOf, type Registered } from '../../domain/registered/registered.ts'
import type { ProjectRecord } from '../../domain/state.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'
import type { Context } from '../context.ts'
import { changedPaths, userGit } from './userGit.ts'

/**
 * Looks at the folders in which agents started by hand work, and reports what each has changed. In a folder of several
 * a path is laid to the one that holds it or, where nobody does, to the only one that claims it; the rest nobody can
 * tell, and is given back.
 */
export async function scanFolders(
  context: Context,
  center: ControlCenter,
  project: ProjectRecord,
): Promise<readonly string[]> {
  const live = Object.values(project.registered).filter((agent) => !isOver(agent))
  const unknown: string[] = []
  for (const [folder, agents] of Map.groupBy(live, (agent) => agent.folder)) {
    const repository = userGit(folder, context.env)
    if (repository === undefined) continue
    const written = new Map<string, string[]>()
    for (const path of changedPaths(repository)) {
      const writer = writerOf(project, agents, path)
      if (writer === undefined) {
        if (!agents.some(({ dirty }) => dirty.includes(path))) unknown.push(`${folder}/${path}`)
      } else written.set(writer, [...(written.get(writer) ?? []), path])
    }
    // One that ended meanwhile has written what it has written.
    for (const [agent, files] of written)
      await center.dispatch({ command: { type: 'registered.wrote', project: project.id, agent, files } })
  }
  return unknown
}

function writerOf(project: ProjectRecord, agents: readonly Registered[], path: string): string | undefined {
  if (agents.length === 1) return agents[0]!.id
  const { grants, folded } = project.locks
  const holder = agents.find(({ id }) =>
    grants.some((grant) => grant.holder === id && allowsWriting(grant.locks, path, folded)),
  )
  if (holder !== undefined) return holder.id
  const claiming = agents.filter((agent) => allowsWriting(locksOf(agent), path, folded))
  return claiming.length === 1 ? claiming[0]!.id : undefined
}
