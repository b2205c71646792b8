import { buildLayers } from './layers.ts'
import { orderLayers } from './ordering.ts'
import { placeLayers } from './placing.ts'
import { routeEdges } from './routing.ts'

/**
 * Layered layout with lanes. Lanes lie left to right in the order given and share nothing; within a lane what is
 * needed lies left of, or in the same column above, what needs it. Pure and deterministic; px.
 */
export interface LayoutInput {
  readonly lanes: number
  readonly nodes: readonly LayoutNode[]
  /** Numbers index `nodes`. Loops within a lane and edges to an earlier lane are drawn, and order nothing. */
  readonly edges: readonly { readonly from: number; readonly to: number }[]
  readonly sizes: LayoutSizes
  /** One column a lane whatever its inner edges are; those are drawn beside it and order nothing. */
  readonly stacked?: boolean
}

export interface LayoutNode {
  readonly lane: number
  readonly height: number
}

export interface LayoutSizes {
  /** Of every card. */
  readonly width: number
  /** Between cards of one column. */
  readonly rowGap: number
  /** Between columns of one lane. */
  readonly columnGap: number
  /** Between a lane's edge and its cards; the head comes on top of it. */
  readonly lanePad: number
  readonly laneHead: number
  readonly laneGap: number
  /** Of the space for cards, so that a few have room. */
  readonly leastHeight: number
}

export interface Layout {
  /** Upper left corners, as `nodes`. */
  readonly nodes: readonly Point[]
  readonly lanes: readonly Box[]
  /** As `edges`. */
  readonly edges: readonly Route[]
  readonly width: number
  readonly height: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Box extends Point {
  readonly width: number
  readonly height: number
}

export interface Route {
  /** SVG path of the line. */
  readonly line: string
  /** SVG path of its filled head. */
  readonly head: string
  readonly middle: Point
  /** In the middle of the last piece, in the gap before the target: free of cards. */
  readonly nearEnd: Point
}

export const CARD_SIZES: LayoutSizes = {
  width: 188,
  rowGap: 26,
  columnGap: 44,
  lanePad: 12,
  laneHead: 36,
  laneGap: 8,
  leastHeight: 380,
}

/** O((nodes + edges) log edges) for each of a fixed number of sweeps. */
export function layOut(input: LayoutInput): Layout {
  const layering = buildLayers(input)
  const ordered = orderLayers(layering)
  const placed = placeLayers(input, layering, ordered)
  const edges = routeEdges(input, layering, placed)
  return {
    nodes: placed.tops.slice(0, input.nodes.length).map((y, i) => ({ x: placed.lefts[i]!, y })),
    lanes: placed.lanes,
    edges,
    width: placed.width,
    height: placed.height,
  }
}
