import { assertNever } from './assertNever.ts'
import { raise, resolve } from './attention.ts'
import type { Report } from './commands.ts'
import { whyStopped } from './conflicts/stopped.ts'
import { type Draft, reject, type Verdict } from './draft.ts'
import type { EffectType } from './events.ts'
import { type Ending, failAttempt } from './failure.ts'
import { askGates } from './gates/asking.ts'
import { evaluationFailed } from './gates/decideGates.ts'
import { gatesAfter } from './gates/places.ts'
import { globsTaken, lockTable, lostLocks, takenOnTheWay } from './locks/held.ts'
import { leaseExpired, leaseWords } from './locks/leases.ts'
import { tellOfChange } from './locks/notifying.ts'
import { holderOf } from './locks/taskLocks.ts'
import { leaveQueue, queueEffectFailed } from './merging/leaving.ts'
import { completeTask, conflicted } from './merging/outcomes.ts'
import { takePoints } from './points/takePoints.ts'
import { settleRun } from './settle.ts'
import { type Attempt, isBegun, type Run } from './state.ts'
import { decideStrays, strayedAtCommit, asideFailed as strayNotKept } from './strays/decideStrays.ts'
import { validated } from './talk/handoffs.ts'
import { checkpointed } from './talk/reporting.ts'
import { actionBegan, actionEnded, actionLost } from './targets/recordTargets.ts'

type Of<T extends Report['type']> = Extract<Report, { type: T }>
export type AttemptReport = Of<
  | 'report.cut'
  | 'report.cut-conflict'
  | 'report.started'
  | 'report.exited'
  | 'report.lost'
  | 'report.stuck'
  | 'report.lease-expired'
  | 'report.strayed'
  | 'report.set-aside'
  | 'report.put-back'
  | 'report.committed'
  | 'report.merged'
  | 'report.merge-conflict'
  | 'report.effect-done'
  | 'report.effect-failed'
>

/**
 * What the engine's effects and watchers found. A report about an attempt that is over, or that is not at the
 * point it speaks of, is stale and changes nothing: reports may come late and twice.
 */
export function decideReport(draft: Draft, report: AttemptReport): Verdict {
  const run = draft.state.runs.get(report.run)
  if (run === undefined) return reject('stale', `run ${report.run} is not live`)
  if (report.task === null) return runEffectFailed(draft, report)
  const attempt = run.tasks.get(report.task)?.current ?? null
  if (attempt === null || attempt.n !== report.attempt) return reject('stale', 'that attempt is over')
  switch (report.type) {
    case 'report.cut':
      return cut(draft, report, attempt)
    case 'report.started':
      return started(draft, report, attempt)
    case 'report.exited':
      return exited(draft, report, attempt)
    case 'report.lost':
      return lost(draft, report, attempt)
    case 'report.stuck':
      return stuck(draft, report, attempt)
    case 'report.lease-expired':
      return leaseExpired(draft, report, attempt)
    case 'report.strayed':
    case 'report.set-aside':
    case 'report.put-back':
      return decideStrays(draft, report, attempt)
    case 'report.cut-conflict':
    case 'report.committed':
    case 'report.merged':
    case 'report.merge-conflict':
      return worked(draft, report, attempt)
    case 'report.effect-done':
    case 'report.effect-failed':
      return effectEnded(draft, report, attempt)
    default:
      return assertNever(report, 'unknown report')
  }
}

function cut(draft: Draft, report: Of<'report.cut'>, attempt: Attempt): Verdict {
  if (!attempt.effects.includes('workspace.cut')) return reject('stale', 'no workspace was being cut')
  const { run, task, commit, path } = report
  const lists = { mounts: [...report.mounts], leftOut: [...(report.leftOut ?? [])] }
  draft.emitRun(run, { type: 'workspace.cut', task, attempt: attempt.n, commit, path, ...lists })
  endIfStopping(draft, report, attempt)
  return undefined
}

/** Nothing was started yet, so a stop has nothing to wait for. */
function endIfStopping(
  draft: Draft,
  at: { run: Of<'report.cut'>['run']; task: number },
  attempt: Attempt,
): void {
  if (attempt.stopping === null) return
  failAttempt(draft, at.run, at.task, {
    cause: attempt.stopping.cause,
    detail: 'stopped before it started',
    code: null,
  })
}

function started(draft: Draft, report: Of<'report.started'>, attempt: Attempt): Verdict {
  if (!attempt.effects.includes('agent.start')) return reject('stale', 'it was not being started')
  const { run, task, handle, adopted } = report
  draft.emitRun(run, { type: 'agent.started', task, attempt: attempt.n, handle, adopted })
  actionBegan(draft, run, task)
  if (draft.run(run).paused && attempt.stopping === null)
    draft.emitRun(run, { type: 'agent.pausing', task, attempt: attempt.n })
  return undefined
}

function exited(draft: Draft, report: Of<'report.exited'>, attempt: Attempt): Verdict {
  if (!mayEnd(attempt)) return reject('stale', 'it was not running')
  const { run, task, handle } = report
  if (attempt.state === 'WAITING')
    draft.emitRun(run, { type: 'agent.started', task, attempt: attempt.n, handle, adopted: true })
  const before = takePoints(draft, run, task, report.outputs)
  actionEnded(
    draft,
    run,
    task,
    before === undefined ? report.outputs : { ...report.outputs, before: before.id },
  )
  const ending = endingOf(draft, report, attempt) ?? fenced(draft, report, attempt)
  if (ending !== null) {
    failAttempt(draft, run, task, ending)
    return undefined
  }
  const { code, lagMs, outputs } = report
  // It was done before it could be held; what it may not have written is left out of its commit.
  if (attempt.state === 'CONFLICT') draft.emitRun(run, { type: 'agent.reconciled', task, attempt: attempt.n })
  draft.emitRun(run, { type: 'agent.exited', task, attempt: attempt.n, code, lagMs, outputs: { ...outputs } })
  if (draft.run(run).plan.tasks[task]!.workspace === 'none') made(draft, report)
  return undefined
}

/** Its work is made, and nothing of it is left to merge: it is done, or stands before its gates. */
function made(draft: Draft, at: { run: Run['id']; task: number; attempt: number }): void {
  const { plan, stop } = draft.run(at.run)
  if (gatesAfter(plan, at.task).length === 0) completeTask(draft, at)
  else if (stop !== null)
    failAttempt(draft, at.run, at.task, { cause: 'stopped', detail: 'the run was stopped', code: null })
  else askGates(draft, at.run, { kind: 'task', task: at.task, attempt: at.attempt })
}

/** It ended well, but others may have what it declared by now. */
function fenced(draft: Draft, report: Of<'report.exited'>, attempt: Attempt): Ending | null {
  const detail = lostLocks(draft.state, draft.run(report.run), report.task, attempt.n)
  return detail === undefined
    ? null
    : { cause: 'conflict', detail, code: report.code, outputs: report.outputs }
}

/** It runs, or was being started when the engine lost sight of it. */
function mayEnd(attempt: Attempt): boolean {
  return isBegun(attempt) || attempt.effects.includes('agent.start')
}

/** Null when the attempt did its work. */
function endingOf(draft: Draft, report: Of<'report.exited'>, attempt: Attempt): Ending | null {
  const { code, outputs } = report
  if (attempt.stopping !== null) {
    return { cause: attempt.stopping.cause, detail: stopWords(draft, report, attempt), code, outputs }
  }
  if (report.error !== null) return { cause: 'failed', detail: report.error, code, outputs }
  if (report.oomKilled && code !== 0)
    return { cause: 'failed', detail: 'it ran out of memory', code, outputs }
  if (code !== 0)
    return {
      cause: 'failed',
      detail: `it ended with exit code ${code}${report.circumstance ?? ''}`,
      code,
      outputs,
    }
  if (report.outputsError !== null) return { cause: 'failed', detail: report.outputsError, code, outputs }
  return null
}

function stopWords(draft: Draft, report: Of<'report.exited'>, attempt: Attempt): string {
  const { limits, tasks } = draft.run(report.run).plan
  switch (attempt.stopping!.cause) {
    case 'timeout':
      return `it ran longer than its limit of ${Math.round((tasks[report.task]!.timeoutMs ?? limits.maxRuntimeMs) / 1000)} s`
    case 'stuck':
      return (
        leaseWords(draft, report.run, report.task, attempt) ??
        `it gave no sign of life for ${Math.round(limits.stuckAfterMs / 1000)} s`
      )
    case 'conflict': {
      const run = draft.run(report.run)
      const project = draft.state.projects.get(run.project)!
      const why = whyStopped(project, holderOf(run, report.task, attempt.n))
      return why === undefined ? 'stopped for a conflict' : `stopped for a conflict, ${why}`
    }
    default:
      return 'stopped by a person'
  }
}

function lost(draft: Draft, report: Of<'report.lost'>, attempt: Attempt): Verdict {
  if (!mayEnd(attempt)) return reject('stale', 'it was not running')
  const { run, task, detail } = report
  if (attempt.state === 'WAITING')
    draft.emitRun(run, { type: 'agent.started', task, attempt: attempt.n, handle: '', adopted: true })
  const { id, target } = draft.run(run).plan.tasks[task]!
  const record =
    target === undefined ? undefined : draft.state.projects.get(draft.run(run).project)?.targets[target]
  if (record !== undefined) actionEnded(draft, run, task, actionLost(record, id))
  const cause = attempt.stopping?.cause ?? 'lost'
  failAttempt(draft, run, task, { cause, detail, code: null })
  return undefined
}

function stuck(draft: Draft, report: Of<'report.stuck'>, attempt: Attempt): Verdict {
  if (attempt.state !== 'RUNNING' || attempt.paused || attempt.stopping !== null)
    return reject('stale', 'it is not running')
  const { run, task } = report
  if (report.quietMs < draft.run(run).plan.limits.stuckAfterMs)
    return reject('not-now', 'it has not been quiet for long enough')
  draft.emitRun(run, { type: 'agent.stopping', task, attempt: attempt.n, cause: 'stuck', force: false })
  return undefined
}

function worked(
  draft: Draft,
  report: Of<'report.cut-conflict' | 'report.committed' | 'report.merged' | 'report.merge-conflict'>,
  attempt: Attempt,
): Verdict {
  const { run, task } = report
  const stale = (effect: 'workspace.cut' | 'work.commit' | 'work.merge'): boolean =>
    !attempt.effects.includes(effect)
  switch (report.type) {
    case 'report.cut-conflict': {
      if (stale('workspace.cut')) return reject('stale', 'no workspace was being cut')
      const detail = `what it builds on does not fit together: ${report.files.join(', ')}`
      failAttempt(draft, run, task, { cause: 'conflict', detail, code: null })
      return undefined
    }
    case 'report.committed': {
      if (stale('work.commit')) return reject('stale', 'nothing was being committed')
      committed(draft, report, attempt)
      return undefined
    }
    case 'report.merged':
      if (stale('work.merge')) return reject('stale', 'nothing was being merged')
      draft.emitRun(run, { type: 'work.merged', task, attempt: attempt.n, tip: report.tip })
      completeTask(draft, report)
      tellOfChange(draft, run, task, attempt.touched ?? [])
      return undefined
    case 'report.merge-conflict':
      if (stale('work.merge')) return reject('stale', 'nothing was being merged')
      conflicted(draft, report)
      return undefined
    default:
      return assertNever(report, 'unknown report')
  }
}

/** Its locks are looked at once more: from here on the commit is merged without a further word. */
function committed(draft: Draft, report: Of<'report.committed'>, attempt: Attempt): void {
  const { run: id, task, commit, changed, artifacts, touched = [] } = report
  const run = draft.run(id)
  const lost = lostLocks(draft.state, run, task, attempt.n)
  if (lost !== undefined) {
    failAttempt(draft, id, task, { cause: 'conflict', detail: lost, code: null })
    return
  }
  const taken = globsTaken(takenOnTheWay(lockTable(draft.state, run), run, task, attempt.n))
  draft.emitRun(id, {
    type: 'work.committed',
    task,
    attempt: attempt.n,
    commit,
    changed,
    undeclared: [...report.undeclared],
    refused: [...report.refused],
    artifacts,
    ...(taken.length === 0 ? {} : { taken: [...taken] }),
    ...(touched.length === 0 ? {} : { touched: [...touched] }),
  })
  strayedAtCommit(draft, report, attempt)
  if (commit === null || gatesAfter(run.plan, task).length > 0) made(draft, report)
  else if (run.stop !== null && run.plan.merge !== undefined)
    leaveQueue(draft, id, task, 'the run was stopped')
}

/** Effects whose end says nothing more; all others are followed by what their own report brings. */
const SILENT_EFFECTS: readonly EffectType[] = [
  'agent.stop',
  'agent.pause',
  'agent.resume',
  'handoff.validate',
]

function effectEnded(
  draft: Draft,
  report: Of<'report.effect-done' | 'report.effect-failed'>,
  attempt: Attempt,
): Verdict {
  const { run, effect } = report
  const task = report.task!
  if (!attempt.effects.includes(effect)) return reject('stale', `no ${effect} is open`)
  if (report.type === 'report.effect-done') {
    if (!SILENT_EFFECTS.includes(effect)) return reject('invalid', `${effect} has a report of its own`)
    draft.emitRun(run, { type: 'effect.done', effect, task, attempt: attempt.n })
    if (effect === 'agent.stop' && attempt.state === 'WAITING') endIfStopping(draft, { run, task }, attempt)
    return undefined
  }
  if (report.permanent && (effect === 'agent.pause' || effect === 'agent.resume')) {
    // The agent itself is well: what cannot be paused runs on, and says so.
    draft.emitRun(run, { type: 'effect.done', effect, task, attempt: attempt.n })
    if (effect === 'agent.pause' && attempt.paused)
      draft.emitRun(run, { type: 'agent.resuming', task, attempt: attempt.n })
    return undefined
  }
  if (report.permanent && (effect === 'handoff.validate' || effect === 'work.checkpoint')) {
    // The agent works on; what it asked for is answered with why not.
    asideFailed(draft, report, attempt)
    return undefined
  }
  if (report.permanent && effect === 'work.set-aside') {
    strayNotKept(draft, draft.run(run), task, attempt, report.error)
    return undefined
  }
  // A stop that is refused goes on being tried: an attempt is over only when its agent is.
  if (report.permanent && effect !== 'agent.stop') {
    failAttempt(draft, run, task, {
      cause: attempt.stopping?.cause ?? 'failed',
      detail: `${report.error} ${report.remedy}`.trim(),
      code: null,
    })
    return undefined
  }
  if (attempt.trouble?.effect === effect && attempt.trouble.error === report.error) return undefined
  draft.emitRun(run, {
    type: 'effect.delayed',
    effect,
    task,
    attempt: attempt.n,
    error: report.error,
    remedy: report.remedy,
  })
  return undefined
}

function asideFailed(draft: Draft, report: Of<'report.effect-failed'>, attempt: Attempt): void {
  const { run, effect } = report
  const task = report.task!
  const detail = `${report.error} ${report.remedy}`.trim()
  const at = { run, task, attempt: attempt.n }
  if (effect === 'work.checkpoint') {
    checkpointed(draft, { ...at, commit: null, error: detail })
    return
  }
  const handoff = draft
    .run(run)
    .talk.handoffs.find(({ from, state }) => from === task && state === 'initiated')
  const checks = [{ name: 'artifacts_accessible', result: 'failed', detail } as const]
  if (handoff !== undefined) validated(draft, { ...at, handoff: handoff.id, checks })
  else draft.emitRun(run, { type: 'effect.done', effect, task, attempt: attempt.n })
}

function runEffectFailed(draft: Draft, report: AttemptReport): Verdict {
  if (report.type !== 'report.effect-failed')
    return reject('invalid', 'a report about an attempt names its task')
  if (report.effect === 'gate.evaluate') return evaluationFailed(draft, report)
  const run = draft.run(report.run)
  const { effect, error, remedy } = report
  if (!run.effects.includes(effect)) return reject('stale', `no ${effect} is open`)
  if (report.permanent && effect === 'run.prepare') {
    raise(draft, run.id, null, 'prepare-failed', `${error} ${remedy}`.trim(), [])
    settleRun(draft, run.id, error)
    return undefined
  }
  if (report.permanent && (effect === 'merge.check' || effect === 'merge.advance')) {
    queueEffectFailed(draft, run.id, `${error} ${remedy}`.trim())
    return undefined
  }
  if (report.permanent) {
    const text = `${error} ${remedy}`.trim()
    if (effect === 'run.apply') draft.emitRun(run.id, { type: 'run.apply-refused', reason: error, remedy })
    else draft.emitRun(run.id, { type: 'effect.done', effect, task: null, attempt: null })
    resolve(draft, run.id, 'apply-refused', 'over')
    raise(draft, run.id, null, 'apply-refused', text, ['apply', 'discard'])
    return undefined
  }
  if (run.trouble?.effect === effect && run.trouble.error === error) return undefined
  draft.emitRun(run.id, { type: 'effect.delayed', effect, task: null, attempt: null, error, remedy })
  return undefined
}
