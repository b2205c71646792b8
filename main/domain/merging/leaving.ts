import { raise, resolve } from '../attention.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import { failAttempt } from '../failure.ts'
import type { RunId } from '../ids.ts'
import type { Run } from '../state.ts'
import { isBeingMerged } from './mergeQueue.ts'

/** How work leaves the queue without being merged, and what a person is asked when nothing leaves it. */

/** The id of the question, the same as its kind: one a run. */
export const QUESTION = 'merge-held'

/** A check or a move that cannot be made: nobody is to blame, so a person is asked. */
export function queueEffectFailed(draft: Draft, run: RunId, error: string): void {
  hold(draft, run, error)
  if (draft.run(run).status === 'stopping') emptyQueue(draft, run)
}

/** Nothing is merged until a person has said how to go on. */
export function hold(draft: Draft, run: RunId, reason: string): void {
  draft.emitRun(run, { type: 'merge.held', reason })
  const { entries } = draft.run(run).mergeQueue!
  const names = entries.map(({ task }) => draft.run(run).plan.tasks[task]!.id)
  const text = `${reason} Waiting to be merged: ${names.join(', ')}`
  raise(draft, run, null, 'merge-held', text, ['retry', 'skip-check'])
}

/** A person's answer: check again, or merge what waits now without. */
export function answerHeld(draft: Draft, run: Run, choice: string): Verdict {
  if (choice !== 'retry' && choice !== 'skip-check') return reject('invalid', `${choice} is not an answer`)
  resolve(draft, run.id, QUESTION, choice)
  draft.emitRun(run.id, { type: 'merge.resumed', unchecked: choice === 'skip-check' })
  return undefined
}

/** Takes out of a stopped run's queue what is not being merged this very moment. */
function emptyQueue(draft: Draft, run: RunId): void {
  for (const { task } of draft.run(run).mergeQueue?.entries ?? [])
    leaveQueue(draft, run, task, 'the run was stopped')
}

/** False when it is being merged already and cannot be called back. */
export function leaveQueue(draft: Draft, run: RunId, task: number, why: string): boolean {
  if (isBeingMerged(draft.run(run).mergeQueue, task)) return false
  failAttempt(draft, run, task, { cause: 'stopped', detail: `${why} before its work was merged`, code: null })
  return true
}
