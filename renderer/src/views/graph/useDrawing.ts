import { useEffect, useState } from 'react'
import { NAMED_GATES } from './GateCard.tsx'
import { CARD_SIZES, type Layout, type LayoutSizes } from './layout.ts'
import { LayoutClient } from './layoutClient.ts'
import type { Scene, Unit } from './scene.ts'

/** A scene with its layout: what is on the screen until the next one is ready. */
export interface Drawing {
  readonly scene: Scene
  readonly layout: Layout
  readonly sizes: LayoutSizes
  readonly heights: readonly number[]
}

export type DrawingState =
  | { readonly status: 'laying' }
  | { readonly status: 'ready'; readonly drawing: Drawing }
  | { readonly status: 'failed'; readonly error: unknown; readonly retry: () => void }

const GROUP_HEIGHT = 72
const ROLE_HEIGHT = 88
/** A title on one line, on two lines. */
const TASK_HEIGHT = 52
const TALL_HEIGHT = 64
/** Each gate is a line. */
const GATE_ROW = 20
const GATE_PAD = 14

function heightOf(unit: Unit, tall: boolean): number {
  switch (unit.kind) {
    case 'task':
      return tall ? TALL_HEIGHT : TASK_HEIGHT
    case 'gate':
      return GATE_PAD + GATE_ROW * Math.min(unit.names.length, NAMED_GATES)
    case 'group':
      return GROUP_HEIGHT
    case 'role':
      return ROLE_HEIGHT
  }
}

/** Edges between roles carry numbers and want room. */
const ROLE_SIZES: LayoutSizes = { ...CARD_SIZES, columnGap: 72, laneGap: 56, rowGap: 36, lanePad: 56 }
const TIER_SIZES: LayoutSizes = { ...ROLE_SIZES, lanePad: 36, laneGap: 20 }

/** Tiers of roles are columns; how roles of one tier hang together does not make it wider. */
function isStacked({ units, lanes }: Scene): boolean {
  return units[0]?.kind === 'role' && lanes.length > 1
}

/** From further away lanes are known by larger heads. */
function sizesOf(scene: Scene): LayoutSizes {
  const { units } = scene
  if (isStacked(scene)) return TIER_SIZES
  if (units[0]?.kind === 'role') return ROLE_SIZES
  return { ...CARD_SIZES, laneHead: units.length > 300 ? 96 : units.length > 60 ? 56 : CARD_SIZES.laneHead }
}

/** A worker for as long as the view is there. */
export function useLayoutClient(): readonly [LayoutClient | undefined, () => void] {
  const [client, setClient] = useState<LayoutClient>()
  const [tries, setTries] = useState(0)
  useEffect(() => {
    void tries
    const made = new LayoutClient()
    setClient(made)
    return () => made.stop()
  }, [tries])
  return [client, () => setTries((n) => n + 1)]
}

/** Lays the scene out in the worker; of several asked for in a row only the last is taken. */
export function useDrawing(
  client: LayoutClient | undefined,
  restart: () => void,
  scene: Scene,
  tall: boolean,
): DrawingState {
  const [drawing, setDrawing] = useState<Drawing>()
  const [error, setError] = useState<unknown>()
  useEffect(() => {
    if (client === undefined) return
    let gone = false
    const sizes = sizesOf(scene)
    const heights = scene.units.map((unit) => heightOf(unit, tall))
    const nodes = scene.units.map(({ lane }, i) => ({ lane, height: heights[i]! }))
    const edges = scene.edges.map(({ from, to }) => ({ from, to }))
    client.layout({ lanes: scene.lanes.length, nodes, edges, sizes, stacked: isStacked(scene) }).then(
      (layout) => {
        if (gone) return
        setDrawing({ scene, layout, sizes, heights })
        setError(undefined)
      },
      (reason: unknown) => {
        if (!gone) setError(reason)
      },
    )
    return () => {
      gone = true
    }
  }, [client, scene, tall])
  if (error !== undefined) return { status: 'failed', error, retry: restart }
  return drawing === undefined ? { status: 'laying' } : { status: 'ready', drawing }
}
