import { useReactFlow, useStore, useStoreApi, type Viewport } from '@xyflow/react'
import { useCallback, useEffect, useRef } from 'react'
import { usePlace } from '../../state/place.ts'
import { bringIntoView, firstLook, fitAll } from './camera.ts'
import type { RunLooks } from './looks.ts'
import type { Drawing } from './useDrawing.ts'

const MOVE_MS = 120

export interface Camera {
  fit(): void
  /** Moves only when it is not in view, or too small to read and `readable` is asked. */
  show(unit: number, readable: boolean): void
  zoom(step: 1 | -1): void
  /** To be told when a person moved the picture. */
  readonly onMoved: () => void
}

/**
 * Where the picture is looked at from. Until a person moves it, it shows everything and follows the size of the
 * window; after that it stays where they left it.
 */
export function useCamera(
  drawing: Drawing | undefined,
  looks: RunLooks,
  selected: number | undefined,
): Camera {
  const flow = useReactFlow()
  const store = useStoreApi()
  const isReady = useStore((now) => now.panZoom !== null && now.width > 0)
  const width = useStore((now) => now.width)
  const height = useStore((now) => now.height)
  const follows = useRef(true)
  const kindShown = useRef<string | undefined>(undefined)
  // Another selection is no reason to look elsewhere; `show` is for that.
  const chosen = useRef<Chosen>({ task: undefined, gate: undefined })
  chosen.current = { task: selected, gate: usePlace().at }
  const set = useCallback(
    (to: Viewport, duration = 0) => void flow.setViewport(to, { duration: isCalm() ? 0 : duration }),
    [flow],
  )
  useEffect(() => {
    if (!isReady || drawing === undefined) return
    const screen = { width, height }
    const kind = drawing.scene.units[0]?.kind === 'role' ? 'roles' : 'tasks'
    if (kindShown.current !== kind) {
      kindShown.current = kind
      follows.current = true
    }
    if (follows.current) set(firstLook(screen, drawing.layout, placeOf(drawing, looks, chosen.current)))
  }, [isReady, drawing, width, height, looks, set])
  const fit = useCallback(() => {
    if (drawing === undefined) return
    follows.current = true
    set(fitAll(store.getState(), drawing.layout), MOVE_MS)
  }, [drawing, set, store])
  const show = useCallback(
    (unit: number, readable: boolean) => {
      if (drawing === undefined) return
      const at = drawing.layout.nodes[unit]!
      const box = { ...at, width: drawing.sizes.width, height: drawing.heights[unit]! }
      const now = flow.getViewport()
      const next = bringIntoView(store.getState(), now, box, readable)
      if (next === now) return
      follows.current = false
      set(next, MOVE_MS)
    },
    [drawing, flow, set, store],
  )
  const onMoved = useCallback(() => {
    follows.current = false
  }, [])
  const zoom = (step: 1 | -1): void => {
    follows.current = false
    void (step === 1 ? flow.zoomIn() : flow.zoomOut())
  }
  return { fit, show, zoom, onMoved }
}

interface Chosen {
  readonly task: number | undefined
  /** Its place (`gatePlaceKey`), or anything else that is meant. */
  readonly gate: string | undefined
}

/** Where to look first when not all of it can be read: what is selected, what goes on, the beginning. */
function placeOf(
  drawing: Drawing,
  looks: RunLooks,
  { task, gate }: Chosen,
): { x: number; y: number } | undefined {
  const { scene, layout } = drawing
  const running = looks.run.plan.tasks.findIndex((_, i) => looks.get(i).record.current !== null)
  const atGate = task === undefined ? scene.units.findIndex(({ id }) => id === gate) : -1
  const unit = atGate >= 0 ? atGate : (scene.unitOfTask[task ?? running] ?? 0)
  const at = layout.nodes[unit]
  return at && { x: at.x + drawing.sizes.width / 2, y: at.y + drawing.heights[unit]! / 2 }
}

function isCalm(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}
