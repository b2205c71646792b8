import { ORCHESTRATOR_FILE } from '../../config/orchestratorFile.ts'
import { allowsWriting } from '../../domain/locks/meet.ts'
import { isOver, locksOf, type Registered } from '../../domain/registered/registered.ts'
import type { ProjectRecord } from '../../domain/state.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'
import type { Context } from '../context.ts'
import { changedPaths, type UserGit, userGit } from './userGit.ts'

/** Paths that are remembered of one that comes: how many. */
const MOST_DIRTY = 1_000

/** What is changed in a folder already when an agent comes to work in it; that is none of its doing. */
export function dirtyIn(context: Context, folder: string): string[] {
  const repository = userGit(folder, context.env)
  return repository === undefined ? [] : changedPaths(repository).slice(0, MOST_DIRTY)
}

/** Of an agent's folder, what somebody has to hold. Where this program itself writes for others to read is nobody's work. */
export function writtenIn(repository: UserGit): readonly string[] {
  return changedPaths(repository).filter((path) => path !== ORCHESTRATOR_FILE)
}

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
    for (const path of writtenIn(repository)) {
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
