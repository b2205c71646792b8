/**
 * A persistent priority queue (leftist heap), least first by `priority`, then `order`. Push and pop cost
 * O(log n) and share the rest, so that the ready queue can live in the state.
 */
export interface HeapEntry {
  readonly priority: number
  /** Ties go to the lower: the one that has been ready longer. */
  readonly order: number
  /** Index of the task in its plan. */
  readonly task: number
  /** Stale when it differs from the task's own: the entry is dropped when it comes to the top. */
  readonly epoch: number
}

export interface HeapNode {
  readonly entry: HeapEntry
  readonly rank: number
  readonly left: Heap
  readonly right: Heap
}

export type Heap = HeapNode | null

export function pushHeap(heap: Heap, entry: HeapEntry): Heap {
  return mergeHeaps(heap, { entry, rank: 1, left: null, right: null })
}

export function popHeap(heap: HeapNode): Heap {
  return mergeHeaps(heap.left, heap.right)
}

export function before(a: HeapEntry, b: HeapEntry): boolean {
  return a.priority !== b.priority ? a.priority < b.priority : a.order < b.order
}

/** Recursion runs down right spines only, which are at most log₂(n) long. */
function mergeHeaps(a: Heap, b: Heap): Heap {
  if (a === null) return b
  if (b === null) return a
  const [top, other] = before(b.entry, a.entry) ? [b, a] : [a, b]
  const merged = mergeHeaps(top.right, other)
  const rank = (heap: Heap): number => heap?.rank ?? 0
  return rank(top.left) >= rank(merged)
    ? { entry: top.entry, rank: rank(merged) + 1, left: top.left, right: merged }
    : { entry: top.entry, rank: rank(top.left) + 1, left: merged, right: top.left }
}

/** Every entry, in no particular order. */
export function heapEntries(heap: Heap): readonly HeapEntry[] {
  const entries: HeapEntry[] = []
  const stack: Heap[] = [heap]
  while (stack.length > 0) {
    const node = stack.pop()
    if (node === null || node === undefined) continue
    entries.push(node.entry)
    stack.push(node.left, node.right)
  }
  return entries
}
