import { assertNever } from './assertNever.ts'
import { raise, resolveTask } from './attention.ts'
import { otherCandidates } from './delegation.ts'
import type { Draft } from './draft.ts'
import { flapping, pauseFlapping } from './health/flapping.ts'
import type { RunId } from './ids.ts'
import type { RetryPolicy } from './project.ts'
import { wayOn } from './rollback/wayOn.ts'
import { warnDependents } from './softNeeds.ts'
import type { TerminationCause } from './states.ts'

export interface Ending {
  readonly cause: TerminationCause
  /** In words, for people. */
  readonly detail: string
  readonly code: number | null
  readonly outputs?: Readonly<Record<string, string>>
}

/**
 * An attempt ended without success. In this order: what a person or a stop wanted; the policy for lost ones; the
 * retries; one try by another role with the skill; then the task is FAILED and a person is called.
 */
export function failAttempt(draft: Draft, run: RunId, task: number, ending: Ending): void {
  const attempt = draft.run(run).tasks.get(task)!.current!
  resolveTask(draft, run, task, 'over')
  draft.emitRun(run, {
    type: 'agent.terminated',
    task,
    attempt: attempt.n,
    cause: ending.cause,
    detail: ending.detail,
    code: ending.code,
    outputs: { ...(ending.outputs ?? {}) },
  })
  const stopped = draft.run(run).stop !== null || ending.cause === 'stopped' || ending.cause === 'cancelled'
  if (stopped) settleTask(draft, run, task, 'cancelled', ending.detail)
  else if (ending.cause === 'lost') afterLoss(draft, run, task, ending)
  else tryAgainOrFail(draft, run, task, ending)
}

function tryAgainOrFail(draft: Draft, run: RunId, task: number, ending: Ending): void {
  const next = nextAttempt(draft, run, task, ending.cause)
  const flaps = next === null ? undefined : flapping(draft.run(run), task, draft.now)
  if (next === null) failForGood(draft, run, task, ending)
  else if (flaps !== undefined) pauseFlapping(draft, run, task, `${flaps}, the last time: ${ending.detail}`)
  else draft.emitRun(run, { type: 'task.failed', task, outcome: 'failed', cause: ending.detail, next })
}

/** Lost as often as this in a row, a task is not lost by chance: `on_lost: retry` ends. */
const MAX_LOSSES = 5

function lossesInARow(draft: Draft, run: RunId, task: number): number {
  const { past } = draft.run(run).tasks.get(task)!
  return past.length - 1 - past.findLastIndex(({ cause }) => cause !== 'lost')
}

/** The attempt's outcome is unknown: `on_lost` decides, and by default a person. */
function afterLoss(draft: Draft, run: RunId, task: number, ending: Ending): void {
  const { onLost, id } = draft.run(run).plan.tasks[task]!
  switch (onLost) {
    case 'fail':
      failForGood(draft, run, task, ending)
      return
    case 'retry': {
      if (lossesInARow(draft, run, task) > MAX_LOSSES) {
        failForGood(draft, run, task, ending)
        return
      }
      const next = { at: draft.now, by: 'same' } as const
      draft.emitRun(run, { type: 'task.failed', task, outcome: 'failed', cause: ending.detail, next })
      return
    }
    case 'ask':
      draft.emitRun(run, { type: 'task.blocked', task, by: 'outcome unknown' })
      raise(draft, run, task, 'lost', `${id}: ${ending.detail}. Did it do its work?`, [
        'retry',
        'skip',
        'fail',
      ])
      return
    default:
      assertNever(onLost, 'unknown on_lost')
  }
}

/** A BLOCKED task makes another attempt, of which its retries say nothing: a person wants it. */
export function tryAgain(draft: Draft, run: RunId, task: number, why: string): void {
  releaseBlocked(draft, run, task)
  const next = { at: draft.now, by: 'same' } as const
  draft.emitRun(run, { type: 'task.failed', task, outcome: 'failed', cause: why, next })
}

/** Ends what a BLOCKED task still holds: the agent in CONFLICT, and the question. */
export function releaseBlocked(draft: Draft, run: RunId, index: number): void {
  const { current } = draft.run(run).tasks.get(index)!
  if (current !== null) {
    const detail = 'its work could not be merged'
    draft.emitRun(run, {
      type: 'agent.terminated',
      task: index,
      attempt: current.n,
      cause: 'conflict',
      detail,
      code: null,
      outputs: {},
    })
  }
  resolveTask(draft, run, index, 'answered')
}

export function failForGood(draft: Draft, run: RunId, task: number, ending: Ending): void {
  const spec = draft.run(run).plan.tasks[task]!
  settleTask(draft, run, task, 'failed', ending.detail)
  warnDependents(draft, run, task)
  if (!spec.allowFailure)
    raise(draft, run, task, 'task-failed', `${spec.id} failed: ${ending.detail}${wayOn(draft, run)}`, [
      'retry',
      'skip',
    ])
}

function settleTask(
  draft: Draft,
  run: RunId,
  task: number,
  outcome: 'failed' | 'cancelled',
  cause: string,
): void {
  draft.emitRun(run, { type: 'task.failed', task, outcome, cause, next: null })
}

function nextAttempt(
  draft: Draft,
  run: RunId,
  index: number,
  cause: TerminationCause,
): { at: number; by: 'same' | 'other' } | null {
  const { plan, tasks } = draft.run(run)
  const task = tasks.get(index)!
  const spec = plan.tasks[index]!
  if (task.otherTried) return null
  const mayOther = plan.health?.otherAgent !== false
  // A stuck agent is restarted once even where no retry is configured: it may hang on nothing of its own making.
  const allowed = spec.retry.retries + (cause === 'stuck' ? 1 : 0)
  if (task.tries <= allowed) {
    return { at: draft.now + retryDelayMs(spec.retry, task.tries, `${run}/${spec.id}`), by: 'same' }
  }
  const role = task.past.at(-1)!.role
  return mayOther && otherCandidates(plan, spec, role).length > 0 ? { at: draft.now, by: 'other' } : null
}

/** Doubles with each try up to the maximum; the jitter is drawn from the task's name, so a replay draws the same. */
export function retryDelayMs(policy: RetryPolicy, tries: number, seed: string): number {
  // The exponent is bounded so that a delay of 0 stays 0 (0 × Infinity is not a number).
  const base = Math.min(policy.delayMs * 2 ** Math.min(tries - 1, 52), policy.maxDelayMs)
  return Math.round(base * (1 - policy.jitter * fraction(`${seed}#${tries}`)))
}

/** FNV-1a, as a number from 0 to just under 1. */
function fraction(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0) / 2 ** 32
}
