import { assertNever } from '../assertNever.ts'
import { queueEffects } from '../effects.ts'
import type { EventOf } from '../events.ts'
import type { Run } from '../state.ts'
import { placeInGraph } from './graphOrder.ts'
import { EMPTY_QUEUE, type MergeCheck, type MergeQueue, withEntry, withoutEntry } from './mergeQueue.ts'

export type QueueEvent = EventOf<
  'merge.check-started' | 'merge.check-ended' | 'merge.advanced' | 'merge.held' | 'merge.resumed'
>

/** A run with its queue changed; what the queue has going on outside follows from it. */
function withQueue(run: Run, mergeQueue: MergeQueue): Run {
  const effects = queueEffects(run.effects, mergeQueue.check)
  // What is not being tried any more is no trouble.
  const trouble = run.trouble !== null && effects.includes(run.trouble.effect) ? run.trouble : null
  return { ...run, mergeQueue, effects, trouble }
}

/** Committed work takes its place in the queue. */
export function queued(run: Run, task: number, attempt: number): Run {
  const place = placeInGraph(run.plan, task)
  return withQueue(run, withEntry(run.mergeQueue ?? EMPTY_QUEUE, { task, attempt, place, unchecked: false }))
}

/** Whoever is over waits for nothing: no event has to say so. */
export function unqueued(run: Run, task: number): Run {
  const { mergeQueue } = run
  if (mergeQueue === undefined) return run
  const next = withoutEntry(mergeQueue, task)
  return next === mergeQueue ? run : withQueue(run, next)
}

export function evolveQueue(run: Run, data: QueueEvent, time: number): Run {
  const queue = run.mergeQueue ?? EMPTY_QUEUE
  switch (data.type) {
    case 'merge.check-started': {
      const { check: n, tasks, unchecked } = data
      const check: MergeCheck = { n, tasks, unchecked, since: time, move: null }
      return withQueue(run, { ...queue, check, lastCheck: n })
    }
    case 'merge.check-ended':
      return withQueue(run, ended(queue, data))
    case 'merge.advanced':
      return withQueue({ ...run, tip: data.tip }, advanced(queue))
    case 'merge.held':
      return withQueue(run, { ...queue, check: null, held: data.reason })
    case 'merge.resumed': {
      const entries = data.unchecked
        ? queue.entries.map((entry) => ({ ...entry, unchecked: true }))
        : queue.entries
      return withQueue(run, { ...queue, entries, held: null, failing: null, tipPassed: false, lost: 0 })
    }
    default:
      return assertNever(data, 'unknown event')
  }
}

function ended(queue: MergeQueue, data: EventOf<'merge.check-ended'>): MergeQueue {
  const { check } = queue
  if (check === null) throw new Error(`check ${data.check} is not under way`)
  switch (data.result) {
    case 'passed':
      return check.tasks.length === 0
        ? { ...queue, check: null, tipPassed: true, lost: 0 }
        : { ...queue, check: { ...check, move: { from: data.from, to: data.to } }, lost: 0 }
    case 'failed': {
      const over = { ...queue, check: null, lost: 0 }
      if (check.tasks.length === 0) return over
      const { failing: known, tipPassed } = queue
      const failing = { count: check.tasks.length, check: check.n, detail: data.detail }
      const confirmed = known?.count === 1 && tipPassed ? { confirmed: true } : {}
      return { ...over, failing: { ...failing, ...confirmed }, tipPassed: known !== null && tipPassed }
    }
    case 'lost':
      return { ...queue, check: null, lost: queue.lost + 1 }
    default:
      return assertNever(data.result, 'unknown result')
  }
}

function advanced(queue: MergeQueue): MergeQueue {
  const { check, failing } = queue
  if (check === null) throw new Error('nothing is being merged')
  const count = check.tasks.length
  const left =
    failing === null || failing.count <= count ? null : { ...failing, count: failing.count - count }
  return {
    ...queue,
    entries: queue.entries.slice(count),
    check: null,
    failing: left,
    tipPassed: left !== null && !check.unchecked,
  }
}
