import { createContext, useContext, useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Mark } from '../../../../main/domain/status.ts'
import { useCalm } from '../../state/calm.ts'
import type { Look, MarkCounts, RunLooks } from './looks.ts'
import type { EdgeKind } from './scene.ts'

export type Level = 'tasks' | 'roles'

/** What the person does with the picture; cards subscribe to the little of it that concerns them. */
export interface GraphView {
  /** Id of the unit the keyboard is at. */
  readonly cursor: string | undefined
  /** Id of the unit whose edges are shown: the selected task's, or a group or role gone to. */
  readonly chosen: string | undefined
  /** Only tasks with this mark are bright. */
  readonly only: Mark | undefined
  readonly query: string
  /** Ids of the units that match the query; undefined without a query. */
  readonly matches: ReadonlySet<string> | undefined
  /** Tasks of the critical path, each with the next one; null for the last. */
  readonly critical: ReadonlyMap<number, number | null>
}

export type GraphViewStore = StoreApi<GraphView>

export function createGraphView(): GraphViewStore {
  return createStore<GraphView>(() => ({
    cursor: undefined,
    chosen: undefined,
    only: undefined,
    query: '',
    matches: undefined,
    critical: new Map(),
  }))
}

interface GraphContext {
  readonly looks: RunLooks
  readonly view: GraphViewStore
}

export const GraphContext = createContext<GraphContext | undefined>(undefined)

export function useGraph(): GraphContext {
  const context = useContext(GraphContext)
  if (context === undefined) throw new Error('outside of the graph')
  return context
}

export function useGraphView<T>(select: (view: GraphView) => T): T {
  return useStore(useGraph().view, select)
}

/** Renders again only when this task looks otherwise. */
export function useLook(task: number): Look {
  const { looks } = useGraph()
  return useSyncExternalStore(
    (listener) => looks.subscribe(task, listener),
    () => looks.get(task),
  )
}

export function useMarkCounts(): MarkCounts {
  const { looks } = useGraph()
  const counts = useSyncExternalStore(
    (listener) => looks.subscribeAll(listener),
    () => looks.counts(),
  )
  return useCalm(counts)
}

/** Changes when any task looks otherwise, but not more often than somebody can read. */
export function useLooksVersion(ms = 250): number {
  const { looks } = useGraph()
  const version = useSyncExternalStore(
    (listener) => looks.subscribeAll(listener),
    () => looks.version,
  )
  return useCalm(version, ms)
}

/** Kept for as long as the window: the level, and which relations of roles are shown. */
export const graphChoices = createStore<{
  readonly level: Level
  readonly relations: ReadonlySet<EdgeKind>
}>(() => ({ level: 'tasks', relations: new Set<EdgeKind>(['work', 'order', 'asks']) }))

export function useLevel(): Level {
  return useStore(graphChoices, (all) => all.level)
}

export function useRelations(): ReadonlySet<EdgeKind> {
  return useStore(graphChoices, (all) => all.relations)
}
