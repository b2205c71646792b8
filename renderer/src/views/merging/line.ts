import type { MergeQueue, QueueEntry } from '../../../../main/domain/merging/mergeQueue.ts'

/** A stretch of the merge queue of which the same is to be said. */
export interface Part {
  /**
   * moving: passed, or needs no check, and is being merged · checking: on the check that runs · suspects: known to fail
   * with what is before them, looked into next · next: on the check after that · later: behind them.
   */
  readonly kind: 'moving' | 'checking' | 'suspects' | 'next' | 'later'
  readonly entries: readonly QueueEntry[]
  /** Place of the first of them in the line, from 1. */
  readonly from: number
}

/** The line from its head on. Where the branch itself is checked, nothing of it is. */
export function partsOf({ entries, check, failing }: MergeQueue, batch: number): readonly Part[] {
  const checked = check?.tasks.length ?? 0
  const suspected = Math.max(checked, failing?.count ?? 0)
  const moving = check !== null && (check.move !== null || check.unchecked)
  const parts: Part[] = []
  const add = (kind: Part['kind'], from: number, to: number): void => {
    const some = entries.slice(from, to)
    if (some.length > 0) parts.push({ kind, entries: some, from: from + 1 })
  }
  add(moving ? 'moving' : 'checking', 0, checked)
  add('suspects', checked, suspected)
  add('next', suspected, suspected + batch)
  add('later', suspected + batch, entries.length)
  return parts
}
