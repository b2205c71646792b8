import { candidates } from '../domain/delegation.ts'
import type { ProjectId, RoleName } from '../domain/ids.ts'
import type { Plan } from '../domain/plan.ts'
import type { Role } from '../domain/project.ts'
import type { Run, State } from '../domain/state.ts'
import { agentFolder, Folders } from './names.ts'

/** What of the state the context shows, and in which folders. */

/** Runs of a project that are under way; when there are none, the newest one that live state holds. */
export function shownRuns(state: State, project: ProjectId): readonly Run[] {
  const runs = runsOf(state, project)
  const open = runs.filter((run) => run.endedAt === null)
  return open.length > 0 ? open : runs.slice(-1)
}

export function runsOf(state: State, project: ProjectId): readonly Run[] {
  return [...state.runs.values()].filter((run) => run.project === project)
}

export function runTitle(run: Run): string {
  return `${run.plan.epic}#${run.number}`
}

/** A role of the registry and what it has to do in the runs shown. */
export interface AgentView {
  readonly folder: string
  /** `agent-004`, or the role's name. */
  readonly id: string
  /** As the newest of the runs has it. */
  readonly role: Role
  readonly work: readonly { readonly run: Run; readonly tasks: readonly number[] }[]
}

/** In the order of the registry, roles of earlier runs first. */
export function agentsOf(runs: readonly Run[]): readonly AgentView[] {
  const folders = new Folders()
  const agents = new Map<string, { role: Role; work: AgentView['work'][number][] }>()
  for (const run of runs) {
    const byRole = tasksByRole(run)
    for (const role of run.plan.roles) {
      const folder = agentFolder(folders, role)
      const known = agents.get(folder) ?? { role, work: [] }
      known.role = role
      known.work.push({ run, tasks: byRole.get(role.name) ?? [] })
      agents.set(folder, known)
    }
  }
  return [...agents].map(([folder, { role, work }]) => ({ folder, id: role.id ?? role.name, role, work }))
}

/** Who is at a task, was last, or may get it. */
function tasksByRole(run: Run): ReadonlyMap<RoleName, readonly number[]> {
  const byRole = new Map<RoleName, number[]>()
  const possible = candidatesOf(run.plan)
  for (let task = 0; task < run.tasks.length; task++) {
    const { current, past } = run.tasks.get(task)!
    const present = current?.role ?? past.at(-1)?.role
    for (const role of present === undefined ? possible[task]! : [present]) {
      const tasks = byRole.get(role)
      if (tasks === undefined) byRole.set(role, [task])
      else tasks.push(task)
    }
  }
  return byRole
}

const known = new WeakMap<Plan, readonly (readonly RoleName[])[]>()

function candidatesOf(plan: Plan): readonly (readonly RoleName[])[] {
  const made = known.get(plan) ?? plan.tasks.map((task) => candidates(plan, task))
  known.set(plan, made)
  return made
}

/**
 * One file of the context. `of` is everything its text is made of: while all of it is the same, so is the text, and
 * nothing has to be done. Values are compared by identity, which is what the persistent state is for.
 */
export interface Section {
  /** Relative to the context folder, `/` between folders. */
  readonly path: string
  readonly of: readonly unknown[]
  /** In pieces: a long file is made bit by bit. */
  text(): Iterable<string>
}
