import { join } from 'node:path'
import type { ProjectId } from '../domain/ids.ts'
import type { State } from '../domain/state.ts'
import { agentSections } from './agents.ts'
import { componentSections } from './components.ts'
import { globalSections } from './global.ts'
import { agentsOf, runsOf, type Section, shownRuns } from './view.ts'

/**
 * The framework's context directory as a function of the state: which files there are, and what is in each. Nothing
 * else is ever in them, so they can be made anew from the log at any time.
 */

/** Where a project's context lies; agents see it at `/run/amphitheatre/context`. */
export function contextFolder(dataDir: string, project: ProjectId): string {
  return join(dataDir, 'projects', project, 'context')
}

/** Nothing for a project that is not registered. */
export function* contextSections(state: State, id: ProjectId): Generator<Section> {
  const project = state.projects.get(id)
  if (project === undefined) return
  const shown = shownRuns(state, id)
  yield* globalSections(project, runsOf(state, id), shown)
  yield* agentSections(agentsOf(shown))
  yield* componentSections(project, shown)
}

/** Every file by its path below the context folder. */
export function projectContext(state: State, id: ProjectId): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const { path, text } of contextSections(state, id)) files.set(path, textOf(text()))
  return files
}

/** Well-formed, so that what is read back from a file is what was written. */
export function textOf(pieces: Iterable<string>): string {
  return [...pieces].join('').toWellFormed()
}
