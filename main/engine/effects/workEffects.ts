import type { Report } from '../../domain/commands.ts'
import { leftToOthers } from '../../domain/conflicts/splitting.ts'
import { agentName, type CommitId } from '../../domain/ids.ts'
import { earlierHolders, lostLocks, writableGlobs } from '../../domain/locks/held.ts'
import { watchedGlobs } from '../../domain/locks/notifying.ts'
import { placeInGraph } from '../../domain/merging/graphOrder.ts'
import { planIndex } from '../../domain/plan.ts'
import type { Run, TaskRecord } from '../../domain/state.ts'
import { assertSpace } from '../diskSpace.ts'
import type { EffectContext } from '../handlers.ts'
import { WorkspaceError } from '../ports/workspaces.ts'
import { type AttemptView, runnerOf, scopeOf, type World } from '../world.ts'

/** Cuts the attempt's clone from what its transitive needs and earlier holders of its locks made, in graph order. */
export async function workspaceCut({ world, run, ...context }: EffectContext): Promise<Report> {
  const view = context.view!
  await assertSpace(world)
  const { from, artifacts } = lineage(run, view.task)
  const onTip = run.tasks.get(view.task)!.onTip
  const result = await world.workspaces.cut({
    ...scopeOf(run),
    attempt: view.id,
    base: run.base ?? run.tip!,
    from: onTip ? [run.tip!] : from,
    artifacts,
  })
  if (result.status === 'conflict') return { type: 'report.cut-conflict', ...at(view), files: result.files }
  const { commit, path, readOnlyMounts: mounts, leftOut = [] } = result
  return { type: 'report.cut', ...at(view), commit, path, mounts, leftOut }
}

/** The agent is over: its container goes first, so that nothing changes the files while they are read. */
export async function workCommit({ world, run, ...context }: EffectContext): Promise<Report> {
  const view = context.view!
  const { spec, attempt } = view
  await world.outputStored(run, view.id)
  await runnerOf(world, run, view.spec).remove(view.id)
  const watched = watchedGlobs(run.plan)
  const result = await world.workspaces.commit({
    ...scopeOf(run),
    attempt: view.id,
    task: spec.id,
    agent: agentName(attempt.role, spec.id, attempt.n),
    role: attempt.role,
    title: spec.title,
    kind: spec.kind,
    cut: attempt.cut!.commit,
    writes: writesOf(world, view),
    ...(watched.length === 0 ? {} : { watched }),
    time: attempt.exitedAt!,
  })
  return { type: 'report.committed', ...at(view), ...result }
}

/** What it may change, as its locks stand now; `!path` is what was settled to belong to another. */
export function writesOf(world: World, { run, project, task, attempt, id }: AttemptView): readonly string[] {
  const record = world.engine.state.projects.get(project)!
  const globs = writableGlobs(record.locks, run, task, attempt.n)
  return globs.length === 0 ? [] : [...globs, ...leftToOthers(record, id).map((path) => `!${path}`)]
}

export async function workMerge({ world, run, ...context }: EffectContext): Promise<Report> {
  const view = context.view!
  const stale = lostLocks(world.engine.state, run, view.task, view.attempt.n)
  if (stale !== undefined)
    throw new WorkspaceError('permanent', stale, 'Retry the task: it takes its locks anew.')
  const result = await world.workspaces.merge({
    ...scopeOf(run),
    task: view.spec.id,
    commit: view.attempt.commit!,
    message: `Merge ${view.spec.id} into run ${run.id}`,
    time: view.attempt.exitedAt!,
  })
  if (result.status === 'conflict') return { type: 'report.merge-conflict', ...at(view), files: result.files }
  return { type: 'report.merged', ...at(view), tip: result.tip }
}

function at(view: AttemptView): { run: Run['id']; task: number; attempt: number } {
  return { run: view.run.id, task: view.task, attempt: view.attempt.n }
}

/**
 * Results and artifacts of everything this task builds on: its needs and theirs, all earlier phases; and the results of
 * those that held before it what it holds now, or it would undo their work.
 */
export function lineage(run: Run, task: number): { from: readonly CommitId[]; artifacts: readonly string[] } {
  const { needs } = planIndex(run.plan)
  const phase = run.plan.tasks[task]!.phase
  const found = new Set<number>()
  const queue = [...needs[task]!]
  run.plan.tasks.forEach((spec, i) => {
    if (spec.phase < phase) queue.push(i)
  })
  for (let i = queue.pop(); i !== undefined; i = queue.pop()) {
    if (found.has(i)) continue
    found.add(i)
    queue.push(...needs[i]!)
  }
  // Plan order with needs first is graph order: a need is always merged before what needs it.
  const inOrder = (tasks: Iterable<number>): readonly TaskRecord[] =>
    [...tasks]
      .sort((a, b) => placeInGraph(run.plan, a) - placeInGraph(run.plan, b) || a - b)
      .map((i) => run.tasks.get(i)!)
  const before = inOrder(new Set([...found, ...earlierHolders(run, task)]))
  return {
    from: [...new Set(before.flatMap((record) => record.result ?? []))],
    artifacts: [...new Set(inOrder(found).flatMap((record) => record.artifacts ?? []))],
  }
}
