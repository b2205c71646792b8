import '@xyflow/react/dist/base.css'
import {
  type Node,
  Panel,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore,
  ViewportPortal,
} from '@xyflow/react'
import { Maximize } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { type AgentWait, waitsOf } from '../../../../main/domain/conflicts/waitsOf.ts'
import type { ProjectId } from '../../../../main/domain/ids.ts'
import type { LockTable } from '../../../../main/domain/locks/changes.ts'
import type { State } from '../../../../main/domain/state.ts'
import { findAgent } from '../../state/agents.ts'
import { useNow } from '../../state/clock.ts'
import { navigate } from '../../state/place.ts'
import { IconButton } from '../../ui/Button.tsx'
import { Empty, Loading, Trouble } from '../../ui/Notice.tsx'
import { useWords } from '../../words/language.ts'
import { fitAll } from '../graph/camera.ts'
import type { Layout } from '../graph/layout.ts'
import { STILL } from '../graph/still.ts'
import { DIRECTIONS, travel } from '../graph/travel.ts'
import { useLayoutClient } from '../graph/useDrawing.ts'
import { words as graphWords } from '../graph/words.ts'
import { AgentCard } from './WaitCard.tsx'
import { EdgeList, Lines } from './WaitLines.tsx'
import css from './Waits.module.css'
import { allWaits, type Waits as WaitsNow } from './waits.ts'
import { words } from './words.ts'

/** More agents than this make no picture; the map lists them all. */
const MOST = 240

/** px; the gap between columns holds the name of what is waited for. */
const CARD = { width: 176, height: 52 }
const SIZES = {
  width: CARD.width,
  rowGap: 34,
  columnGap: 136,
  lanePad: 16,
  laneHead: 0,
  laneGap: 0,
  leastHeight: 0,
}

/** Who waits for whom and for what, drawn from those who wait for nobody to those who wait longest. */
export function Waits({
  state,
  project,
  table,
  others,
}: {
  readonly state: State
  readonly project: ProjectId
  readonly table: LockTable
  readonly others: readonly AgentWait[]
}): ReactNode {
  const w = useWords(words)
  const all = useMemo(() => allWaits(table, others), [table, others])
  const shown = useMemo(() => firstOf(all), [all])
  const drawn = useLaidOut(shown)
  if (all.edges.length === 0) return <Empty title={w.noWaits}>{w.noWaitsText}</Empty>
  if (drawn.status === 'failed') return <Trouble error={drawn.error} onRetry={drawn.retry} />
  if (drawn.status === 'laying') return <Loading what={w.laying} />
  return (
    <ReactFlowProvider>
      <Picture
        state={state}
        project={project}
        waits={drawn.waits}
        layout={drawn.layout}
        more={all.agents.length - shown.agents.length}
      />
    </ReactFlowProvider>
  )
}

/** Waits that are not for locks; the same list until one comes, goes or has had its time. */
export function useOtherWaits(state: State, project: ProjectId): readonly AgentWait[] {
  const now = useNow()
  const waits = waitsOf(state, project, now)
  const kept = useRef(waits)
  const nameOf = ({ holder, whom, about, text }: AgentWait): string => `${holder} ${whom} ${about} ${text}`
  if (kept.current.map(nameOf).join('\n') !== waits.map(nameOf).join('\n')) kept.current = waits
  return kept.current
}

function firstOf(all: WaitsNow): WaitsNow {
  if (all.agents.length <= MOST) return all
  return {
    agents: all.agents.slice(0, MOST),
    edges: all.edges.filter(({ from, to }) => from < MOST && to < MOST),
  }
}

type Drawn =
  | { readonly status: 'laying' }
  | { readonly status: 'ready'; readonly waits: WaitsNow; readonly layout: Layout }
  | { readonly status: 'failed'; readonly error: unknown; readonly retry: () => void }

/** Laid out by the graph's worker; the picture before stays until the next is ready. */
function useLaidOut(waits: WaitsNow): Drawn {
  const [client, restart] = useLayoutClient()
  const [drawn, setDrawn] = useState<Drawn>({ status: 'laying' })
  const again = useRef(restart)
  again.current = restart
  useEffect(() => {
    if (client === undefined || waits.agents.length === 0) return
    let gone = false
    const nodes = waits.agents.map(() => ({ lane: 0, height: CARD.height }))
    const edges = waits.edges.map(({ from, to }) => ({ from, to }))
    client.layout({ lanes: 1, nodes, edges, sizes: SIZES }).then(
      (layout) => {
        if (!gone) setDrawn({ status: 'ready', waits, layout })
      },
      (error: unknown) => {
        if (!gone) setDrawn({ status: 'failed', error, retry: () => again.current() })
      },
    )
    return () => {
      gone = true
    }
  }, [client, waits])
  return drawn
}

interface PictureProps {
  readonly state: State
  readonly project: ProjectId
  readonly waits: WaitsNow
  readonly layout: Layout
  readonly more: number
}

/** The least zoom at which names are read well, and up to how many agents that matters more than to see all. */
const CLOSE = 0.7
const MOST_READABLE = 40

const CARDS = { agent: AgentCard }
const NO_EDGES: never[] = []

function Picture({ state, project, waits, layout, more }: PictureProps): ReactNode {
  const w = useWords(words)
  const g = useWords(graphWords)
  const root = useRef<HTMLDivElement>(null)
  const [stop, setStop] = useState(0)
  const fitIn = useFit(layout)
  const stopAt = Math.min(stop, waits.agents.length - 1)
  const nodes = useMemo(
    () =>
      waits.agents.map(
        ({ holder }, i): Node => ({
          id: holder,
          type: 'agent',
          position: layout.nodes[i]!,
          ...CARD,
          data: { waits, project, number: i, stop: i === stopAt },
          domAttributes: { 'aria-roledescription': undefined as never },
        }),
      ),
    [waits, project, layout, stopAt],
  )
  const onKeyDown = (event: KeyboardEvent): void => {
    const direction = DIRECTIONS[event.key]
    if (direction === undefined || event.ctrlKey || event.altKey || event.metaKey) return
    const next = travel(sceneOf(waits), layout, stopAt, direction)
    event.preventDefault()
    if (next === undefined) return
    setStop(next)
    const name = waits.agents[next]!.holder
    requestAnimationFrame(() =>
      root.current?.querySelector<HTMLElement>(`[data-agent="${CSS.escape(name)}"]`)?.focus(),
    )
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the cards in it
    <div ref={root} className={css['picture']} onKeyDown={onKeyDown}>
      <p className="visually-hidden">{w.waitsKeys}</p>
      <ReactFlow
        className={css['canvas'] ?? ''}
        aria-label={w.waitsLabel}
        nodes={nodes}
        edges={NO_EDGES}
        nodeTypes={CARDS}
        {...STILL}
        onNodeClick={(_, { id }) => showAgent(state, id)}
      >
        <ViewportPortal>
          <Lines waits={waits} layout={layout} />
        </ViewportPortal>
        <Panel position="bottom-right" className={css['corner'] ?? ''}>
          <IconButton label={g.fit} onClick={fitIn}>
            <Maximize size={14} />
          </IconButton>
        </Panel>
        {more > 0 && (
          <Panel position="bottom-left" className={css['corner'] ?? ''}>
            <p className={css['more']}>{w.moreAgents(more)}</p>
          </Panel>
        )}
      </ReactFlow>
      <EdgeList waits={waits} />
    </div>
  )
}

function sceneOf({ agents, edges }: WaitsNow): Parameters<typeof travel>[0] {
  return {
    lanes: [],
    unitOfTask: [],
    units: agents.map(({ holder }, task) => ({ kind: 'task', id: holder, lane: 0, task })),
    edges: edges.map(({ from, to }) => ({ from, to, kind: 'need', count: 1 })),
  }
}

function showAgent(state: State, holder: string): void {
  const agent = findAgent(state, holder)
  if (agent === undefined) return
  navigate({ run: agent.run.id, task: agent.run.plan.tasks[agent.index]!.id, at: 'waits' })
}

/** Everything in sight, now and whenever the picture or the window changes, until a person moves it. */
function useFit(layout: Layout): () => void {
  const flow = useReactFlow()
  const isReady = useStore((now) => now.panZoom !== null && now.width > 0)
  const width = useStore((now) => now.width)
  const height = useStore((now) => now.height)
  const fitIn = (): void => {
    const all = fitAll({ width, height }, layout)
    // A few are rather moved about than too small to read.
    const isMap = layout.nodes.length > MOST_READABLE
    void flow.setViewport(isMap || all.zoom >= CLOSE ? all : { x: 0, y: 0, zoom: CLOSE })
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: `fitIn` is made of these
  useEffect(() => {
    if (isReady) fitIn()
  }, [isReady, width, height, layout, flow])
  return fitIn
}
