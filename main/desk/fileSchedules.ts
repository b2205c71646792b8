import { statSync } from 'node:fs'
import { formatProblem, planForEpic } from '../config/index.ts'
import type { Project } from '../domain/project.ts'
import type { PlannedRun } from '../domain/schedules/scheduleCommands.ts'
import type { ProjectRecord } from '../domain/state.ts'
import type { Runner, RunnerHealth } from '../engine/ports/runner.ts'
import type { FoundSchedules, ScheduleSource } from '../engine/ports/scheduleSource.ts'
import { chooseRunner } from './launch.ts'
import { loadFrom, projectFileOf } from './projects.ts'

type Env = Readonly<Record<string, string | undefined>>

type Read =
  | { readonly ok: true; readonly project: Project | null }
  | { readonly ok: false; readonly detail: string; readonly remedy: string }

/** What the project files say is run by the clock. A file is read again when it changed, and whenever something is due. */
export function fileSchedules(env: Env, runners: ReadonlyMap<string, Runner>): ScheduleSource {
  const cache = new Map<string, { readonly stamp: string; readonly read: Read }>()
  const cached = (root: string): Read => {
    const stamp = stampOf(root)
    const known = cache.get(root)
    if (known?.stamp === stamp) return known.read
    const read = readProject(root, env)
    cache.set(root, { stamp, read })
    return read
  }
  return {
    name: 'file',
    schedules: async (project) => found(project, cached(project.root)),
    plan: async (project, name) => {
      const read = readProject(project.root, env)
      if (!read.ok) return read
      const schedule = read.project?.schedules.find(({ spec }) => spec.name === name)
      if (schedule === undefined)
        return { ok: false, detail: `${name} is not in the project file`, remedy: ADD }
      return launched(read.project!, schedule.epic, runners)
    },
  }
}

const ADD = 'Add it again; what is gone is forgotten by itself.'
const CORRECT = 'Correct it: `amphi validate` says more; it is read again by itself.'

function found(project: ProjectRecord, read: Read): FoundSchedules {
  if (!read.ok) return read
  const knows = Object.values(project.schedules.items).some(({ source }) => source === 'file')
  if (read.project === null) {
    if (!knows) return { ok: true, specs: [] }
    const remedy = 'Put it back, or forget its schedules by one without any.'
    return { ok: false, detail: `the project file is gone from ${project.root}.`, remedy }
  }
  // The folder is another project's by now; that one has them.
  if (read.project.name !== project.name) return { ok: true, specs: [] }
  return { ok: true, specs: read.project.schedules.map(({ spec }) => spec) }
}

function readProject(root: string, env: Env): Read {
  const file = projectFileOf(root)
  if (file === undefined) return { ok: true, project: null }
  const loaded = loadFrom(root, env)
  if (loaded.ok) return { ok: true, project: loaded.project }
  const [first] = loaded.problems
  const detail = first === undefined ? `${file} cannot be read` : formatProblem(first)
  return { ok: false, detail: `${detail}.`, remedy: CORRECT }
}

/** Changes with the file; a file that is written again in the same instant with the same size does not count. */
function stampOf(root: string): string {
  const file = projectFileOf(root)
  const stat = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false })
  return stat === undefined ? '' : `${file} ${stat.ino} ${stat.mtimeMs} ${stat.size}`
}

async function launched(
  project: Project,
  epic: Project['epics'][number],
  runners: ReadonlyMap<string, Runner>,
): Promise<PlannedRun> {
  const look = async (kind: string): Promise<RunnerHealth> =>
    (await runners.get(kind)?.check()) ?? {
      status: 'unavailable',
      reason: `there is no ${kind} runner`,
      remedy: 'Choose another in the project file.',
    }
  const runner = await chooseRunner(project.runner, look)
  const health = await look(runner)
  if (health.status === 'unavailable')
    return { ok: false, detail: `${runner}: ${health.reason}`, remedy: health.remedy }
  return { ok: true, runner, plan: planForEpic(project, epic) }
}
