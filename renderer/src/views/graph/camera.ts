import type { Viewport } from '@xyflow/react'
import type { Layout, Point } from './layout.ts'

/** Where the picture is looked at from. Sizes are px of the screen, `layout` is the picture's own. */
export interface Screen {
  readonly width: number
  readonly height: number
}

export const MIN_ZOOM = 0.04
export const MAX_ZOOM = 1.6
/** Below this nothing on a card can be read. */
const READABLE = 0.66
const CLOSE = 0.85
const MARGIN = 12
/** Kept free for the legend. */
const BELOW = 56

/** Everything, not larger than life, from the top. */
export function fitAll({ width, height }: Screen, layout: Layout): Viewport {
  const zoom = clampZoom(
    Math.min(1, (width - 2 * MARGIN) / layout.width, (height - MARGIN - BELOW) / layout.height),
  )
  return { zoom, x: Math.max(MARGIN, (width - layout.width * zoom) / 2), y: MARGIN }
}

/** Everything where it can be read or is a map anyway; else the part around `at`, close enough to read. */
export function firstLook(screen: Screen, layout: Layout, at: Point | undefined): Viewport {
  const all = fitAll(screen, layout)
  const isMap = layout.nodes.length > 60
  if (all.zoom >= READABLE || isMap || at === undefined) return all
  const view = centred(screen, at, CLOSE)
  const right = screen.width - MARGIN - layout.width * CLOSE
  const bottom = screen.height - BELOW - layout.height * CLOSE
  return {
    zoom: CLOSE,
    x: Math.min(MARGIN, Math.max(Math.min(MARGIN, right), view.x)),
    y: Math.min(MARGIN, Math.max(Math.min(MARGIN, bottom), view.y)),
  }
}

export function centred({ width, height }: Screen, { x, y }: Point, zoom: number): Viewport {
  return { zoom, x: width / 2 - x * zoom, y: (height - BELOW) / 2 - y * zoom }
}

/** The same zoom, or a readable one, with the box in the middle; the view as it is when the box is well within it. */
export function bringIntoView(
  screen: Screen,
  view: Viewport,
  box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  readable: boolean,
): Viewport {
  const zoom = readable ? Math.max(view.zoom, READABLE + 0.13) : view.zoom
  const left = box.x * view.zoom + view.x
  const top = box.y * view.zoom + view.y
  const within =
    left >= 0 &&
    top >= 0 &&
    left + box.width * view.zoom <= screen.width &&
    top + box.height * view.zoom <= screen.height - BELOW
  if (within && zoom === view.zoom) return view
  return centred(screen, { x: box.x + box.width / 2, y: box.y + box.height / 2 }, zoom)
}

/** How much a card says at this zoom. */
export function detailAt(zoom: number): 'near' | 'middle' | 'far' {
  return zoom >= READABLE ? 'near' : zoom >= 0.27 ? 'middle' : 'far'
}

function clampZoom(zoom: number): number {
  return Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom))
}
