import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setupOf } from '../config/setupOf.ts'
import type { ClientCommand } from '../domain/commands.ts'
import type { ProjectId } from '../domain/ids.ts'
import type { Project } from '../domain/project.ts'

/** Makes a project known to the engine, with what its locks have to know of the disk it lies on. */
export function registration(
  project: ProjectId,
  root: string,
  name: string,
): Extract<ClientCommand, { type: 'project.register' }> {
  return { type: 'project.register', project, root, name, ...(isCaseBlind(root) ? { folded: true } : {}) }
}

/** Tells the engine what it needs of the project's file for runs of its own. */
export function configuration(
  project: ProjectId,
  loaded: Project,
  runner: string,
): Extract<ClientCommand, { type: 'project.configure' }> {
  return { type: 'project.configure', project, setup: setupOf(loaded, runner) }
}

/** Are `A` and `a` one file there? Seen at the name every repository has. */
export function isCaseBlind(root: string, exists: (path: string) => boolean = existsSync): boolean {
  return exists(join(root, '.git')) && exists(join(root, '.GIT'))
}
