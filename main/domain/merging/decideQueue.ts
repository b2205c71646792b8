import { assertNever } from '../assertNever.ts'
import { resolve } from '../attention.ts'
import type { Report } from '../commands.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import { failAttempt } from '../failure.ts'
import type { RunId } from '../ids.ts'
import { lostLocks } from '../locks/held.ts'
import { tellOfChange } from '../locks/notifying.ts'
import type { Run } from '../state.ts'
import { hold, QUESTION } from './leaving.ts'
import { type MergeStep, nextStep } from './mergeQueue.ts'
import { completeTask, conflicted } from './outcomes.ts'

type Of<T extends Report['type']> = Extract<Report, { type: T }>
export type QueueReport = Of<'report.check-ended' | 'report.check-conflict' | 'report.advanced'>

/** Checks in a row that came to no end; then it is not by chance. */
const MAX_LOST = 3
/** What became of a check, or of the move of the branch it led to. */
export function decideQueue(draft: Draft, report: QueueReport): Verdict {
  const run = draft.state.runs.get(report.run)
  const check = run?.mergeQueue?.check
  if (run === undefined || check == null || check.n !== report.check)
    return reject('stale', `check ${report.check} is not under way`)
  if ((report.type === 'report.advanced') !== (check.move !== null))
    return reject('stale', 'it is not at that point')
  switch (report.type) {
    case 'report.check-ended': {
      const { check: n, result, from, to, detail } = report
      if (result === 'passed' && fenced(draft, run, check.tasks)) return undefined
      draft.emitRun(run.id, { type: 'merge.check-ended', check: n, result, from, to, detail })
      if (result === 'failed' && check.tasks.length === 0)
        hold(draft, run.id, `The check fails before anything is merged. ${detail}`)
      if (result === 'lost' && draft.run(run.id).mergeQueue!.lost >= MAX_LOST)
        hold(draft, run.id, `The check has come to no end ${MAX_LOST} times in a row: ${detail}`)
      return undefined
    }
    case 'report.check-conflict': {
      const attempt = run.tasks.get(report.task)?.current
      if (attempt == null || !check.tasks.includes(report.task))
        return reject('stale', 'it is not in the check')
      conflicted(draft, { run: run.id, task: report.task, attempt: attempt.n, files: report.files })
      return undefined
    }
    case 'report.advanced': {
      const merged = check.tasks.map((task) => ({ task, made: run.tasks.get(task)!.current! }))
      draft.emitRun(run.id, { type: 'merge.advanced', check: report.check, tip: report.tip })
      for (const { task, made } of merged) {
        draft.emitRun(run.id, { type: 'work.merged', task, attempt: made.n, tip: report.tip })
        completeTask(draft, { run: run.id, task, attempt: made.n })
      }
      // What runs again for a change begins on all that was merged with it.
      for (const { task, made } of merged) tellOfChange(draft, run.id, task, made.touched ?? [])
      return undefined
    }
    default:
      return assertNever(report, 'unknown report')
  }
}

/** Who does not hold its locks any more is taken out, and with it the check is void. False when all hold theirs. */
function fenced(draft: Draft, run: Run, tasks: readonly number[]): boolean {
  const lost = tasks.flatMap((task) => {
    const detail = lostLocks(draft.state, run, task, run.tasks.get(task)!.current!.n)
    return detail === undefined ? [] : [{ task, detail }]
  })
  for (const { task, detail } of lost)
    failAttempt(draft, run.id, task, { cause: 'conflict', detail, code: null })
  return lost.length > 0
}

/** Goes on with every run's queue as far as that is possible now. Part of `schedule`. */
export function serveQueues(draft: Draft): void {
  for (const run of draft.state.runs.values()) if (run.mergeQueue !== undefined) serve(draft, run.id)
}

function serve(draft: Draft, id: RunId): void {
  const { mergeQueue, plan } = draft.run(id)
  if (mergeQueue!.held !== null && mergeQueue!.entries.length === 0) {
    resolve(draft, id, QUESTION, 'over')
    draft.emitRun(id, { type: 'merge.resumed', unchecked: false })
  }
  const next = (): MergeStep | undefined => {
    const run = draft.run(id)
    if (run.status !== 'running' || run.paused) return undefined
    return nextStep(run.mergeQueue!, plan.merge?.batch ?? 1)
  }
  for (let step = next(); step !== undefined; step = next()) {
    if (step.type === 'reject') rejectFirst(draft, id, step)
    else {
      const check = draft.run(id).mergeQueue!.lastCheck + 1
      draft.emitRun(id, {
        type: 'merge.check-started',
        check,
        tasks: [...step.tasks],
        unchecked: step.unchecked,
      })
    }
  }
}

/** Back to its agent, with the reason. Its next attempt begins on the tip, where the others' work is. */
function rejectFirst(draft: Draft, run: RunId, step: Extract<MergeStep, { type: 'reject' }>): void {
  const { task, attempt } = step.entry
  const { check, detail } = step.failing
  draft.emitRun(run, { type: 'work.rejected', task, attempt, check, detail })
  const reason = `the merge check passes without it and fails with it. ${detail}`
  failAttempt(draft, run, task, { cause: 'conflict', detail: reason, code: null })
}
