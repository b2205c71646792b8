import { type ReactNode, useCallback, useEffect, useMemo, useRef } from 'react'
import type { TaskId } from '../../../../main/domain/ids.ts'
import { planIndex } from '../../../../main/domain/plan.ts'
import type { Run } from '../../../../main/domain/state.ts'
import { usePlace } from '../../state/place.ts'
import { Empty, Loading, Trouble } from '../../ui/Notice.tsx'
import { useWords } from '../../words/language.ts'
import { Canvas } from './Canvas.tsx'
import { DockPane } from './DockPane.tsx'
import { sceneOf } from './fold.ts'
import { useGraph, useGraphView, useLevel, useRelations } from './graphView.ts'
import { roleScene } from './roleGraph.ts'
import { LONG_TITLE } from './TaskCard.tsx'
import { Toolbar } from './Toolbar.tsx'
import { taskGraph } from './taskGraph.ts'
import { useCamera } from './useCamera.ts'
import { useCursor } from './useCursor.ts'
import { useDrawing, useLayoutClient } from './useDrawing.ts'
import { useFolding } from './useFolding.ts'
import { useGraphKeys } from './useGraphKeys.ts'
import { useCriticalPath } from './useRunLooks.ts'
import { useSearch } from './useSearch.ts'
import css from './Workbench.module.css'
import { words } from './words.ts'

/** One run's graph with its tools and, below, the terminals. */
export function Workbench({ run }: { readonly run: Run }): ReactNode {
  const w = useWords(words)
  const { plan } = run
  const { looks, view } = useGraph()
  const level = useLevel()
  const relations = useRelations()
  const query = useGraphView((now) => now.query)
  const graph = taskGraph(plan)
  const folding = useFolding(graph)
  const [client, restart] = useLayoutClient()
  useCriticalPath(client, run)
  const wanted = useMemo(
    () =>
      level === 'tasks'
        ? sceneOf(graph, folding.state)
        : roleScene(plan, relations, (tier) => (tier === null ? w.noTier : w.tier(tier))),
    [level, graph, folding.state, plan, relations, w],
  )
  const tall = useMemo(() => plan.tasks.some((spec) => spec.title.length > LONG_TITLE), [plan])
  const laid = useDrawing(client, restart, wanted, tall)
  const drawing = laid.status === 'ready' ? laid.drawing : undefined
  const { task } = usePlace()
  const selected = task === undefined ? undefined : planIndex(plan).byId.get(task as TaskId)
  const camera = useCamera(drawing, looks, selected)
  const search = useSearch(plan, level, query, drawing?.scene, view)
  const cursor = useCursor({ run, drawing, camera, folding, selected })
  const root = useRef<HTMLDivElement>(null)
  const field = useRef<HTMLInputElement>(null)
  useGraphKeys({ root, cursor, camera, folding, drawing, field })
  // The canvas is drawn anew only when the picture is another one: what it calls is looked up when it calls.
  const calls = useRef({ cursor, camera, folding })
  calls.current = { cursor, camera, folding }
  const onUnit = useCallback((id: string) => calls.current.cursor.press(id), [])
  const onFit = useCallback(() => calls.current.camera.fit(), [])
  const onMoved = useCallback(() => calls.current.camera.onMoved(), [])
  const onToggleLane = useCallback((lane: number) => calls.current.folding.toggleLane(lane), [])
  useEffect(() => () => view.setState({ query: '', only: undefined }), [view])
  const walk = (step: 1 | -1): void => {
    const hit = search.walk(step)
    if (hit !== undefined) cursor.goTo(level === 'tasks' ? { task: hit } : { role: hit })
  }
  return (
    <div className={css['workbench']} ref={root}>
      <Toolbar
        searchField={field}
        found={{ at: search.at, of: search.hits.length }}
        onWalk={walk}
        onLeaveSearch={() => {
          view.setState({ query: '' })
          cursor.focus()
        }}
        folding={level === 'tasks' ? { ...folding, onToggleAll: folding.toggleAll } : undefined}
      />
      <div className={css['picture']}>
        {wanted.units.length === 0 ? (
          <Nothing level={level} />
        ) : laid.status === 'failed' ? (
          <Trouble error={laid.error} onRetry={laid.retry} />
        ) : laid.status === 'laying' ? (
          <Loading what={w.laying} />
        ) : (
          <>
            <p className="visually-hidden">{w.keys}</p>
            <Canvas
              drawing={laid.drawing}
              tall={tall}
              onFit={onFit}
              onMoved={onMoved}
              onToggleLane={level === 'tasks' ? onToggleLane : undefined}
              onUnit={onUnit}
            />
          </>
        )}
      </div>
      <DockPane run={run} within={root} />
    </div>
  )
}

function Nothing({ level }: { readonly level: 'tasks' | 'roles' }): ReactNode {
  const w = useWords(words)
  return level === 'tasks' ? <Empty title={w.noTasks} /> : <Empty title={w.noRoles}>{w.noRolesText}</Empty>
}
