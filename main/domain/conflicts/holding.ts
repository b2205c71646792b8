import type { Draft } from '../draft.ts'
import { failAttempt } from '../failure.ts'
import type { ProjectId } from '../ids.ts'
import { endRegistered } from '../registered/ending.ts'
import { hasNoProcess } from '../state.ts'
import type { Conflict } from './conflict.ts'
import { isLive, liveAttempt } from './parties.ts'
import { cannotWaitFor } from './waiting.ts'

/** What becomes of an agent while a conflict it has part in is open, and after. */

/**
 * RUNNING → CONFLICT: it stands still until the conflict is settled, or until `behind` is over where it is settled so.
 * False for one that cannot be held.
 */
export function hold(draft: Draft, holder: string, conflict: string, behind?: string): boolean {
  const live = liveAttempt(draft.state, holder)
  if (live === undefined || live.attempt.state !== 'RUNNING' || live.attempt.stopping !== null) return false
  const { run, task, attempt } = live
  const goesFirst = behind === undefined ? {} : { behind }
  draft.emitRun(run.id, { type: 'agent.conflicted', task, attempt: attempt.n, conflict, ...goesFirst })
  if (!attempt.paused) draft.emitRun(run.id, { type: 'agent.pausing', task, attempt: attempt.n })
  return true
}

/**
 * CONFLICT → RUNNING: it goes on, unless its run is paused or a person had paused it. Where another conflict was settled
 * meanwhile so that it waits, it stands still for that one at once.
 */
export function reconcile(draft: Draft, holder: string): void {
  const live = liveAttempt(draft.state, holder)
  if (live === undefined || live.attempt.state !== 'CONFLICT' || hasNoProcess(live.attempt)) return
  const { run, task, attempt } = live
  draft.emitRun(run.id, { type: 'agent.reconciled', task, attempt: attempt.n })
  const stays = attempt.stopping !== null || run.paused || attempt.conflict?.wasPaused === true
  if (attempt.paused && !stays) draft.emitRun(run.id, { type: 'agent.resuming', task, attempt: attempt.n })
  holdForSettled(draft, holder)
}

/** One that began, or goes on, after it was settled that it waits for another: it does now. */
export function holdForSettled(draft: Draft, holder: string): void {
  const live = liveAttempt(draft.state, holder)
  const next = live === undefined ? undefined : boundBy(draft, live.run.project, holder)
  if (next !== undefined) hold(draft, holder, next.id, next.resolution?.keep ?? undefined)
}

/** By which settlement it has to wait for somebody who is at work, and can. */
function boundBy({ state }: Draft, project: ProjectId, holder: string): Conflict | undefined {
  return state.projects.get(project)!.conflicts.find(({ parties, resolution }) => {
    if (resolution?.action !== 'wait' || resolution.keep === null || !parties.includes(holder)) return false
    const { keep } = resolution
    if (keep === holder || !isLive(state, keep, project)) return false
    return cannotWaitFor(state, project, keep, [holder]) === undefined
  })
}

/** Why it cannot be stopped just now; undefined when it can, or is over. */
export function notToBeStopped(draft: Draft, holder: string): string | undefined {
  const live = liveAttempt(draft.state, holder)
  if (live?.attempt.state !== 'COMPLETING') return undefined
  return `the work of ${live.run.plan.tasks[live.task]!.id} is being merged`
}

/** Ends an agent for a conflict: the files it held are free at once, and nothing of it is merged. */
export function terminate(draft: Draft, holder: string, detail: string, project?: ProjectId): void {
  const byHand = project === undefined ? undefined : draft.state.projects.get(project)?.registered[holder]
  if (byHand !== undefined)
    endRegistered(draft, project!, byHand, { cause: 'conflict', detail, signal: 'SIGTERM' })
  const live = liveAttempt(draft.state, holder)
  if (live === undefined) return
  const { run, task, attempt } = live
  if (attempt.state === 'BLOCKED' || hasNoProcess(attempt)) {
    failAttempt(draft, run.id, task, { cause: 'conflict', detail, code: null })
    return
  }
  const grant = draft.state.projects.get(run.project)!.locks.grants.find((one) => one.holder === holder)
  if (attempt.stopping === null) {
    const stop = { cause: 'conflict', force: false } as const
    draft.emitRun(run.id, { type: 'agent.stopping', task, attempt: attempt.n, ...stop })
  }
  // Its files are its own copies; a database or a port it may use until it is gone.
  const files = grant?.locks.filter(({ kind }) => kind === 'files') ?? []
  if (files.length === 0) return
  draft.emit(
    { project: run.project, run: null },
    { type: 'locks.released', holder, locks: files, why: 'person' },
  )
}
