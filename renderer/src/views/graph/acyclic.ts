/** Edges as pairs of numbers below `count`. */
export interface Pair {
  readonly from: number
  readonly to: number
}

/**
 * Which edges to leave out so that no loop is left: those that lead back to where a walk in the order of the numbers
 * is on its way from. Iterative, so that a chain of any length cannot overflow the stack.
 */
export function backEdges(count: number, edges: readonly Pair[]): ReadonlySet<number> {
  const out: number[][] = Array.from({ length: count }, () => [])
  edges.forEach((edge, e) => {
    out[edge.from]!.push(e)
  })
  const back = new Set<number>()
  /** 0 not seen, 1 on the way, 2 done. */
  const seen = new Uint8Array(count)
  for (let start = 0; start < count; start++) {
    if (seen[start] !== 0) continue
    const path = [start]
    const next = [0]
    seen[start] = 1
    while (path.length > 0) {
      const at = path.at(-1)!
      const edge = out[at]![next[next.length - 1]!++]
      if (edge === undefined) {
        seen[at] = 2
        path.pop()
        next.pop()
        continue
      }
      const { to } = edges[edge]!
      if (seen[to] === 1) back.add(edge)
      else if (seen[to] === 0) {
        seen[to] = 1
        path.push(to)
        next.push(0)
      }
    }
  }
  return back
}

/** Length of the longest chain of edges that leads to each; the edges have no loop. */
export function longestDepths(count: number, edges: readonly Pair[]): Int32Array {
  const depth = new Int32Array(count)
  const missing = new Int32Array(count)
  const out: number[][] = Array.from({ length: count }, () => [])
  for (const { from, to } of edges) {
    out[from]!.push(to)
    missing[to]! += 1
  }
  const free: number[] = []
  for (let i = 0; i < count; i++) if (missing[i] === 0) free.push(i)
  for (let at = free.pop(); at !== undefined; at = free.pop()) {
    for (const to of out[at]!) {
      depth[to] = Math.max(depth[to]!, depth[at]! + 1)
      missing[to]! -= 1
      if (missing[to] === 0) free.push(to)
    }
  }
  return depth
}
