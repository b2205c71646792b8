/** Directed graphs over names. An edge `a → b` in `edges` reads "a needs b". */
export type Edges = ReadonlyMap<string, readonly string[]>

/**
 * A loop, as its nodes in order with the first repeated at the end (`a, b, a`), or undefined.
 * Iterative, so that a chain of any length cannot overflow the stack.
 */
export function findCycle(nodes: readonly string[], edges: Edges): readonly string[] | undefined {
  const done = new Set<string>()
  for (const start of nodes) {
    if (done.has(start)) continue
    const loop = walk(start, edges, done)
    if (loop !== undefined) return loop
  }
  return undefined
}

function walk(start: string, edges: Edges, done: Set<string>): readonly string[] | undefined {
  const path: string[] = [start]
  const onPath = new Set(path)
  const next: number[] = [0]
  while (path.length > 0) {
    const node = path.at(-1)!
    const to = edges.get(node)?.[next[next.length - 1]!++]
    if (to === undefined) {
      done.add(node)
      onPath.delete(node)
      path.pop()
      next.pop()
    } else if (onPath.has(to)) {
      return [...path.slice(path.indexOf(to)), to]
    } else if (!done.has(to)) {
      path.push(to)
      onPath.add(to)
      next.push(0)
    }
  }
  return undefined
}

/**
 * Every node after all it needs; among those free to come next, the order given. Nodes named in edges but not
 * in `nodes` are ignored. Undefined when there is a cycle.
 */
export function topologicalOrder(nodes: readonly string[], edges: Edges): readonly string[] | undefined {
  const position = new Map(nodes.map((node, i) => [node, i] as const))
  const missing = new Array<number>(nodes.length).fill(0)
  const dependents: number[][] = nodes.map(() => [])
  nodes.forEach((node, i) => {
    for (const need of new Set(edges.get(node) ?? [])) {
      const n = position.get(need)
      if (n === undefined) continue
      missing[i]! += 1
      dependents[n]!.push(i)
    }
  })
  const free = new MinHeap()
  missing.forEach((count, i) => {
    if (count === 0) free.push(i)
  })
  const order: string[] = []
  for (let i = free.pop(); i !== undefined; i = free.pop()) {
    order.push(nodes[i]!)
    for (const d of dependents[i]!) if (--missing[d]! === 0) free.push(d)
  }
  return order.length === nodes.length ? order : undefined
}

export interface CriticalPath {
  readonly path: readonly string[]
  /** Sum of the weights along it. */
  readonly length: number
}

/** The heaviest chain of needs, by `weight` (ms, points, anything not negative). Empty for a cyclic graph. */
export function criticalPath(
  nodes: readonly string[],
  edges: Edges,
  weight: (node: string) => number,
): CriticalPath {
  const order = topologicalOrder(nodes, edges)
  if (order === undefined || order.length === 0) return { path: [], length: 0 }
  const length = new Map<string, number>()
  const via = new Map<string, string>()
  for (const node of order) {
    let before = 0
    for (const need of edges.get(node) ?? []) {
      const reached = length.get(need)
      if (reached === undefined || (reached <= before && via.has(node))) continue
      before = reached
      via.set(node, need)
    }
    length.set(node, before + weight(node))
  }
  let end = order[0]!
  for (const node of order) if (length.get(node)! > length.get(end)!) end = node
  const path = [end]
  for (let at = via.get(end); at !== undefined; at = via.get(at)) path.unshift(at)
  return { path, length: length.get(end)! }
}

/** Binary heap of small integers, least first. */
class MinHeap {
  readonly #items: number[] = []

  push(value: number): void {
    const items = this.#items
    let i = items.push(value) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (items[parent]! <= value) break
      items[i] = items[parent]!
      i = parent
    }
    items[i] = value
  }

  pop(): number | undefined {
    const items = this.#items
    const top = items[0]
    const last = items.pop()
    if (top === undefined || last === undefined || items.length === 0) return top
    let i = 0
    for (let child = 1; child < items.length; child = 2 * i + 1) {
      if (child + 1 < items.length && items[child + 1]! < items[child]!) child++
      if (items[child]! >= last) break
      items[i] = items[child]!
      i = child
    }
    items[i] = last
    return top
  }
}
