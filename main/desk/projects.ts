import { existsSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { EpicView, ProjectView, RoleView } from '../../preload/contract.ts'
import {
  formatProblem,
  initTemplate,
  type LoadResult,
  loadProject,
  loadProjectText,
  nameFromFolder,
  PROJECT_FILE_NAMES,
} from '../config/index.ts'
import type { Outcome } from '../domain/commands.ts'
import type { ProjectId } from '../domain/ids.ts'
import type { Epic, Project } from '../domain/project.ts'
import type { ControlCenter } from '../engine/controlCenter.ts'
import { DeskError } from './desk.ts'
import { projectIdFor } from './ids.ts'
import { chooseRunner, lookIn } from './launch.ts'
import { configuration, registration } from './registration.ts'
import { repositoryAt } from './repository.ts'

type Env = Readonly<Record<string, string | undefined>>

export function projectFileOf(root: string): string | undefined {
  return PROJECT_FILE_NAMES.map((name) => join(root, name)).find((file) => existsSync(file))
}

/** Reads the project of a folder; a command without an epic also runs in one that has no project file. */
export function loadFrom(root: string, env: Env, orPreset = false): LoadResult {
  if (orPreset && projectFileOf(root) === undefined) {
    return loadProjectText('version: 1\nextends: amphitheatre-devops\n', { env, root })
  }
  return loadProject(root, { env })
}

/** Reads a project and registers it with the engine when it can be run. */
export async function viewProject(center: ControlCenter, root: string, env: Env): Promise<ProjectView> {
  const file = projectFileOf(root) ?? null
  const repository = await repositoryAt(root)
  const loaded = file === null ? undefined : loadFrom(root, env)
  const problems = [...repository.problems, ...problemsOf(loaded)]
  const project = loaded?.ok === true ? loaded.project : undefined
  let id = project === undefined || problems.length > 0 ? null : projectIdFor(root, project.name)
  if (id !== null) {
    const outcome = await center.dispatch({ command: registration(id, root, project!.name) })
    const configured = outcome.ok ? await configure(center, id, project!) : outcome
    if (!configured.ok) {
      problems.push(configured.reason)
      id = null
    }
  }
  return {
    root,
    name: project?.name ?? basename(root),
    id,
    file,
    runner: project?.runner ?? 'auto',
    repository: repository.found ? { branch: repository.branch } : null,
    epics: project?.epics.map(epicView) ?? [],
    roles: project?.roles.map(roleView) ?? [],
    problems,
    warnings: loaded?.ok === true ? loaded.warnings.map(formatProblem) : [],
  }
}

async function configure(center: ControlCenter, id: ProjectId, project: Project): Promise<Outcome> {
  const runner = await chooseRunner(project.runner, lookIn((await center.health()).runners))
  return center.dispatch({ command: configuration(id, project, runner) })
}

function problemsOf(loaded: LoadResult | undefined): readonly string[] {
  return loaded === undefined || loaded.ok ? [] : loaded.problems.map(formatProblem)
}

function epicView({ id, title, tasks, phases }: Epic): EpicView {
  return { id, title, tasks: tasks.length, phases: phases.map(({ name }) => name) }
}

function roleView({ name, title, tier, skills }: Project['roles'][number]): RoleView {
  return { name, title, tier, skills }
}

/** Writes a project file to start from. Throws DeskError where there is one. */
export function writeProjectFile(root: string): string {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new DeskError(`${root} is not a folder.`, 'Choose a folder.')
  }
  const there = projectFileOf(root)
  if (there !== undefined) throw new DeskError(`${there} is there already.`, 'Nothing was changed.')
  const file = join(root, PROJECT_FILE_NAMES[0])
  try {
    // 'wx': never over a file that came in the meantime.
    writeFileSync(file, firstFile(nameFromFolder(root)), { flag: 'wx' })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new DeskError(`${file} cannot be written: ${message}`, 'Check the folder’s permissions.', {
      cause: error,
    })
  }
  return file
}

/** Without the line that names the schema: the file is shared, and where this program lies is this machine's affair. */
function firstFile(name: string): string {
  return initTemplate(name).replace(/^# yaml-language-server:.*\n/, '')
}
