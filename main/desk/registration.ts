import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ClientCommand } from '../domain/commands.ts'
import type { ProjectId } from '../domain/ids.ts'

/** Makes a project known to the engine, with what its locks have to know of the disk it lies on. */
export function registration(
  project: ProjectId,
  root: string,
  name: string,
): Extract<ClientCommand, { type: 'project.register' }> {
  return { type: 'project.register', project, root, name, ...(isCaseBlind(root) ? { folded: true } : {}) }
}

/** Are `A` and `a` one file there? Seen at the name every repository has. */
export function isCaseBlind(root: string, exists: (path: string) => boolean = existsSync): boolean {
  return exists(join(root, '.git')) && exists(join(root, '.GIT'))
}
