import { agentName } from '../domain/ids.ts'
import type { Role } from '../domain/project.ts'
import type { Attempt, Run, TaskRecord } from '../domain/state.ts'
import { type ChecklistStep, checklistCounts, startupChecklist } from '../domain/talk/checklist.ts'
import { handoffSection } from './handoffs.ts'
import { outputsSection } from './outputs.ts'
import { type AgentView, runTitle, type Section } from './view.ts'
import { iso, yaml, yamlItem, yamlList } from './yaml.ts'

/** Tasks still to do that one file lists; the rest are counted. */
const MOST_TASKS = 200
/** Tasks that are over and still listed. */
const MOST_SETTLED = 20

/** `agents/agent-<id>/`: status, tasks, pending hand-offs and outputs of each role. */
export function* agentSections(agents: readonly AgentView[]): Generator<Section> {
  for (const agent of agents) {
    yield statusSection(agent)
    yield tasksSection(agent)
    yield handoffSection(agent)
    yield outputsSection(agent)
  }
}

interface AtWork {
  readonly run: Run
  readonly task: number
  readonly attempt: Attempt
  readonly checklist: readonly ChecklistStep[]
}

function statusSection(agent: AgentView): Section {
  const atWork = attemptsOf(agent)
  const word = statusWord(agent, atWork)
  return {
    path: `${agent.folder}/status.yaml`,
    of: [
      agent.role,
      word,
      ...atWork.flatMap(({ run, attempt, checklist }) => [
        run.id,
        attempt,
        checklist.map(({ status }) => status).join(),
      ]),
    ],
    text: () => status(agent, word, atWork),
  }
}

function attemptsOf({ role, work }: AgentView): readonly AtWork[] {
  return work.flatMap(({ run, tasks }) =>
    tasks.flatMap((task): readonly AtWork[] => {
      const attempt = run.tasks.get(task)!.current
      if (attempt === null || attempt.role !== role.name) return []
      return [{ run, task, attempt, checklist: startupChecklist(run, task, attempt.n) ?? [] }]
    }),
  )
}

/** What an agent is, in one word: `working`, `blocked` (waits for a person), `waiting`, `done`, `idle`. */
function statusWord({ work }: AgentView, atWork: readonly AtWork[]): string {
  if (atWork.length > 0) return 'working'
  const records = work.flatMap(({ run, tasks }) => tasks.map((task) => run.tasks.get(task)!))
  if (records.length === 0) return 'idle'
  if (records.some(({ state, outcome }) => state === 'BLOCKED' && outcome === null)) return 'blocked'
  return records.some(({ outcome }) => outcome === null) ? 'waiting' : 'done'
}

function* status(agent: AgentView, word: string, atWork: readonly AtWork[]): Generator<string> {
  yield yaml({ ...roleFacts(agent.id, agent.role), status: word })
  yield* yamlList('at_work', atWork, attemptItem)
}

function roleFacts(id: string, role: Role): object {
  return {
    agent: id,
    role: role.name,
    title: role.title,
    tier: role.tier,
    authority: role.authority,
    responsibilities: role.responsibilities,
    skills: role.skills,
    owns: role.ownership,
  }
}

function attemptItem({ run, task, attempt, checklist }: AtWork): string {
  const spec = run.plan.tasks[task]!
  const { progress, checkpoint, trouble } = attempt
  return yamlItem({
    agent: agentName(attempt.role, spec.id, attempt.n),
    run: runTitle(run),
    task: spec.id,
    title: spec.title,
    state: attempt.state,
    assigned: iso(attempt.assignedAt),
    started: iso(attempt.startedAt),
    paused: attempt.paused,
    progress:
      progress === null
        ? null
        : { percent: progress.percent, text: progress.text, updated: iso(progress.at) },
    ...(checkpoint === null
      ? {}
      : { checkpoint: { count: checkpoint.count, commit: checkpoint.commit, at: iso(checkpoint.at) } }),
    ...(trouble === null ? {} : { held_up: trouble.error }),
    checklist: {
      ...checklistCounts(checklist),
      open: checklist.filter((step) => step.status === 'open').map((step) => step.id),
    },
  })
}

function tasksSection(agent: AgentView): Section {
  return {
    path: `${agent.folder}/tasks.yaml`,
    of: [
      agent.id,
      agent.role.name,
      ...agent.work.flatMap(({ run, tasks }) => [run.plan, run.id, ...tasks.flatMap((i) => facets(run, i))]),
    ],
    text: () => tasks(agent),
  }
}

/** What a task's entry is made of; what it has in its inbox is not. */
function facets(run: Run, index: number): readonly unknown[] {
  const { state, outcome, cause, attempts, current } = run.tasks.get(index)!
  return [index, state, outcome, cause, attempts, current?.role ?? null]
}

interface Place {
  readonly run: Run
  readonly index: number
  readonly record: TaskRecord
}

function* tasks(agent: AgentView): Generator<string> {
  const places = agent.work.flatMap(({ run, tasks }) =>
    tasks.map((index): Place => ({ run, index, record: run.tasks.get(index)! })),
  )
  const open = places.filter(({ record }) => record.outcome === null).sort((a, b) => rank(a) - rank(b))
  const over = places.filter(({ record }) => record.outcome !== null)
  const counts: Record<string, number> = {}
  for (const { record } of over) counts[record.outcome!] = (counts[record.outcome!] ?? 0) + 1
  yield yaml({ agent: agent.id, role: agent.role.name, open: open.length, over: counts })
  yield* yamlList('tasks', open.slice(0, MOST_TASKS), taskItem)
  yield* yamlList('done', over.slice(-MOST_SETTLED), taskItem)
}

/** At work first, then what could be begun, then what waits; in the order of the plan. */
function rank({ record }: Place): number {
  if (record.current !== null) return 0
  return record.state === 'BLOCKED' ? 1 : 2
}

function taskItem({ run, index, record }: Place): string {
  const spec = run.plan.tasks[index]!
  return yamlItem({
    run: runTitle(run),
    task: spec.id,
    title: spec.title,
    phase: run.plan.phases[spec.phase]?.name ?? null,
    state: record.state,
    outcome: record.outcome,
    ...(record.cause === null ? {} : { cause: record.cause }),
    assigned: record.current !== null || record.past.length > 0 || spec.role !== null,
    attempts: record.attempts,
    priority: spec.priority,
    needs: spec.needs.map(({ task }) => task),
    due: spec.dueMs === null ? null : iso(run.startedAt + spec.dueMs),
  })
}
