import type { Layering } from './layers.ts'
import type { Box, LayoutInput } from './layout.ts'
import { type Block, settle } from './settling.ts'

export interface Placed {
  /** By vertex; a bend's place is the height of its line. */
  readonly tops: number[]
  readonly lefts: number[]
  readonly heights: readonly number[]
  /** By vertex: the column within its layer. */
  readonly column: readonly number[]
  /** By vertex: upper and lower edge of the row it stands in. */
  readonly rowTop: readonly number[]
  readonly rowBottom: readonly number[]
  /** By layer. */
  readonly layerLeft: readonly number[]
  readonly layerRight: readonly number[]
  readonly lanes: readonly Box[]
  readonly width: number
  readonly height: number
}

export function placeLayers(
  input: LayoutInput,
  layering: Layering,
  order: readonly (readonly (readonly number[])[])[],
): Placed {
  const { nodes, sizes } = input
  const heights = layering.layerOf.map((_, v) => nodes[v]?.height ?? 0)
  const blocks = order.map((items, layer) => blocksOf(items, layering.layers[layer]!.columns, heights, input))
  const tops = settle(blocks, layering, heights, sizes)
  const top = sizes.laneHead + sizes.lanePad
  for (let v = 0; v < tops.length; v++) tops[v] = Math.round(tops[v]! + top)
  const column = layering.layerOf.map(() => 0)
  const rowTop = layering.layerOf.map(() => 0)
  const rowBottom = layering.layerOf.map(() => 0)
  for (const block of blocks.flat()) {
    for (const part of block.parts) {
      column[part.vertex] = part.column
      rowTop[part.vertex] = tops[part.vertex]!
      rowBottom[part.vertex] =
        tops[part.vertex]! + (block.parts.length > 1 ? rowHeight(block, heights) : heights[part.vertex]!)
    }
  }
  const across = placeAcross(input, layering)
  const bottom = tops.reduce((most, y, v) => Math.max(most, y + heights[v]!), top)
  const height = Math.max(bottom, top + sizes.leastHeight) + sizes.lanePad
  const lefts = column.map(
    (c, v) => across.layerLeft[layering.layerOf[v]!]! + c * (sizes.width + sizes.columnGap),
  )
  const lanes = across.lanes.map(({ x, width }) => ({ x, y: 0, width, height }))
  return { tops, lefts, heights, column, rowTop, rowBottom, ...across, lanes, height }
}

function rowHeight(block: Block, heights: readonly number[]): number {
  return block.parts.reduce((most, { vertex }) => Math.max(most, heights[vertex]!), 0)
}

function blocksOf(
  items: readonly (readonly number[])[],
  columns: number,
  heights: readonly number[],
  { nodes, sizes }: LayoutInput,
): readonly Block[] {
  if (columns === 1) {
    return items.map((item) => {
      let offset = 0
      const parts = item.map((vertex) => {
        const part = { vertex, offset, column: 0 }
        offset += heights[vertex]! + sizes.rowGap
        return part
      })
      return { parts, height: offset - sizes.rowGap, isBend: item[0]! >= nodes.length }
    })
  }
  const blocks: Block[] = []
  for (let i = 0; i < items.length; i += columns) {
    const parts = items.slice(i, i + columns).map((item, column) => ({ vertex: item[0]!, offset: 0, column }))
    blocks.push({ parts, height: Math.max(...parts.map(({ vertex }) => heights[vertex]!)), isBend: false })
  }
  return blocks
}

function placeAcross(
  { lanes, sizes }: LayoutInput,
  { layers }: Layering,
): Pick<Placed, 'layerLeft' | 'layerRight' | 'width'> & {
  readonly lanes: readonly { x: number; width: number }[]
} {
  const layerLeft = layers.map(() => 0)
  const layerRight = layers.map(() => 0)
  const boxes: { x: number; width: number }[] = []
  let x = 0
  for (let lane = 0; lane < lanes; lane++) {
    let at = x + sizes.lanePad
    layers.forEach((layer, i) => {
      if (layer.lane !== lane) return
      layerLeft[i] = at
      layerRight[i] = at + layer.columns * (sizes.width + sizes.columnGap) - sizes.columnGap
      at = layerRight[i]! + sizes.columnGap
    })
    const right = Math.max(at - sizes.columnGap, x + sizes.lanePad + sizes.width) + sizes.lanePad
    boxes.push({ x, width: right - x })
    x = right + sizes.laneGap
  }
  return { layerLeft, layerRight, lanes: boxes, width: Math.max(0, x - sizes.laneGap) }
}
