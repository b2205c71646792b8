import type { Check, CheckId, SpawnRequest, StartRequest, StartResult } from '../../preload/contract.ts'
import { formatProblem, globFault, nearest, planFor } from '../config/index.ts'
import type { Plan } from '../domain/plan.ts'
import type { Project } from '../domain/project.ts'
import type { ControlCenter } from '../engine/controlCenter.ts'
import { browse, realFolder } from './browse.ts'
import { checkMachine } from './checks.ts'
import { type Desk, DeskError } from './desk.ts'
import { newRunId, projectIdFor } from './ids.ts'
import { chooseRunner, lookIn, usesDefaultImage } from './launch.ts'
import { mendCheck } from './mend.ts'
import { loadFrom, viewProject, writeProjectFile } from './projects.ts'
import { configuration, registration } from './registration.ts'
import { repositoryAt } from './repository.ts'
import { SharedWork } from './sharedWork.ts'
import { spawnPlan } from './spawnPlan.ts'

export interface DeskParts {
  readonly dataDir: string
  /** Overrides of limits, runner and image, as for the command line. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The desk of the machine this process runs on. */
export function createDesk({ dataDir, env }: DeskParts): Desk {
  const shared = new SharedWork()
  return {
    checks: () => checkMachine({ dataDir }),
    mend: (id, onProgress) => shared.do(`mend ${id}`, () => mend(id, dataDir, onProgress)),
    browse,
    project: async (center, path) => viewProject(center, await realFolder(path), env),
    init: async (center, path) => {
      const root = await realFolder(path)
      writeProjectFile(root)
      return viewProject(center, root, env)
    },
    start: (center, request, onProgress) =>
      shared.do(`start ${JSON.stringify(request)}`, () => start(center, env, request, onProgress)),
    spawn: (center, request, onProgress) =>
      shared.do(`spawn ${JSON.stringify(request)}`, () => spawn(center, env, request, onProgress)),
  }
}

type Progress = (line: string) => void

async function mend(id: CheckId, dataDir: string, onProgress: Progress): Promise<Check> {
  const find = async () => (await checkMachine({ dataDir })).find((check) => check.id === id)!
  const check = await find()
  if (check.status !== 'ok') await mendCheck(check, dataDir, onProgress)
  return find()
}

async function start(
  center: ControlCenter,
  env: DeskParts['env'],
  request: StartRequest,
  onProgress: Progress,
): Promise<StartResult> {
  const root = await realFolder(request.root)
  const limited = { ...env, ...limitOf(request.maxAgents) }
  const loaded = loadFrom(root, limited)
  const problems = [...(await repositoryAt(root)).problems]
  if (!loaded.ok) problems.push(...loaded.problems.map(formatProblem))
  if (!loaded.ok || problems.length > 0) return { ok: false, problems }
  const plan = planFor(loaded.project, request.epic)
  if (plan === undefined) return { ok: false, problems: [noSuchEpic(loaded.project, request.epic)] }
  const wish = request.runner ?? loaded.project.runner
  return launch({ center, root, project: loaded.project, plan, wish, onProgress })
}

async function spawn(
  center: ControlCenter,
  env: DeskParts['env'],
  request: SpawnRequest,
  onProgress: Progress,
): Promise<StartResult> {
  const root = await realFolder(request.root)
  const loaded = loadFrom(root, env, true)
  const problems = [...(await repositoryAt(root)).problems, ...globProblems(request.writes ?? [])]
  if (!loaded.ok) problems.push(...loaded.problems.map(formatProblem))
  if (!loaded.ok || problems.length > 0) return { ok: false, problems }
  const made = spawnPlan(loaded.project, request)
  if (!made.ok) return { ok: false, problems: [`${made.reason} ${made.remedy}`] }
  const { project } = loaded
  return launch({ center, root, project, plan: made.plan, wish: project.runner, onProgress })
}

function limitOf(maxAgents: number | undefined): Readonly<Record<string, string>> {
  return maxAgents === undefined ? {} : { AMPHITHEATRE_MAX_CONCURRENT_AGENTS: String(maxAgents) }
}

function noSuchEpic(project: Project, epic: string): string {
  const names = project.epics.map(({ id }) => id)
  const word = nearest(epic, names)
  const known =
    names.length === 0 ? 'This project has no epics.' : `Epics of this project: ${names.join(', ')}.`
  return `There is no epic "${epic}". ${word === undefined ? '' : `Did you mean ${word}? `}${known}`
}

function globProblems(globs: readonly string[]): readonly string[] {
  return globs.map(globFault).filter((fault) => fault !== undefined)
}

interface Launch {
  readonly center: ControlCenter
  readonly root: string
  readonly project: Project
  readonly plan: Plan
  /** `auto`, or a runner's kind. */
  readonly wish: string
  readonly onProgress: (line: string) => void
}

async function launch({ center, root, project, plan, wish, onProgress }: Launch): Promise<StartResult> {
  const look = lookIn((await center.health()).runners)
  const runner = await chooseRunner(wish, look)
  const health = await look(runner)
  if (health.status === 'unavailable')
    return { ok: false, problems: [`${runner}: ${health.reason.replace(/\.$/, '')}. ${health.remedy}`] }
  if (runner === 'docker' && usesDefaultImage(plan)) await ensureImage(onProgress)
  const id = projectIdFor(root, project.name)
  const run = newRunId()
  const commands = [
    registration(id, root, project.name),
    configuration(id, project, runner),
    { type: 'run.start', project: id, run, runner, plan },
  ] as const
  for (const command of commands) {
    const outcome = await center.dispatch({ command })
    if (!outcome.ok) return { ok: false, problems: [outcome.reason] }
  }
  return { ok: true, run }
}

async function ensureImage(onProgress: (line: string) => void): Promise<void> {
  const { buildAgentImage } = await import('../machine.ts')
  try {
    await buildAgentImage(onProgress)
  } catch (error) {
    const { message, remedy } = error as { message?: string; remedy?: string }
    throw new DeskError(
      `The agents’ image cannot be built: ${message ?? String(error)}`,
      remedy ?? 'See amphi doctor.',
      { cause: error },
    )
  }
}
