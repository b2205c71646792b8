import type { Risk } from '../domain/context/entities.ts'
import { RISK_LEVELS } from '../domain/context/entities.ts'
import { agentName } from '../domain/ids.ts'
import { countTasks } from '../domain/metrics.ts'
import type { Role, TaskSpec } from '../domain/project.ts'
import type { ProjectRecord, Run } from '../domain/state.ts'
import { runTitle, type Section } from './view.ts'
import { iso, perRecord, yaml, yamlItem, yamlList } from './yaml.ts'

/** Agents named in the project's state; the rest are counted. */
const MOST_NAMES = 50

/** `global/`: the project as a whole. `all` are its runs in live state, `shown` those that the context follows. */
export function* globalSections(
  project: ProjectRecord,
  all: readonly Run[],
  shown: readonly Run[],
): Generator<Section> {
  const states = all.map(runState)
  yield {
    path: 'global/project_state.yaml',
    of: [project.id, project.name, risksOpen(project), componentCounts(project), ...states],
    text: () => projectState(project, states),
  }
  yield {
    path: 'global/dependency_map.yaml',
    of: shown.flatMap(({ id, plan }) => [id, plan]),
    text: () => dependencyMap(shown),
  }
  yield { path: 'global/risk_register.yaml', of: [project.risks], text: () => riskRegister(project) }
}

function* projectState(project: ProjectRecord, states: readonly string[]): Generator<string> {
  yield yaml({
    project: project.name,
    id: project.id,
    open_risks: risksOpen(project),
    components: JSON.parse(componentCounts(project)),
  })
  yield* yamlList('runs', states, String)
}

function risksOpen(project: ProjectRecord): number {
  return Object.values(project.risks).filter(({ status }) => status === 'open').length
}

/** As text, so that counts that are the same compare as the same. */
function componentCounts(project: ProjectRecord): string {
  const counts: Record<string, number> = {}
  for (const { status } of Object.values(project.components)) counts[status] = (counts[status] ?? 0) + 1
  return JSON.stringify(Object.fromEntries(Object.entries(counts).sort()))
}

interface RunFacts {
  readonly json: string
  readonly text: string
}

const facts = new WeakMap<object, RunFacts>()

/** A run's entry; made again only where what it says changed, and that is worked out from the run. */
function runState(run: Run): string {
  const value = runFacts(run)
  const json = JSON.stringify(value)
  const before = facts.get(run.plan)
  if (before?.json === json) return before.text
  const text = yamlItem(value)
  facts.set(run.plan, { json, text })
  return text
}

function runFacts(run: Run): object {
  const atWork: string[] = []
  let more = 0
  for (let task = 0; task < run.tasks.length && run.counts.active > 0; task++) {
    const { current } = run.tasks.get(task)!
    if (current === null) continue
    if (atWork.length < MOST_NAMES) atWork.push(agentName(current.role, run.plan.tasks[task]!.id, current.n))
    else more++
  }
  const phase = run.plan.phases[run.phase]
  return {
    run: runTitle(run),
    id: run.id,
    title: run.plan.title,
    status: run.status,
    paused: run.paused,
    cause: run.cause,
    started: iso(run.startedAt),
    ended: iso(run.endedAt),
    phase: phase === undefined ? null : phase.name,
    phases: run.plan.phases.length,
    tasks: countTasks(run),
    at_work: atWork,
    ...(more > 0 ? { at_work_more: more } : {}),
    open_handoffs: run.talk.handoffs.filter(({ state }) => state !== 'completed' && state !== 'withdrawn')
      .length,
    waits_for_person: run.attention.slice(0, MOST_NAMES).map(({ text }) => text),
  }
}

function* dependencyMap(runs: readonly Run[]): Generator<string> {
  yield* yamlList('tasks', tasksOf(runs), String)
  yield* yamlList('agents', rolesOf(runs), String)
}

function* tasksOf(runs: readonly Run[]): Generator<string> {
  for (const run of runs) {
    const name = runTitle(run)
    for (const task of run.plan.tasks) yield yamlItem({ run: name, ...taskNeeds(run, task) })
  }
}

function taskNeeds(run: Run, task: TaskSpec): object {
  return {
    task: task.id,
    phase: run.plan.phases[task.phase]?.name ?? null,
    role: task.role,
    needs: task.needs.map((need) => need.task),
    ...(task.needsSoft.length === 0 ? {} : { needs_soft: task.needsSoft.map((need) => need.task) }),
    ...(task.reads.length === 0 ? {} : { reads: task.reads }),
    ...(task.writes.length === 0 ? {} : { writes: task.writes }),
  }
}

const roleItem = perRecord((role: Role) =>
  yamlItem({
    agent: role.id ?? role.name,
    role: role.name,
    depends_on: role.dependencies,
    may_message: role.authority === 'FULL' ? 'all' : role.communication,
    owns: role.ownership,
  }),
)

/** The registry's relationships; of a role in several runs, those of the newest. */
function* rolesOf(runs: readonly Run[]): Generator<string> {
  const roles = new Map<string, Role>()
  for (const run of runs) for (const role of run.plan.roles) roles.set(role.name, role)
  for (const role of roles.values()) yield roleItem(role)
}

const riskItem = perRecord((risk: Risk) =>
  yamlItem({
    id: risk.id,
    title: risk.title,
    level: risk.level,
    status: risk.status,
    owner: risk.owner,
    impact: risk.impact,
    mitigation: risk.mitigation,
    by: risk.by,
    updated: iso(risk.at),
  }),
)

/** Open ones first, the gravest first, then by id. */
function* riskRegister(project: ProjectRecord): Generator<string> {
  const rank = (risk: Risk): number =>
    (risk.status === 'open' ? 0 : 10) + RISK_LEVELS.length - RISK_LEVELS.indexOf(risk.level)
  const risks = Object.values(project.risks).sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1))
  yield* yamlList('risks', risks, riskItem)
}
