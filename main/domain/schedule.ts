import { freeRole, otherCandidates, planQueues } from './delegation.ts'
import type { Draft } from './draft.ts'
import type { ASSIGN_REASONS } from './events.ts'
import { before, type HeapEntry } from './heap.ts'
import type { ProjectId, RoleName } from './ids.ts'
import { dropStale } from './readiness.ts'
import { settleRun } from './settle.ts'
import type { Run, State, TaskRecord } from './state.ts'

/**
 * Gives ready tasks to roles with room until nothing more can start, then closes the runs in which nothing more
 * can happen. Part of every batch, so a task that frees another starts it in the same commit.
 */
export function schedule(draft: Draft): void {
  for (const project of activeProjects(draft.state)) {
    for (
      let pick = nextPick(draft.state, project);
      pick !== undefined;
      pick = nextPick(draft.state, project)
    ) {
      draft.emitRun(pick.run.id, {
        type: 'task.assigned',
        task: pick.task,
        attempt: pick.run.tasks.get(pick.task)!.attempts + 1,
        role: pick.role,
        reason: assignReason(pick.run.tasks.get(pick.task)!),
      })
    }
  }
  for (const run of draft.state.runs.values()) if (isIdle(run)) settleRun(draft, run.id)
}

function activeProjects(state: State): Set<ProjectId> {
  const projects = new Set<ProjectId>()
  for (const run of state.runs.values())
    if (run.status === 'running' && run.counts.ready > 0) projects.add(run.project)
  return projects
}

interface Pick {
  readonly run: Run
  readonly task: number
  readonly role: RoleName
  readonly entry: HeapEntry
}

/** The most urgent ready task of a project that has a role with room; equal priority: the earlier run, then the earlier ready. */
function nextPick(state: State, project: ProjectId): Pick | undefined {
  let active = 0
  for (const run of state.runs.values()) if (run.project === project) active += run.counts.active
  let best: Pick | undefined
  for (const run of state.runs.values()) {
    if (run.project !== project || run.status !== 'running' || run.paused || run.counts.ready === 0) continue
    if (active >= run.plan.limits.maxConcurrentAgents) continue
    const pick = bestOf(run)
    if (pick !== undefined && (best === undefined || pick.entry.priority < best.entry.priority)) best = pick
  }
  return best
}

function bestOf(run: Run): Pick | undefined {
  const queues = planQueues(run.plan)
  let best: Pick | undefined
  for (let queue = 0; queue < run.ready.length; queue++) {
    const top = dropStale(run, run.ready[queue] ?? null)
    if (top === null || (best !== undefined && !before(top.entry, best.entry))) continue
    const names = queue === queues.other ? others(run, top.entry.task) : queues.candidates[queue]!
    const role = freeRole(run, names)
    if (role !== undefined) best = { run, task: top.entry.task, role, entry: top.entry }
  }
  return best
}

function others(run: Run, task: number): readonly RoleName[] {
  return otherCandidates(run.plan, run.plan.tasks[task]!, run.tasks.get(task)!.past.at(-1)!.role)
}

function assignReason(task: TaskRecord): (typeof ASSIGN_REASONS)[number] {
  if (task.next?.by === 'other') return 'other-agent'
  if (task.next === null) return task.onTip ? 'person' : 'first'
  return task.tries === 0 ? 'person' : 'retry'
}

/** Nothing of the run is under way, due or waiting for a person. */
function isIdle(run: Run): boolean {
  const { ready, active, retrying, blocked } = run.counts
  if (run.status === 'stopping') return active === 0
  if (run.status !== 'running') return false
  return ready + active + retrying + blocked === 0
}
