import { useEffect, useLayoutEffect, useState } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import { useCalm } from '../../state/calm.ts'
import { useSession } from '../../state/session.tsx'
import { weightsOf } from './critical.ts'
import { useGraph } from './graphView.ts'
import type { LayoutClient } from './layoutClient.ts'
import { RunLooks } from './looks.ts'
import { taskGraph } from './taskGraph.ts'

/** The looks of a run, kept up by the live state itself and not by anything that renders. */
export function useRunLooks(run: Run): RunLooks {
  const { live } = useSession()
  const { id, plan } = run
  const [made, setMade] = useState(() => new RunLooks(run))
  let looks = made
  if (looks.run.id !== id || looks.run.plan !== plan) {
    looks = new RunLooks(run)
    setMade(looks)
  }
  useLayoutEffect(() => {
    const follow = (): void => {
      const now = live.getState().state?.runs.get(id)
      if (now !== undefined && now.plan === plan) looks.update(now)
    }
    follow()
    return live.subscribe(follow)
  }, [live, looks, id, plan])
  // What is not live any more is brought by whoever folded it.
  useEffect(() => {
    if (!live.getState().state?.runs.has(run.id)) looks.update(run)
  }, [live, looks, run])
  return looks
}

/** How often the critical path is worked out anew while tasks end, ms. */
const CRITICAL_MS = 1_000

/** Keeps the critical path in the view's store; it changes as tasks turn out longer or shorter. */
export function useCriticalPath(client: LayoutClient | undefined, run: Run): void {
  const { looks, view } = useGraph()
  const settled = useCalm(settledCount(run), CRITICAL_MS)
  const { plan } = run
  useEffect(() => {
    void settled
    if (client === undefined) return
    let gone = false
    const { edges } = taskGraph(plan)
    const needs: number[][] = plan.tasks.map(() => [])
    for (const { from, to, kind } of edges) if (kind === 'need') needs[to]!.push(from)
    const input = { phase: plan.tasks.map((task) => task.phase), needs, weights: weightsOf(looks.run) }
    client.critical(input).then(
      (path) => {
        if (!gone) view.setState({ critical: new Map(path.map((task, i) => [task, path[i + 1] ?? null])) })
      },
      () => undefined,
    )
    return () => {
      gone = true
    }
  }, [client, plan, settled, looks, view])
}

function settledCount(run: Run): number {
  let count = 0
  for (const task of run.tasks) if (task.outcome !== null) count += 1
  return count
}
