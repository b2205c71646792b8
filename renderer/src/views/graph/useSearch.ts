import { useEffect, useMemo, useRef, useState } from 'react'
import type { Plan } from '../../../../main/domain/plan.ts'
import type { GraphViewStore, Level } from './graphView.ts'
import type { Scene } from './scene.ts'
import { findRoles, findTasks } from './search.ts'

interface Search {
  /** Tasks, or places in `plan.roles`. */
  readonly hits: readonly number[]
  /** From 1; 0 before the first was gone to. */
  readonly at: number
  /** The next hit that way; undefined when there is none. */
  walk(step: 1 | -1): number | undefined
}

/** Keeps what matches in the view's store, by the units that show it. */
export function useSearch(
  plan: Plan,
  level: Level,
  query: string,
  scene: Scene | undefined,
  view: GraphViewStore,
): Search {
  const hits = useMemo(
    () => (level === 'tasks' ? findTasks(plan, query) : findRoles(plan, query)),
    [plan, level, query],
  )
  const [at, setAt] = useState(0)
  const last = useRef(hits)
  if (last.current !== hits) {
    last.current = hits
    if (at !== 0) setAt(0)
  }
  useEffect(() => {
    const idOf = (hit: number): string | undefined =>
      scene?.units[level === 'tasks' ? scene.unitOfTask[hit]! : hit]?.id
    const matches = query.trim() === '' ? undefined : new Set(hits.flatMap((hit) => idOf(hit) ?? []))
    view.setState({ matches })
  }, [hits, query, level, scene, view])
  return {
    hits,
    at: Math.min(at, hits.length),
    walk: (step) => {
      if (hits.length === 0) return undefined
      const next =
        at === 0 ? (step === 1 ? 1 : hits.length) : ((at - 1 + step + hits.length) % hits.length) + 1
      setAt(next)
      return hits[next - 1]
    },
  }
}
