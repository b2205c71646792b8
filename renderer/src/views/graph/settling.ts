import type { Layering } from './layers.ts'
import type { LayoutSizes } from './layout.ts'

/** What moves as one: a card, a chain, a bend, or a row of cards side by side. */
export interface Block {
  readonly parts: readonly { readonly vertex: number; readonly offset: number; readonly column: number }[]
  readonly height: number
  readonly isBend: boolean
}

/** Space kept free around a line that passes. */
const BEND = 12
const SWEEPS = 10

type Neighbours = Layering['left']

/**
 * The tops of all vertices: near their neighbours, in order, never closer than the gap. Sweeps in both directions put
 * each layer at its best; none reaches further than the tallest has to, or than `leastHeight`.
 */
export function settle(
  blocks: readonly (readonly Block[])[],
  layering: Layering,
  heights: readonly number[],
  sizes: LayoutSizes,
): number[] {
  const tops: number[] = layering.layerOf.map(() => 0)
  const columns = blocks.map((layer) => columnOf(layer, sizes.rowGap))
  const room = columns.reduce((most, { height }) => Math.max(most, height), sizes.leastHeight)
  const put = ({ layer }: Column, at: readonly number[]): void => {
    layer.forEach(({ parts }, i) => {
      for (const { vertex, offset } of parts) tops[vertex] = at[i]! + offset
    })
  }
  const middle = (vertex: number): number => tops[vertex]! + heights[vertex]! / 2
  const wish = (block: Block, sides: readonly Neighbours[]): Wish => {
    let sum = 0
    let weight = 0
    for (const { vertex, offset } of block.parts) {
      for (const other of sides.flatMap((side) => side[vertex]!)) {
        sum += middle(other) - heights[vertex]! / 2 - offset
        weight += 1
      }
    }
    const first = block.parts[0]!
    if (weight === 0) return { at: tops[first.vertex]! - first.offset, weight: 0.01 }
    return { at: sum / weight, weight: block.isBend ? 4 * weight : weight }
  }
  for (const column of columns) {
    const start = (room - column.height) / 2
    put(
      column,
      column.offsets.map((offset) => start + offset),
    )
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const rightwards = sweep % 2 === 0
    const both = sweep >= SWEEPS - 2
    const sides = both ? [layering.left, layering.right] : [rightwards ? layering.left : layering.right]
    for (let n = 0; n < columns.length; n++) {
      const column = columns[rightwards ? n : columns.length - 1 - n]!
      const wishes = column.layer.map((block) => wish(block, sides))
      put(column, nearest(wishes, column.offsets, room - column.height))
    }
  }
  return tops
}

interface Column {
  readonly layer: readonly Block[]
  /** Of each block's top from the first one's, as close as may be. */
  readonly offsets: readonly number[]
  /** As close as may be. */
  readonly height: number
}

function columnOf(layer: readonly Block[], rowGap: number): Column {
  let at = 0
  let bottom = 0
  const offsets = layer.map((block, i) => {
    const above = layer[i - 1]
    if (above !== undefined) at = bottom + (above.isBend || block.isBend ? BEND : rowGap)
    bottom = at + block.height
    return at
  })
  return { layer, offsets, height: bottom }
}

interface Wish {
  readonly at: number
  readonly weight: number
}

/**
 * The places in order, no two closer than their offsets are, all at least 0 and none further than `slack` beyond its
 * offset, with the least weighted sum of squared distances from the wishes: isotonic regression by pooling neighbours
 * that violate the order; its solution within bounds is the one without them, cut off there.
 */
export function nearest(
  wishes: readonly Wish[],
  offsets: readonly number[],
  slack: number,
): readonly number[] {
  const pools: { at: number; weight: number; size: number }[] = []
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
  const free = pools.flatMap(({ at, size }) => new Array<number>(size).fill(at))
  return free.map((at, i) => Math.min(slack, Math.max(0, at)) + offsets[i]!)
}
