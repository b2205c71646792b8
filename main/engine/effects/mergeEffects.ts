import type { Report } from '../../domain/commands.ts'
import { placeInGraph } from '../../domain/merging/graphOrder.ts'
import { checkId, MERGE_CHECK, type MergeCheckSpec } from '../../domain/merging/mergePolicy.ts'
import type { MergeCheck } from '../../domain/merging/mergeQueue.ts'
import type { Run } from '../../domain/state.ts'
import type { EffectContext } from '../handlers.ts'
import type { StackItem } from '../ports/workspaces.ts'
import { scopeOf, type World } from '../world.ts'
import { checkCommand } from './checkCommand.ts'

type Ended = Extract<Report, { type: 'report.check-ended' }>

/**
 * Puts the first of the queue on the tip, in the hub, and runs the check on a clone of what comes of it: in a container
 * of its own, like any agent. A check under way when the engine died is found by its name and waited for. One that is
 * called off meanwhile is removed, and nothing is reported.
 */
export async function mergeCheck(context: EffectContext): Promise<Report | undefined> {
  const { world, run } = context
  const check = run.mergeQueue!.check!
  const at = { run: run.id, check: check.n }
  const stacked = await world.workspaces.stack({ ...scopeOf(run), items: itemsOf(run, check) })
  if (stacked.status === 'conflict')
    return { type: 'report.check-conflict', ...at, task: check.tasks[stacked.item]!, files: stacked.files }
  const ended = (result: Ended['result'], detail: string): Ended => ({
    type: 'report.check-ended',
    ...at,
    result,
    from: stacked.from,
    to: stacked.to,
    detail,
  })
  if (check.unchecked) return ended('passed', '')
  const off = new AbortController()
  const stop = world.engine.onPublish(() => {
    if (!isWanted(world, run, check)) off.abort()
  })
  try {
    const end = await checkCommand(world, {
      run,
      id: checkId(run.id, check.n),
      task: MERGE_CHECK,
      spec: policyOf(run),
      code: { base: stacked.to, from: [], artifacts: artifactsOf(run, check) },
      isWanted: () => isWanted(world, run, check),
      signal: AbortSignal.any([context.signal, off.signal]),
      again: context.again,
    })
    return end === undefined ? undefined : ended(end.result, end.detail)
  } finally {
    stop()
  }
}

/** Moves the branch to what has passed. */
export async function mergeAdvance({ world, run }: EffectContext): Promise<Report> {
  const check = run.mergeQueue!.check!
  const { from, to } = check.move!
  await world.workspaces.advance({ ...scopeOf(run), items: itemsOf(run, check), from, to })
  return { type: 'report.advanced', run: run.id, check: check.n, tip: to }
}

function itemsOf(run: Run, { tasks }: MergeCheck): readonly StackItem[] {
  return tasks.map((index) => {
    const { id } = run.plan.tasks[index]!
    const { commit, exitedAt } = run.tasks.get(index)!.current!
    return { task: id, commit: commit!, message: `Merge ${id} into run ${run.id}`, time: exitedAt! }
  })
}

function isWanted({ engine }: World, run: Run, check: MergeCheck): boolean {
  const now = engine.state.runs.get(run.id)?.mergeQueue?.check
  return now?.n === check.n && now.move === null
}

function policyOf(run: Run): MergeCheckSpec {
  const policy = run.plan.merge?.check
  if (policy === undefined) throw new Error(`run ${run.id} checks nothing before it merges`)
  return policy
}

/** Git-ignored files that tasks handed on, of all that is merged or would be, in graph order. */
function artifactsOf(run: Run, check: MergeCheck): readonly string[] {
  const tasks = run.plan.tasks
    .map((_, i) => i)
    .sort((a, b) => placeInGraph(run.plan, a) - placeInGraph(run.plan, b) || a - b)
  const all = tasks.flatMap((task) => {
    const { artifacts, current } = run.tasks.get(task)!
    return [artifacts, check.tasks.includes(task) ? (current?.artifacts ?? null) : null]
  })
  return [...new Set(all.filter((manifest) => manifest !== null))]
}
