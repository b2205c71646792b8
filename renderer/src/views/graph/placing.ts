import type { Layering } from './layers.ts'
import type { Box, LayoutInput } from './layout.ts'

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

/** Space kept free around a line that passes. */
const BEND = 12
const SWEEPS = 10

/** What moves as one: a card, a chain, a bend, or a row of cards side by side. */
interface Block {
  readonly parts: readonly { readonly vertex: number; readonly offset: number; readonly column: number }[]
  readonly height: number
  readonly isBend: boolean
}

export function placeLayers(
  input: LayoutInput,
  layering: Layering,
  order: readonly (readonly (readonly number[])[])[],
): Placed {
  const { nodes, sizes } = input
  const heights = layering.layerOf.map((_, v) => nodes[v]?.height ?? 0)
  const blocks = order.map((items, layer) => blocksOf(items, layering.layers[layer]!.columns, heights, input))
  const tops = sweepTops(blocks, layering, heights, sizes.rowGap)
  const top = tops.reduce((least, y) => Math.min(least, y), Number.POSITIVE_INFINITY)
  const shift = sizes.laneHead + sizes.lanePad - (Number.isFinite(top) ? top : 0)
  for (let v = 0; v < tops.length; v++) tops[v] = Math.round(tops[v]! + shift)
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
  const bottom = tops.reduce((most, y, v) => Math.max(most, y + heights[v]!), sizes.laneHead + sizes.lanePad)
  const height = bottom + sizes.lanePad
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

/** Near their neighbours, in order, never closer than the gap: sweeps in both directions, each layer at its best. */
function sweepTops(
  blocks: readonly (readonly Block[])[],
  layering: Layering,
  heights: readonly number[],
  rowGap: number,
): number[] {
  const tops: number[] = layering.layerOf.map(() => 0)
  const wanted = (block: Block, sides: readonly Layering['left'][]): Wish | undefined => {
    let sum = 0
    let weight = 0
    for (const { vertex, offset } of block.parts) {
      for (const side of sides) {
        for (const other of side[vertex]!) {
          sum += tops[other]! + heights[other]! / 2 - heights[vertex]! / 2 - offset
          weight += 1
        }
      }
    }
    return weight === 0 ? undefined : { at: sum / weight, weight: block.isBend ? 4 * weight : weight }
  }
  const settle = (layer: readonly Block[], sides: readonly Layering['left'][] | undefined): void => {
    const separations = layer.map((block, i) => separation(layer[i - 1], block, rowGap))
    const wishes = layer.map((block) => {
      const wish = sides === undefined ? undefined : wanted(block, sides)
      const first = block.parts[0]!
      return wish ?? { at: tops[first.vertex]! - first.offset, weight: 0.01 }
    })
    nearest(wishes, separations).forEach((top, i) => {
      for (const { vertex, offset } of layer[i]!.parts) tops[vertex] = top + offset
    })
  }
  for (const layer of blocks) settle(layer, undefined)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const both = sweep >= SWEEPS - 2
    const rightwards = sweep % 2 === 0
    const side = rightwards ? layering.left : layering.right
    for (let n = 0; n < blocks.length; n++) {
      settle(blocks[rightwards ? n : blocks.length - 1 - n]!, both ? [layering.left, layering.right] : [side])
    }
  }
  return tops
}

/** Least distance between the tops of two blocks, one below the other. */
function separation(above: Block | undefined, below: Block, rowGap: number): number {
  if (above === undefined) return 0
  return above.height + (above.isBend || below.isBend ? BEND : rowGap)
}

interface Wish {
  readonly at: number
  readonly weight: number
}

/**
 * The places in order, each at least its separation below the one before, with the least weighted sum of squared
 * distances from the wishes: isotonic regression by pooling neighbours that violate the order.
 */
export function nearest(wishes: readonly Wish[], separations: readonly number[]): readonly number[] {
  const pools: { at: number; weight: number; size: number }[] = []
  let offset = 0
  const offsets = separations.map((gap) => {
    offset += gap
    return offset
  })
  wishes.forEach(({ at, weight }, i) => {
    let pool = { at: at - offsets[i]!, weight, size: 1 }
    for (let last = pools.at(-1); last !== undefined && last.at >= pool.at; last = pools.at(-1)) {
      const sum = last.weight + pool.weight
      pool = {
        at: (last.at * last.weight + pool.at * pool.weight) / sum,
        weight: sum,
        size: last.size + pool.size,
      }
      pools.pop()
    }
    pools.push(pool)
  })
  const flat = pools.flatMap(({ at, size }) => new Array<number>(size).fill(at))
  return flat.map((at, i) => at + offsets[i]!)
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
