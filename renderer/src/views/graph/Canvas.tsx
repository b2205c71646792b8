import '@xyflow/react/dist/base.css'
import { type Node, Panel, ReactFlow, useReactFlow, useStore, ViewportPortal } from '@xyflow/react'
import { Maximize, Minus, Plus } from 'lucide-react'
import { memo, type ReactNode, useMemo } from 'react'
import { IconButton } from '../../ui/Button.tsx'
import { useWords } from '../../words/language.ts'
import css from './Canvas.module.css'
import { detailAt } from './camera.ts'
import { Edges } from './Edges.tsx'
import { GateCard } from './GateCard.tsx'
import { GroupCard } from './GroupCard.tsx'
import { Lanes } from './Lanes.tsx'
import { MarkLegend, RelationLegend } from './Legend.tsx'
import { MiniMap } from './MiniMap.tsx'
import { RoleCard } from './RoleCard.tsx'
import { STILL } from './still.ts'
import { TaskCard } from './TaskCard.tsx'
import { Ties } from './Ties.tsx'
import type { Drawing } from './useDrawing.ts'
import { words } from './words.ts'

/** More cards than this, and their rings stand still: each that turns would be a layer of its own. */
const MANY = 80

const CARDS = { task: TaskCard, gate: GateCard, group: GroupCard, role: RoleCard }

interface Props {
  readonly drawing: Drawing
  readonly tall: boolean
  readonly onFit: () => void
  readonly onMoved: () => void
  readonly onToggleLane: ((lane: number) => void) | undefined
  readonly onUnit: (id: string) => void
}

/** The picture: its nodes change with the layout only, never with what goes on. */
export const Canvas = memo(function Canvas(props: Props): ReactNode {
  const { drawing, tall, onFit, onMoved, onToggleLane, onUnit } = props
  const { scene, layout, sizes, heights } = drawing
  const w = useWords(words)
  const nodes = useMemo(
    () =>
      scene.units.map(
        (unit, i): Node => ({
          id: unit.id,
          type: unit.kind,
          position: layout.nodes[i]!,
          width: sizes.width,
          height: heights[i]!,
          // A transform of its own for each would be a thousand pieces for the browser to put together.
          style: { transform: 'none', left: layout.nodes[i]!.x, top: layout.nodes[i]!.y },
          data: unit.kind === 'task' ? { ...unit, tall, calm: scene.units.length > MANY } : { ...unit },
          domAttributes: { 'aria-roledescription': undefined as never },
        }),
      ),
    [scene, layout, sizes, heights, tall],
  )
  const isRoles = scene.units[0]?.kind === 'role'
  const detail = useStore((store) => detailAt(store.transform[2]))
  return (
    <ReactFlow
      className={css['canvas'] ?? ''}
      data-zoom={detail}
      aria-label={isRoles ? w.graphOfRoles : w.graphOfTasks}
      nodes={nodes}
      edges={NONE}
      nodeTypes={CARDS}
      {...STILL}
      onNodeClick={(_, node) => onUnit(node.id)}
      onMoveStart={(event) => {
        if (event !== null) onMoved()
      }}
    >
      <ViewportPortal>
        <Lanes scene={scene} layout={layout} head={sizes.laneHead} onToggle={onToggleLane} />
        <Edges scene={scene} layout={layout} width={sizes.width} heights={heights} />
        {!isRoles && <Ties scene={scene} layout={layout} width={sizes.width} heights={heights} />}
      </ViewportPortal>
      <Panel position="bottom-left" className={css['corner'] ?? ''}>
        {isRoles ? <RelationLegend /> : <MarkLegend />}
      </Panel>
      <Panel position="bottom-right" className={css['corner'] ?? ''}>
        <div className={css['tools']}>
          <MiniMap scene={scene} layout={layout} />
          <Zoom onFit={onFit} />
        </div>
      </Panel>
    </ReactFlow>
  )
})

const NONE: never[] = []

function Zoom({ onFit }: { readonly onFit: () => void }): ReactNode {
  const w = useWords(words)
  const flow = useReactFlow()
  return (
    <div className={css['zoom']}>
      <IconButton label={w.zoomOut} keys="−" onClick={() => void flow.zoomOut()}>
        <Minus size={14} />
      </IconButton>
      <IconButton label={w.zoomIn} keys="+" onClick={() => void flow.zoomIn()}>
        <Plus size={14} />
      </IconButton>
      <IconButton label={w.fit} keys="0" onClick={onFit}>
        <Maximize size={14} />
      </IconButton>
    </div>
  )
}
