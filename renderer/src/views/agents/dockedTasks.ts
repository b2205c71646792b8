import { planIndex } from '../../../../main/domain/plan.ts'
import { isSettled, type Run } from '../../../../main/domain/state.ts'

/** Panes beside each other below the graph. */
const PANES = 2

/**
 * Which tasks' terminals stand below the graph: the selected one, then those at work for longest; where fewer are at
 * work, the last that ended. Indices in the plan; empty before the first agent began.
 */
export function dockedTasks(run: Run, selected: number | undefined): readonly number[] {
  const started = new Map<number, number>()
  const ended: { readonly index: number; readonly at: number }[] = []
  for (let index = 0; index < run.tasks.length; index++) {
    const task = run.tasks.get(index)!
    if (task.current !== null && task.current.startedAt !== null) started.set(index, task.current.startedAt)
    else if (isSettled(task) || task.past.length > 0) {
      const last = task.past.at(-1)
      if (last !== undefined) ended.push({ index, at: last.endedAt })
    }
  }
  const working = [...started].sort(([a, x], [b, y]) => x - y || a - b).map(([index]) => index)
  const newest = ended.sort((a, b) => b.at - a.at || a.index - b.index).map(({ index }) => index)
  const chosen = selected === undefined || selected >= planIndex(run.plan).needs.length ? [] : [selected]
  return [...new Set([...chosen, ...working, ...newest])].slice(0, PANES)
}
