import { backEdges, longestDepths, type Pair } from './acyclic.ts'
import type { LayoutInput } from './layout.ts'

/**
 * Vertices are the nodes and, after them, the bends: where a line passes a layer it has nothing to do with, it has a
 * place of its own there. A layer is a column of items, or several columns side by side where it would be too tall.
 */
export interface Layering {
  readonly layers: readonly Layer[]
  readonly vertices: number
  readonly layerOf: readonly number[]
  /** Neighbours of each vertex in earlier and in later layers, for ordering and placing. */
  readonly left: readonly (readonly number[])[]
  readonly right: readonly (readonly number[])[]
  /** As the input's edges: its vertices from source to target; undefined for one that orders nothing. */
  readonly chains: readonly (readonly number[] | undefined)[]
}

export interface Layer {
  readonly lane: number
  /** Side by side. */
  readonly columns: number
  /** Each a vertex, or a chain of them to be stacked in that order. */
  readonly items: readonly (readonly number[])[]
}

/** A chain of needs stands upright in one column up to so many rows. */
const MAX_STACK = 14
/** Fewer rows than this are never cut into columns side by side. */
const MIN_ROWS = 12
/** Wider than this many times its height, a drawing is better with more rows. */
const MAX_RATIO = 1.8
/** More bends than this cost more than they explain. */
const MAX_BENDS = 3_000

export function buildLayers(input: LayoutInput): Layering {
  const { nodes, edges } = input
  const lanes: number[][] = Array.from({ length: input.lanes }, () => [])
  nodes.forEach(({ lane }, i) => {
    lanes[lane]!.push(i)
  })
  const ordering = edges.map(({ from, to }) => {
    const [a, b] = [nodes[from]!.lane, nodes[to]!.lane]
    return a < b || (a === b && from !== to && input.stacked !== true)
  })
  const within = edges.flatMap((_, e) => (ordering[e] && isWithin(input, e) ? [e] : []))
  const back = backEdges(
    nodes.length,
    within.map((e) => edges[e]!),
  )
  within.forEach((e, n) => {
    if (back.has(n)) ordering[e] = false
  })
  const inner = within.filter((e) => ordering[e]).map((e) => edges[e]!)
  const depth = longestDepths(nodes.length, inner)
  const shapes = lanes.map((members) => shapeOf(members, inner, nodes, depth))
  const rows = rowsFor(shapes, input)
  const layers: Layer[] = shapes.flatMap((shape, lane): Layer[] => {
    if (shape.chains !== undefined && shape.size <= Math.max(rows, MAX_STACK))
      return [{ lane, columns: 1, items: shape.chains }]
    return shape.columns.map((members) => ({
      lane,
      columns: Math.max(1, Math.ceil(members.length / rows)),
      items: members.map((i) => [i]),
    }))
  })
  return withBends(input, layers, ordering)
}

function isWithin({ nodes, edges }: LayoutInput, e: number): boolean {
  return nodes[edges[e]!.from]!.lane === nodes[edges[e]!.to]!.lane
}

interface Shape {
  readonly size: number
  /** All of the lane as chains of needs, when it is nothing else. */
  readonly chains: readonly (readonly number[])[] | undefined
  /** By depth. */
  readonly columns: readonly (readonly number[])[]
}

function shapeOf(
  members: readonly number[],
  inner: readonly Pair[],
  nodes: LayoutInput['nodes'],
  depth: Int32Array,
): Shape {
  const columns: number[][] = []
  for (const i of members) {
    while (columns.length <= depth[i]!) columns.push([])
    columns[depth[i]!]!.push(i)
  }
  const lane = nodes[members[0] ?? -1]?.lane
  const edges = columns.length < 2 ? [] : inner.filter(({ from }) => nodes[from]!.lane === lane)
  return { size: members.length, chains: edges.length === 0 ? undefined : chainsOf(members, edges), columns }
}

/** Undefined when something has two needs or two dependents among them. */
function chainsOf(members: readonly number[], edges: readonly Pair[]): readonly number[][] | undefined {
  const next = new Map<number, number>()
  const begun = new Set<number>()
  for (const { from, to } of edges) {
    if ((next.has(from) && next.get(from) !== to) || (begun.has(to) && next.get(from) !== to))
      return undefined
    next.set(from, to)
    begun.add(to)
  }
  return members
    .filter((i) => !begun.has(i))
    .map((start) => {
      const chain = [start]
      for (let at = next.get(start); at !== undefined; at = next.get(at)) chain.push(at)
      return chain
    })
}

/** Rows a column may have, so that the whole is neither a ribbon nor a tower. */
function rowsFor(shapes: readonly Shape[], { sizes, nodes }: LayoutInput): number {
  const tallest = Math.max(MIN_ROWS, ...shapes.flatMap(({ columns }) => columns.map((c) => c.length)))
  const pitch = sizes.rowGap + (nodes[0]?.height ?? 0)
  for (let rows = MIN_ROWS; rows < tallest; rows = Math.ceil(rows * 1.15)) {
    const wide = shapes.reduce(
      (sum, { columns }) =>
        sum +
        columns.reduce((n, column) => n + Math.ceil(column.length / rows), 0) *
          (sizes.width + sizes.columnGap),
      0,
    )
    if (wide <= MAX_RATIO * rows * pitch) return rows
  }
  return tallest
}

function withBends(input: LayoutInput, layers: readonly Layer[], ordering: readonly boolean[]): Layering {
  const layerOf: number[] = input.nodes.map(() => 0)
  layers.forEach(({ items }, layer) => {
    for (const item of items) for (const v of item) layerOf[v] = layer
  })
  const passes = input.edges.reduce(
    (sum, { from, to }, e) => sum + (ordering[e] ? Math.max(0, layerOf[to]! - layerOf[from]! - 1) : 0),
    0,
  )
  const bends = new Map<string, number>()
  const added: number[][] = layers.map(() => [])
  const bendOf = (from: number, layer: number): number => {
    const key = `${from}:${layer}`
    const known = bends.get(key)
    if (known !== undefined) return known
    const made = layerOf.push(layer) - 1
    bends.set(key, made)
    added[layer]!.push(made)
    return made
  }
  const chains = input.edges.map(({ from, to }, e) => {
    if (!ordering[e]) return undefined
    const chain = [from]
    for (let layer = layerOf[from]! + 1; layer < layerOf[to]!; layer++) {
      if (passes <= MAX_BENDS && layers[layer]!.columns === 1) chain.push(bendOf(from, layer))
    }
    return [...chain, to]
  })
  const left = layerOf.map(() => new Set<number>())
  const right = layerOf.map(() => new Set<number>())
  for (const chain of chains) {
    for (let i = 1; chain !== undefined && i < chain.length; i++) {
      const [a, b] = [chain[i - 1]!, chain[i]!]
      if (layerOf[a] === layerOf[b]) continue
      right[a]!.add(b)
      left[b]!.add(a)
    }
  }
  return {
    layers: layers.map((layer, i) => ({ ...layer, items: [...layer.items, ...added[i]!.map((v) => [v])] })),
    vertices: layerOf.length,
    layerOf,
    left: left.map((set) => [...set]),
    right: right.map((set) => [...set]),
    chains,
  }
}
