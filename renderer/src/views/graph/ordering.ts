import type { Layering } from './layers.ts'

type Items = readonly (readonly number[])[]

const SWEEPS = 8

/**
 * The items of each layer in an order with few crossings: sweeps to the right and to the left that sort by the mean
 * place of the neighbours; the best order seen is kept.
 */
export function orderLayers(layering: Layering): readonly Items[] {
  let now: Items[] = layering.layers.map(({ items }) => items)
  let best = now
  let least = crossings(layering, now)
  for (let sweep = 0; sweep < SWEEPS && least > 0; sweep++) {
    now = swept(layering, now, sweep % 2 === 0)
    const count = crossings(layering, now)
    if (count < least) {
      least = count
      best = now
    }
  }
  return best
}

function swept(layering: Layering, before: readonly Items[], rightwards: boolean): Items[] {
  const place = places(layering, before)
  const after = [...before]
  const neighbours = rightwards ? layering.left : layering.right
  for (let n = 0; n < after.length; n++) {
    const layer = rightwards ? n : after.length - 1 - n
    const items = after[layer]!
    const sorted = items
      .map((item, at) => ({
        item,
        at,
        mean: meanPlace(item, neighbours, place) ?? (at + 0.5) / items.length,
      }))
      .sort((a, b) => a.mean - b.mean || a.at - b.at)
      .map(({ item }) => item)
    after[layer] = sorted
    sorted.forEach((item, at) => {
      for (const v of item) place[v] = (at + 0.5) / sorted.length
    })
  }
  return after
}

function meanPlace(
  item: readonly number[],
  neighbours: Layering['left'],
  place: Float64Array,
): number | undefined {
  let sum = 0
  let count = 0
  for (const v of item) {
    for (const other of neighbours[v]!) {
      sum += place[other]!
      count += 1
    }
  }
  return count === 0 ? undefined : sum / count
}

/** Where in its layer each vertex is, from 0 to 1. */
function places(layering: Layering, order: readonly Items[]): Float64Array {
  const place = new Float64Array(layering.vertices)
  for (const items of order) {
    items.forEach((item, at) => {
      for (const v of item) place[v] = (at + 0.5) / items.length
    })
  }
  return place
}

/** Lines that cross between one layer and the next, over all layers. */
export function crossings(layering: Layering, order: readonly Items[]): number {
  const rank = new Int32Array(layering.vertices)
  for (const items of order) {
    let n = 0
    for (const item of items) for (const v of item) rank[v] = n++
  }
  let count = 0
  order.forEach((items, layer) => {
    const ends: number[] = []
    for (const v of items.flat()) {
      const next = layering.right[v]!.filter((other) => layering.layerOf[other] === layer + 1)
      ends.push(...next.map((other) => rank[other]!).sort((a, b) => a - b))
    }
    count += inversions(ends)
  })
  return count
}

/** Pairs that are in the wrong order, by a Fenwick tree. */
function inversions(values: readonly number[]): number {
  const size = values.reduce((max, value) => Math.max(max, value), 0) + 1
  const tree = new Int32Array(size + 1)
  let count = 0
  values.forEach((value, seen) => {
    let notAbove = 0
    for (let i = value + 1; i > 0; i -= i & -i) notAbove += tree[i]!
    count += seen - notAbove
    for (let i = value + 1; i <= size; i += i & -i) tree[i]! += 1
  })
  return count
}
