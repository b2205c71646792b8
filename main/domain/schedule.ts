import { resolve } from './attention.ts'
import { type Busy, freeRole, nextCandidates, planQueues } from './delegation.ts'
import type { Draft } from './draft.ts'
import type { ASSIGN_REASONS } from './events.ts'
import { before, type HeapEntry, heapEntries } from './heap.ts'
import type { ProjectId, RoleName } from './ids.ts'
import { planIndex } from './plan.ts'
import { dropStale } from './readiness.ts'
import { settleRun } from './settle.ts'
import { warnOfFailedNeeds } from './softNeeds.ts'
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
      assign(draft, pick)
    }
  }
  for (const run of draft.state.runs.values()) if (isIdle(run)) settleRun(draft, run.id)
}

function assign(draft: Draft, { run, task, role }: Pick): void {
  const record = run.tasks.get(task)!
  const reason = assignReason(record)
  draft.emitRun(run.id, { type: 'task.assigned', task, attempt: record.attempts + 1, role, reason })
  for (const item of run.attention)
    if (item.task === task && item.kind === 'need-late') resolve(draft, run.id, item.id, 'over')
  warnOfFailedNeeds(draft, run.id, task)
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
  const runs = [...state.runs.values()].filter((run) => run.project === project)
  const active = runs.reduce((sum, run) => sum + run.counts.active, 0)
  let best: Pick | undefined
  for (const run of runs) {
    if (run.status !== 'running' || run.paused || run.counts.ready === 0) continue
    if (active >= run.plan.limits.maxConcurrentAgents) continue
    const pick = bestOf(run, busyFor(run, runs))
    if (pick !== undefined && (best === undefined || pick.entry.priority < best.entry.priority)) best = pick
  }
  return best
}

function bestOf(run: Run, busy: Busy): Pick | undefined {
  const { candidates, own } = planQueues(run.plan)
  let best: Pick | undefined
  const consider = (entry: HeapEntry, names: readonly RoleName[]): void => {
    if (best !== undefined && !before(entry, best.entry)) return
    const role = freeRole(run.plan, busy, names)
    if (role !== undefined) best = { run, task: entry.task, role, entry }
  }
  for (let queue = 0; queue < own; queue++) {
    const top = dropStale(run, run.ready[queue] ?? null)
    if (top !== null) consider(top.entry, candidates[queue]!)
  }
  // Each of these has candidates of its own, so the first must not hold up the rest. They are few.
  for (const entry of heapEntries(run.ready[own] ?? null)) {
    const task = run.tasks.get(entry.task)!
    if (task.epoch === entry.epoch) consider(entry, nextCandidates(run.plan, entry.task, task))
  }
  return best
}

/** What a project's roles are busy with in all its live runs, as `run` numbers them: capacity is the role's, not the run's. */
function busyFor(run: Run, runs: readonly Run[]): Busy {
  const others = runs.filter((other) => other !== run && other.counts.active > 0)
  if (others.length === 0) return run.busy
  return run.plan.roles.map(({ name }, i) => {
    const elsewhere = others.map((other) => other.busy[planIndex(other.plan).roleIndex.get(name) ?? -1] ?? 0)
    return elsewhere.reduce((sum, count) => sum + count, run.busy[i]!)
  })
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
