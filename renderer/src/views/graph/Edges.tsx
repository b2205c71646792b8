import { memo, type ReactNode, useMemo } from 'react'
import { usePlace } from '../../state/place.ts'
import css from './Edges.module.css'
import { useGraph, useGraphView, useLooksVersion } from './graphView.ts'
import type { Layout } from './layout.ts'
import { type RunLooks, waitingPairs } from './looks.ts'
import { EDGE_KINDS, type EdgeKind, type Scene } from './scene.ts'
import { taskGraph } from './taskGraph.ts'

interface Drawing {
  readonly scene: Scene
  readonly layout: Layout
}

/**
 * All lines as a handful of paths: one a kind that never changes, and over it the few that matter now. A thousand
 * elements of their own would cost every frame of a pan.
 */
export function Edges({ scene, layout }: Drawing): ReactNode {
  return (
    <svg className={css['edges']} width={layout.width} height={layout.height} aria-hidden>
      <Plain scene={scene} layout={layout} />
      {scene.units[0]?.kind === 'role' ? (
        <RolesNow scene={scene} layout={layout} />
      ) : (
        <TasksNow scene={scene} layout={layout} />
      )}
      <Related scene={scene} layout={layout} />
    </svg>
  )
}

/** More lines than this are drawn fainter, so that what matters now stands out. */
const MANY = 150

const Plain = memo(function Plain({ scene, layout }: Drawing): ReactNode {
  const kinds = useMemo(() => {
    const numbers = new Map<EdgeKind, number[]>()
    scene.edges.forEach(({ kind }, e) => {
      numbers.set(kind, [...(numbers.get(kind) ?? []), e])
    })
    return EDGE_KINDS.flatMap((kind) => {
      const of = numbers.get(kind)
      return of === undefined ? [] : [{ kind, of }]
    })
  }, [scene])
  return (
    <g data-many={scene.edges.length > MANY}>
      {kinds.map(({ kind, of }) => (
        <Lines key={kind} look={kind} edges={of} layout={layout} />
      ))}
      {scene.edges.map(({ count, from, to, kind }, e) =>
        count < 2 ? null : (
          <text
            key={`${from}>${to}:${kind}`}
            className={css['count']}
            x={layout.edges[e]!.middle.x}
            y={layout.edges[e]!.middle.y}
          >
            {count}
          </text>
        ),
      )}
    </g>
  )
})

/** The critical path, and what holds tasks up at this moment. */
function TasksNow({ scene, layout }: Drawing): ReactNode {
  const { looks } = useGraph()
  const version = useLooksVersion()
  const path = useGraphView((view) => view.critical)
  const find = useMemo(() => edgeFinder(scene), [scene])
  const critical = useMemo(
    () => [...path].flatMap(([from, to]) => (to === null ? [] : find(from, to))),
    [path, find],
  )
  const waiting = useMemo(() => {
    void version
    return waitingPairs(looks).flatMap(([from, to]) => find(from, to))
  }, [version, looks, find])
  return (
    <>
      <Lines look="critical" edges={critical} layout={layout} />
      <Lines look="waiting" edges={waiting} layout={layout} />
    </>
  )
}

/** Between two tasks, the edge of the units that show them. */
function edgeFinder(scene: Scene): (from: number, to: number) => readonly number[] {
  const byPair = new Map<string, number>(scene.edges.map(({ from, to }, e) => [`${from}>${to}`, e]))
  return (from, to) => {
    const edge = byPair.get(`${scene.unitOfTask[from]}>${scene.unitOfTask[to]}`)
    return edge === undefined ? [] : [edge]
  }
}

/** Relations between roles that are in use: one of the two is at work on what passes between them. */
function RolesNow({ scene, layout }: Drawing): ReactNode {
  const { looks } = useGraph()
  const version = useLooksVersion()
  const used = useMemo(() => {
    void version
    const pairs = pairsInUse(looks, scene)
    return scene.edges.flatMap(({ from, to, kind }, e) =>
      (kind === 'work' || kind === 'order') && pairs.has(`${from}>${to}`) ? [e] : [],
    )
  }, [version, looks, scene])
  return <Lines look="used" edges={used} layout={layout} />
}

function pairsInUse(looks: RunLooks, scene: Scene): ReadonlySet<string> {
  const pairs = new Set<string>()
  const isAtWork = (task: number): boolean => looks.get(task).record.current !== null
  for (const { from, to } of taskGraph(looks.run.plan).edges) {
    if (isAtWork(from) || isAtWork(to)) pairs.add(`${scene.unitOfTask[from]}>${scene.unitOfTask[to]}`)
  }
  return pairs
}

/** What the unit under the cursor hangs on, and what hangs on it. */
function Related({ scene, layout }: Drawing): ReactNode {
  const cursor = useGraphView((view) => view.cursor)
  const { task } = usePlace()
  const isRoles = scene.units[0]?.kind === 'role'
  const related = useMemo(() => {
    if (cursor === undefined || (task === undefined && !isRoles)) return []
    return scene.edges.flatMap(({ from, to }, e) =>
      scene.units[from]!.id === cursor || scene.units[to]!.id === cursor ? [e] : [],
    )
  }, [scene, cursor, task, isRoles])
  return <Lines look="related" edges={related} layout={layout} />
}

const Lines = memo(function Lines({
  look,
  edges,
  layout,
}: {
  readonly look: string
  readonly edges: readonly number[]
  readonly layout: Layout
}): ReactNode {
  const [line, head] = useMemo(
    () => [
      edges.map((e) => layout.edges[e]!.line).join(''),
      edges.map((e) => layout.edges[e]!.head).join(''),
    ],
    [edges, layout],
  )
  if (edges.length === 0) return null
  return (
    <g className={css[look]} data-edges={edges.length}>
      <path className={css['line']} d={line} />
      <path className={css['head']} d={head} />
    </g>
  )
})
