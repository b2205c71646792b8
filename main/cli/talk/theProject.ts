import { resolve, sep } from 'node:path'
import type { ProjectRecord, State } from '../../domain/state.ts'
import { CliError } from '../errors.ts'
import { real } from '../hand/userGit.ts'

/**
 * The project `--project` names by its folder or id, else the one this folder belongs to, else the only one there is.
 * Of several in one folder the newest counts. Throws CliError where none fits.
 */
export function theProject(state: State, cwd: string, option: string | undefined): ProjectRecord {
  const projects = [...state.projects.values()]
  if (projects.length === 0)
    throw new CliError(
      'No project is known yet.',
      'It becomes known with its first run (amphi run EPIC) or agent (amphi agent register).',
    )
  const byId = projects.find(({ id }) => id === option)
  if (byId !== undefined) return byId
  const folder = real(resolve(cwd, option ?? '.'))
  const here = around(state, folder)
  if (here !== undefined) return here
  if (option === undefined && projects.length === 1) return projects[0]!
  const known = projects.map(({ id, root }) => `${id} (${root})`).join(', ')
  throw new CliError(`No known project is at ${folder}.`, `Name one with --project: ${known}.`)
}

/** The innermost project of a folder without links on the way; of several in one folder the newest. */
export function around(state: State, folder: string): ProjectRecord | undefined {
  return [...state.projects.values()]
    .filter(({ root }) => folder === real(root) || folder.startsWith(`${real(root)}${sep}`))
    .sort((a, b) => a.root.length - b.root.length)
    .at(-1)
}
