import type { CommitId } from '../ids.ts'

/**
 * Committed work on its way into the run's branch. The first entries are checked together on the tip: what passes is
 * merged, of what fails the half, until one is found with which the check fails and without which it passes. What has
 * passed meanwhile is merged at once, so the tip itself is the beginning that passes. The one that is found is checked
 * once more after the tip has passed: a check that fails now and then makes the search end at an innocent.
 */
export interface MergeQueue {
  /** In the order in which they are merged: what is being checked, what is known to fail, then the graph's order. */
  readonly entries: readonly QueueEntry[]
  readonly check: MergeCheck | null
  /** Number of the latest check of the run. */
  readonly lastCheck: number
  /** What is known of the first entries on the tip as it is; null when nothing is. */
  readonly failing: Failing | null
  /** Has the tip as it is passed a check since `failing` is known? */
  readonly tipPassed: boolean
  /** Checks in a row of which nobody knows how they would have ended. */
  readonly lost: number
  /** Why nothing is checked until a person says so; null when nothing is held up. */
  readonly held: string | null
}

export interface QueueEntry {
  /** Index in the plan. */
  readonly task: number
  readonly attempt: number
  /** Place in a topological order of the plan. */
  readonly place: number
  /** A person wants it merged without a check. */
  readonly unchecked: boolean
}

export interface MergeCheck {
  readonly n: number
  /** The first entries of the queue; none when the tip itself is checked. */
  readonly tasks: readonly number[]
  /** Merged as it is, no command is run. */
  readonly unchecked: boolean
  readonly since: number
  /** Set once it has passed, while the branch is moved. */
  readonly move: { readonly from: CommitId; readonly to: CommitId } | null
}

/** So many entries, from the first on, fail together. */
export interface Failing {
  readonly count: number
  /** One alone: it has failed once more since the tip passed without it. */
  readonly confirmed?: boolean
  /** The check that said so last, and how it ended. */
  readonly check: number
  readonly detail: string
}

export const EMPTY_QUEUE: MergeQueue = {
  entries: [],
  check: null,
  lastCheck: 0,
  failing: null,
  tipPassed: false,
  lost: 0,
  held: null,
}

/** What is done next: a check of the first entries, or the first is taken out. Undefined: nothing, for now. */
export type MergeStep =
  | { readonly type: 'check'; readonly tasks: readonly number[]; readonly unchecked: boolean }
  | { readonly type: 'reject'; readonly entry: QueueEntry; readonly failing: Failing }

export function nextStep(queue: MergeQueue, batch: number): MergeStep | undefined {
  const { entries, check, failing, held, tipPassed } = queue
  const [first] = entries
  if (check !== null || held !== null || first === undefined) return undefined
  const checkOf = (count: number, unchecked = false): MergeStep => ({
    type: 'check',
    tasks: entries.slice(0, count).map(({ task }) => task),
    unchecked,
  })
  if (first.unchecked) return checkOf(leadingUnchecked(entries), true)
  if (failing === null) return checkOf(batch)
  if (failing.count > 1) return checkOf(failing.count >> 1)
  // Nobody is blamed on a tip that may fail by itself, nor for what may have been chance or is only inferred.
  if (!tipPassed) return checkOf(0)
  return failing.confirmed === true ? { type: 'reject', entry: first, failing } : checkOf(1)
}

function leadingUnchecked(entries: readonly QueueEntry[]): number {
  const end = entries.findIndex(({ unchecked }) => !unchecked)
  return end === -1 ? entries.length : end
}

/** Takes its place by the graph, then by time; never before what is being looked into already. */
export function withEntry(queue: MergeQueue, entry: QueueEntry): MergeQueue {
  const { entries, check, failing } = queue
  const settled = Math.max(check?.tasks.length ?? 0, failing?.count ?? 0, leadingUnchecked(entries))
  const later = entries.findIndex(({ place }, i) => i >= settled && place > entry.place)
  return { ...queue, entries: entries.toSpliced(later === -1 ? entries.length : later, 0, entry) }
}

/** A task's work is not merged after all. A check it was part of is called off, and what was known with it is void. */
export function withoutEntry(queue: MergeQueue, task: number): MergeQueue {
  const index = queue.entries.findIndex((entry) => entry.task === task)
  if (index === -1) return queue
  const entries = queue.entries.toSpliced(index, 1)
  const isVoid = entries.length === 0 || queue.check?.tasks.includes(task) === true
  const known = queue.failing !== null && index >= queue.failing.count
  return {
    ...queue,
    entries,
    check: isVoid ? null : queue.check,
    failing: known ? queue.failing : null,
    tipPassed: known && queue.tipPassed,
  }
}

export function placeOf(queue: MergeQueue | undefined, task: number): number {
  return queue?.entries.findIndex((entry) => entry.task === task) ?? -1
}

/** Has its check passed, and is the branch being moved to it? Then it cannot be called back. */
export function isBeingMerged(queue: MergeQueue | undefined, task: number): boolean {
  return queue?.check?.move != null && queue.check.tasks.includes(task)
}
