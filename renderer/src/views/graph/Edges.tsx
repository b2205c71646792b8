import { memo, type ReactNode, useMemo } from 'react'
import css from './Edges.module.css'
import { wayKey } from './gateUnits.ts'
import { useGraph, useGraphView, useLooksVersion } from './graphView.ts'
import { Lit } from './Lit.tsx'
import type { Layout } from './layout.ts'
import type { Picture } from './lit.ts'
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
export function Edges({ scene, layout, width, heights }: Picture): ReactNode {
  return (
    <svg className={css['edges']} width={layout.width} height={layout.height} aria-hidden>
      <Plain scene={scene} layout={layout} />
      {scene.units[0]?.kind === 'role' ? (
        <RolesNow scene={scene} layout={layout} />
      ) : (
        <TasksNow scene={scene} layout={layout} />
      )}
      <Related scene={scene} layout={layout} />
      <Lit scene={scene} layout={layout} width={width} heights={heights} />
      {scene.edges.length <= MAX_COUNTS && (
        <Counts scene={scene} layout={layout} edges={scene.edges.map((_, e) => e)} />
      )}
    </svg>
  )
}

/** More lines than this are drawn fainter, so that what matters now stands out. */
const MANY = 150
const MANY_RELATIONS = 30

/** With more lines than this only those of the card at hand carry their count. */
const MAX_COUNTS = 40

const Plain = memo(function Plain({ scene, layout }: Drawing): ReactNode {
  const isRoles = scene.units[0]?.kind === 'role'
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
    <g data-many={scene.edges.length > (isRoles ? MANY_RELATIONS : MANY)}>
      {kinds.map(({ kind, of }) => (
        <Lines key={kind} look={kind} edges={of} layout={layout} />
      ))}
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

/** Between two tasks, the edges of the units that show them and of the gates between. */
function edgeFinder(scene: Scene): (from: number, to: number) => readonly number[] {
  const byPair = new Map<string, number>(scene.edges.map(({ from, to }, e) => [`${from}>${to}`, e]))
  return (from, to) => {
    const way = scene.ways?.get(wayKey(from, to)) ?? [scene.unitOfTask[from]!, scene.unitOfTask[to]!]
    return way.slice(1).flatMap((unit, i) => byPair.get(`${way[i]}>${unit}`) ?? [])
  }
}

/** Relations between roles that are in use: the second is at work with what the first handed on. */
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
  for (const { from, to } of taskGraph(looks.run.plan).edges) {
    if (looks.get(to).record.current !== null) pairs.add(`${scene.unitOfTask[from]}>${scene.unitOfTask[to]}`)
  }
  return pairs
}

/** What the unit under the cursor hangs on, and what hangs on it. */
function Related({ scene, layout }: Drawing): ReactNode {
  const chosen = useGraphView((view) => view.chosen)
  const related = useMemo(() => {
    if (chosen === undefined) return []
    return scene.edges.flatMap(({ from, to }, e) =>
      scene.units[from]!.id === chosen || scene.units[to]!.id === chosen ? [e] : [],
    )
  }, [scene, chosen])
  return (
    <>
      <Lines look="related" edges={related} layout={layout} />
      {scene.edges.length > MAX_COUNTS && <Counts scene={scene} layout={layout} edges={related} />}
    </>
  )
}

function Counts({ scene, layout, edges }: Drawing & { readonly edges: readonly number[] }): ReactNode {
  return edges.map((e) => {
    const { count, from, to, kind } = scene.edges[e]!
    const { x, y } = layout.edges[e]!.middle
    // Of a gate it says only how many go through it, which can be seen.
    const isOfGate = [from, to].some((unit) => scene.units[unit]!.kind === 'gate')
    return count < 2 || isOfGate ? null : (
      <text key={`${from}>${to}:${kind}`} className={css['count']} x={x} y={y}>
        {count}
      </text>
    )
  })
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
