import { useState } from 'react'
import { tell, tellFailure } from '../../ui/toasts.tsx'
import { useWords } from '../../words/language.ts'
import { type FoldState, initialFold, MAX_CARDS, openGroup, reveal, toggleLane, UNFOLDED } from './fold.ts'
import type { TaskGraph } from './taskGraph.ts'
import { words } from './words.ts'

export interface Folding {
  readonly state: FoldState
  readonly allFolded: boolean
  /** Why not all can be unfolded. */
  readonly unavailable: string | undefined
  toggleLane(lane: number): void
  toggleAll(): void
  openGroup(id: string): void
  reveal(task: number): void
}

/** What is folded, kept by graph; says so where more was asked for than can be drawn at once. */
export function useFolding(graph: TaskGraph): Folding {
  const w = useWords(words)
  const [held, setHeld] = useState(() => ({ graph, state: initialFold(graph) }))
  const { state } = held.graph === graph ? held : { state: initialFold(graph) }
  const set = (next: FoldState): void => setHeld({ graph, state: next })
  const opened = (next: FoldState): void => {
    const lost = state.open.some((id) => !next.open.includes(id))
    const folded = [...next.folded].some((lane) => !state.folded.has(lane))
    if (lost || folded) tell(w.foldedAgain)
    set(next)
  }
  const allFolded = graph.lanes.every(({ tasks }, lane) => tasks.length === 0 || state.folded.has(lane))
  const total = graph.plan.tasks.length
  return {
    state,
    allFolded,
    unavailable: allFolded && total > MAX_CARDS ? w.tooMuchAll(total) : undefined,
    toggleLane: (lane) => {
      const next = toggleLane(graph, state, lane)
      if (next === undefined)
        tellFailure({ message: w.tooMuch(graph.lanes[lane]!.title, graph.lanes[lane]!.tasks.length) })
      else if (state.folded.has(lane) && !next.folded.has(lane)) opened(next)
      else set(next)
    },
    toggleAll: () => set(allFolded ? UNFOLDED : { folded: new Set(graph.lanes.keys()), open: [] }),
    openGroup: (id) => opened(openGroup(graph, state, id)),
    reveal: (task) => {
      const next = reveal(graph, state, task)
      if (next !== state) opened(next)
    },
  }
}
