import { realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  formatProblems,
  type LoadResult,
  loadProject,
  loadProjectText,
  nearest,
  PROJECT_FILE_NAMES,
  planFor,
} from '../config/index.ts'
import type { Plan } from '../domain/plan.ts'
import type { Project } from '../domain/project.ts'
import type { Context } from './context.ts'
import { CliError } from './errors.ts'

export interface Loaded {
  readonly project: Project
  /** The repository, without links on the way. */
  readonly root: string
}

/** The project of a folder (or a file); throws CliError with every problem in it. Warnings go to standard error. */
export function loadForRun(context: Context, path: string): Loaded {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true
  const result = loadProject(path, { env: context.env })
  return accept(context, result, isFile ? dirname(path) : path)
}

/** The same, and without a project file a project that has the preset's roles and nothing else. */
export function loadOrPreset(context: Context, folder: string): Loaded {
  const has = PROJECT_FILE_NAMES.some(
    (name) => statSync(join(folder, name), { throwIfNoEntry: false }) !== undefined,
  )
  if (has) return loadForRun(context, folder)
  const text = 'version: 1\nextends: amphitheatre-devops\n'
  return accept(context, loadProjectText(text, { env: context.env, root: folder }), folder)
}

function accept(context: Context, result: LoadResult, root: string): Loaded {
  if (!result.ok) {
    throw new CliError(`this project cannot be run:\n${formatProblems(result.problems)}`)
  }
  if (result.warnings.length > 0) context.out.note(formatProblems(result.warnings))
  return { project: result.project, root: realpathSync.native(root) }
}

/** Throws CliError with the nearest name for an epic that is not there. */
export function planOfEpic({ project }: Loaded, epic: string): Plan {
  const plan = planFor(project, epic)
  if (plan !== undefined) return plan
  const names = project.epics.map(({ id }) => id)
  const word = nearest(epic, names)
  const known =
    names.length === 0 ? 'This project has no epics.' : `Epics of this project: ${names.join(', ')}.`
  throw new CliError(
    `There is no epic "${epic}".`,
    word === undefined ? known : `Did you mean ${word}? ${known}`,
  )
}
