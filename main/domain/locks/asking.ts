import { type LockTable, type Request, type Waiter, withWaiter } from './changes.ts'
import { circleFrom, type Waits } from './circle.ts'
import { isFree, placing, unfairTo, waitsFor } from './table.ts'

/** What becomes of a request. Nothing is changed by asking. */
export type Asked =
  | { readonly type: 'free' }
  | { readonly type: 'waits'; readonly behind: readonly string[] }
  /** Waiting would close this circle: the first waits for the second and so on, and the last for the first. */
  | { readonly type: 'circle'; readonly circle: readonly string[] }
  /** This one has not begun and has been overtaken often enough. */
  | { readonly type: 'unfair'; readonly waiter: Waiter }

const NOTHING: Waits = new Map()

/** `others`: who waits for whom for reasons that are no locks. */
export function ask(table: LockTable, request: Request, others: Waits = NOTHING): Asked {
  const waiter = unfairTo(table, request)
  if (waiter !== undefined) return { type: 'unfair', waiter }
  if (isFree(table, request)) return { type: 'free' }
  const behind = waitsFor(table, request)
  // Nobody waits for one that has not begun.
  if (!request.begun) return { type: 'waits', behind }
  const graph = waitGraph(withWaiter(table, request, placing(table, request)), others)
  const circle = circleFrom(graph, request.holder, graph.get(request.holder) ?? [])
  return circle === undefined ? { type: 'waits', behind } : { type: 'circle', circle }
}

/** Whom everybody that has begun waits for: for locks by the table, and for what else there is. */
export function waitGraph(table: LockTable, others: Waits = NOTHING): Waits {
  const graph = new Map<string, readonly string[]>(others)
  for (const waiter of table.waiters)
    if (waiter.begun)
      graph.set(waiter.holder, [...(graph.get(waiter.holder) ?? []), ...waitsFor(table, waiter)])
  return graph
}
