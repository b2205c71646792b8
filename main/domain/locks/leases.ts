import type { Report } from '../commands.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import type { RunId } from '../ids.ts'
import type { Attempt, Run } from '../state.ts'
import { tell } from '../talk/sending.ts'
import type { Grant, LockTable } from './changes.ts'
import { grantOf, lockTable, lostLocks } from './held.ts'
import { type Lock, lockWords } from './lock.ts'
import { INACTIVITY_MS, leaseMsOf } from './rules.ts'
import { holderOf, isDeclared } from './taskLocks.ts'

/**
 * A lock is leased: whoever gives no sign of life (calls through the door, output, CPU) for as long as its lease loses
 * it. Signs of life are telemetry; that they were missing for too long is reported and decided here.
 */
type LeaseReport = Extract<Report, { type: 'report.lease-expired' }>

/** Locks that an attempt loses when it has been quiet for so long. */
function overLeased(run: Run, grant: Grant | undefined, quietMs: number): readonly Lock[] {
  return (grant?.locks ?? []).filter((lock) => leaseMsOf(run.plan, lock) <= quietMs)
}

/** Would a report that it has been quiet for so long change anything? Only time at work counts. */
export function hasOverstayed(
  table: LockTable,
  run: Run,
  task: number,
  attempt: Attempt,
  quietMs: number,
): boolean {
  if (attempt.state !== 'RUNNING' || attempt.paused || attempt.stopping !== null) return false
  if (overLeased(run, grantOf(table, run, task, attempt.n), quietMs).length > 0) return true
  return quietMs >= INACTIVITY_MS && isWaiting(table, holderOf(run, task, attempt.n))
}

function isWaiting({ waiters }: LockTable, holder: string): boolean {
  return waiters.some((waiter) => waiter.holder === holder && waiter.begun)
}

/**
 * What it took on the way goes to others, and it is told. One that loses what its task declared is ended, because
 * nothing it makes from here on can be merged; it is tried again as one that was stuck.
 */
export function leaseExpired(draft: Draft, report: LeaseReport, attempt: Attempt): Verdict {
  const run = draft.run(report.run)
  const { task, quietMs } = report
  const table = lockTable(draft.state, run)
  if (attempt.state !== 'RUNNING' || attempt.paused || attempt.stopping !== null)
    return reject('stale', 'it is not at work')
  if (!hasOverstayed(table, run, task, attempt, quietMs)) return reject('not-now', 'no lease of it is over')
  const holder = holderOf(run, task, attempt.n)
  const over = overLeased(run, grantOf(table, run, task, attempt.n), quietMs)
  const atScope = { project: run.project, run: null }
  if (over.some((lock) => isDeclared(run, task, lock))) {
    draft.emit(atScope, { type: 'locks.released', holder, locks: null, why: 'lease' })
    draft.emitRun(run.id, { type: 'agent.stopping', task, attempt: attempt.n, cause: 'stuck', force: false })
    return undefined
  }
  if (quietMs >= INACTIVITY_MS && isWaiting(table, holder))
    draft.emit(atScope, { type: 'locks.withdrawn', holder })
  if (over.length === 0) return undefined
  draft.emit(atScope, { type: 'locks.released', holder, locks: [...over], why: 'lease' })
  const content = `You gave no sign of life for ${Math.round(quietMs / 1000)} s, so others may have ${over.map(lockWords).join(', ')} now. What you change there is not committed; take the locks again and look at what changed before you go on.`
  const words = {
    type: 'ALERT',
    kind: 'notice',
    subject: 'The lease on your locks is over',
    content,
  } as const
  tell(draft, run.id, { tasks: [task], person: false }, { ...words, to: run.plan.tasks[task]!.id })
  return undefined
}

/** Why an attempt that was stopped as stuck was: its lease, not the time without a sign of life that ends an agent. */
export function leaseWords(draft: Draft, id: RunId, task: number, attempt: Attempt): string | undefined {
  const lost = lostLocks(draft.state, draft.run(id), task, attempt.n)
  return lost === undefined ? undefined : 'it gave no sign of life while its locks were leased, and lost them'
}
