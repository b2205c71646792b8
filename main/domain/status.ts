import { assertNever } from './assertNever.ts'
import type { GatePlace } from './gates/gateRecord.ts'
import { isOpen } from './gates/gateRecord.ts'
import { recordsAt } from './gates/places.ts'
import { parseAttemptId } from './ids.ts'
import { placeOf } from './merging/mergeQueue.ts'
import { needsPerson } from './metrics.ts'
import { planIndex } from './plan.ts'
import {
  type Attempt,
  type Attention,
  isMet,
  type Run,
  runningMs,
  standsAtGates,
  type TaskRecord,
} from './state.ts'

/** How tasks, agents and runs look to people: what it is, and why it is where it is. Surfaces put it into words. */

/** One shape and one colour each, the same on every surface. */
export const MARKS = ['running', 'waiting', 'blocked', 'conflict', 'failed', 'done', 'needs-you'] as const
export type Mark = (typeof MARKS)[number]

export const STATUS_WORDS = [
  'done',
  'skipped',
  'cancelled',
  'failed',
  'needs-you',
  'held-up',
  'running',
  'paused',
  'stopping',
  'finishing',
  'conflict',
  'blocked',
  'over',
  'starting',
  'waits',
] as const
export type StatusWord = (typeof STATUS_WORDS)[number]

/** Why a task is where it is. Task and phase numbers index the run's plan; times are engine time, ms. */
export type Why =
  | { readonly kind: 'preparing' }
  | { readonly kind: 'run-paused' }
  | { readonly kind: 'phase'; readonly phase: number }
  | { readonly kind: 'needs'; readonly tasks: readonly number[] }
  /** Ready; every agent it could have is at work. */
  | { readonly kind: 'capacity' }
  /** Ready; others go first, since it probably clashes with work under way (of this attempt) in the file. */
  | { readonly kind: 'postponed'; readonly behind: string; readonly file: string; readonly odds: number }
  /** Stands still for a conflict; where that is settled, until the one that goes first (by its attempt's id) is over. */
  | { readonly kind: 'held'; readonly conflict: string; readonly behind: string | null }
  /** Others hold what it declared: agents by their attempts' ids, as far as they are still in its way. */
  | { readonly kind: 'locks'; readonly holders: readonly string[] }
  | { readonly kind: 'retry'; readonly at: number; readonly by: 'same' | 'other' }
  | { readonly kind: 'asked'; readonly attention: Attention }
  | { readonly kind: 'trouble'; readonly error: string; readonly remedy: string }
  | { readonly kind: 'copying' }
  | { readonly kind: 'merging' }
  /** Waits for its turn to be checked before it is merged; `place` counts from 1. */
  | { readonly kind: 'merge-queue'; readonly place: number; readonly held: boolean }
  /** Is being checked, together with others. */
  | {
      readonly kind: 'merge-check'
      readonly check: number
      readonly others: readonly number[]
      readonly since: number
      /** Then it is stopped and has failed, ms. */
      readonly limitMs: number
    }
  /** Stands before gates; `waiting`: for people. */
  | { readonly kind: 'gates'; readonly gates: readonly string[]; readonly waiting: boolean }
  | { readonly kind: 'saving' }
  | { readonly kind: 'time-limit' }
  | { readonly kind: 'stopping'; readonly cause: string }
  /** In the engine's words. */
  | { readonly kind: 'cause'; readonly text: string }

export interface Status {
  readonly mark: Mark
  readonly word: StatusWord
  /** Null where the word says all. */
  readonly why: Why | null
  /** RUNNING time, ms; null before it started. */
  readonly ms: number | null
}

export function taskStatus(run: Run, index: number, now: number): Status {
  const task = run.tasks.get(index)!
  if (task.outcome !== null) return settled(task)
  if (task.state === 'BLOCKED') return needsYou(run, index)
  if (task.current?.state === 'BLOCKED') return blocked(run, task.current)
  if (task.current?.state === 'CONFLICT') return standsStill(run, index, attemptStatus(task.current, now))
  if (task.current !== null && standsAtGates(task.current)) return atGates(run, index, task.current, now)
  if (task.current !== null) return queueStatus(run, index, attemptStatus(task.current, now))
  if (task.next !== null && !task.ready) return waits({ kind: 'retry', ...task.next })
  return waits(whyWaiting(run, index))
}

function atGates(run: Run, task: number, attempt: Attempt, now: number): Status {
  const status = attemptStatus(attempt, now)
  const why = gatesWhy(run, { kind: 'task', task, attempt: attempt.n })
  if (why === undefined || status.word !== 'finishing') return status
  return why.waiting
    ? { ...status, mark: 'needs-you', word: 'needs-you', why }
    : { ...status, mark: 'waiting', why }
}

function gatesWhy(run: Run, at: GatePlace): Extract<Why, { kind: 'gates' }> | undefined {
  const open = recordsAt(run, at).filter(isOpen)
  if (open.length === 0) return undefined
  const waiting = open.every(({ state }) => state === 'waiting')
  return { kind: 'gates', gates: open.map(({ gate }) => gate), waiting }
}

/** What waits to be merged says where it stands and whom it is checked with. */
function queueStatus(run: Run, index: number, status: Status): Status {
  const { mergeQueue } = run
  const place = placeOf(mergeQueue, index)
  if (mergeQueue === undefined || place === -1 || status.word !== 'finishing') return status
  const { check, held } = mergeQueue
  if (check?.tasks.includes(index) !== true)
    return { ...status, mark: 'waiting', why: { kind: 'merge-queue', place: place + 1, held: held !== null } }
  if (check.move !== null || check.unchecked) return { ...status, why: { kind: 'merging' } }
  const others = check.tasks.filter((task) => task !== index)
  const { n, since } = check
  const limitMs = run.plan.merge?.check.timeoutMs ?? 0
  return { ...status, why: { kind: 'merge-check', check: n, others, since, limitMs } }
}

function settled(task: TaskRecord): Status {
  const last = task.past.at(-1)
  const ms = last?.startedAt == null ? null : last.endedAt - last.startedAt
  const why: Why | null = task.cause === null ? null : { kind: 'cause', text: task.cause }
  switch (task.outcome) {
    case 'succeeded':
      return { mark: 'done', word: 'done', why: null, ms }
    case 'skipped':
      return { mark: 'done', word: 'skipped', why, ms }
    case 'cancelled':
      return { mark: 'waiting', word: 'cancelled', why, ms }
    case 'failed':
      return { mark: 'failed', word: 'failed', why, ms }
    case null:
      throw new Error('not settled')
    default:
      return assertNever(task.outcome, 'unknown outcome')
  }
}

export function attemptStatus(attempt: Attempt, now: number): Status {
  const ms = attempt.startedAt === null ? null : runningMs(attempt, now)
  if (attempt.trouble !== null) {
    const { error, remedy } = attempt.trouble
    return { mark: 'needs-you', word: 'held-up', why: { kind: 'trouble', error, remedy }, ms }
  }
  if (attempt.stopping !== null) {
    return { mark: 'running', word: 'stopping', why: { kind: 'stopping', cause: attempt.stopping.cause }, ms }
  }
  switch (attempt.state) {
    case 'RUNNING':
      return attempt.paused
        ? { mark: 'waiting', word: 'paused', why: null, ms }
        : { mark: 'running', word: 'running', why: null, ms }
    case 'COMPLETING': {
      const kind = attempt.effects.includes('work.merge') ? 'merging' : 'saving'
      return { mark: 'running', word: 'finishing', why: { kind }, ms }
    }
    case 'TIMEOUT':
      return { mark: 'running', word: 'stopping', why: { kind: 'time-limit' }, ms }
    case 'CONFLICT':
      return { mark: 'conflict', word: 'conflict', why: null, ms }
    case 'BLOCKED':
      return { mark: 'blocked', word: 'blocked', why: null, ms }
    case 'COMPLETED':
    case 'TERMINATED':
      return { mark: 'done', word: 'over', why: null, ms }
    case 'REGISTERED':
    case 'WAITING': {
      const why: Why | null = attempt.effects.includes('workspace.cut') ? { kind: 'copying' } : null
      return { mark: 'waiting', word: 'starting', why, ms }
    }
    default:
      return assertNever(attempt.state, 'unknown state')
  }
}

function needsYou(run: Run, index: number): Status {
  const attention = run.attention.find((open) => open.task === index)
  const cause = run.tasks.get(index)!.cause
  const told: Why | null = cause === null ? null : { kind: 'cause', text: cause }
  const why: Why | null = attention === undefined ? told : { kind: 'asked', attention }
  return { mark: 'needs-you', word: 'needs-you', why, ms: null }
}

/** With what is asked about its conflict, or with what it waits for once that is settled. */
function standsStill(run: Run, index: number, status: Status): Status {
  if (status.word !== 'conflict') return status
  const { conflict, strays } = run.tasks.get(index)!.current!
  const attention = run.attention.find(({ task, about }) => task === index && about === conflict?.id)
  if (attention !== undefined) return { ...status, why: { kind: 'asked', attention } }
  const { verdict = null, stage = null } = strays?.open ?? {}
  if (verdict === 'allow' && stage === 'aside') return { ...status, why: { kind: 'locks', holders: [] } }
  if (conflict === undefined) return status
  return { ...status, why: { kind: 'held', conflict: conflict.id, behind: conflict.behind ?? null } }
}

function blocked(run: Run, attempt: Attempt): Status {
  const holders = (attempt.blockedBy ?? []).filter((holder) => isThere(run, holder))
  return { mark: 'blocked', word: 'blocked', why: { kind: 'locks', holders }, ms: null }
}

/** Of other runs nothing is known here. */
function isThere(run: Run, holder: string): boolean {
  const parts = parseAttemptId(holder)
  if (parts?.run !== run.id) return true
  return run.tasks.get(planIndex(run.plan).byId.get(parts.task) ?? -1)?.current?.n === parts.attempt
}

function waits(why: Why): Status {
  return { mark: 'waiting', word: 'waits', why, ms: null }
}

function whyWaiting(run: Run, index: number): Why {
  const spec = run.plan.tasks[index]!
  if (run.status === 'preparing') return { kind: 'preparing' }
  if (run.paused) return { kind: 'run-paused' }
  if (spec.phase > run.phase)
    return gatesWhy(run, { kind: 'phase', phase: run.phase }) ?? { kind: 'phase', phase: run.phase }
  const held = gatesWhy(run, { kind: 'deploy', task: index })
  if (held !== undefined) return held
  const tasks = planIndex(run.plan).needs[index]!.filter((need) => !isMet(run, need))
  if (tasks.length > 0) return { kind: 'needs', tasks }
  const { postponed } = run.tasks.get(index)!
  if (postponed === undefined || !isThere(run, postponed.behind)) return { kind: 'capacity' }
  const { behind, file, odds } = postponed
  return { kind: 'postponed', behind, file, odds }
}

const RUN_WORDS = [
  'needs-you',
  'held-up',
  'paused',
  'done',
  'failed',
  'stopped',
  'stopping',
  'preparing',
  'running',
] as const
export type RunWord = (typeof RUN_WORDS)[number]

export interface RunLook {
  readonly mark: Mark
  readonly word: RunWord
}

/** A run as a whole. */
export function runStatus(run: Run): RunLook {
  if (needsPerson(run)) return { mark: 'needs-you', word: 'needs-you' }
  if (run.trouble !== null && run.endedAt === null) return { mark: 'needs-you', word: 'held-up' }
  if (run.paused && run.endedAt === null) return { mark: 'waiting', word: 'paused' }
  return statusLook(run.status)
}

/** The same from a stored row's `status`. */
export function statusLook(status: string): RunLook {
  switch (status) {
    case 'completed':
      return { mark: 'done', word: 'done' }
    case 'failed':
      return { mark: 'failed', word: 'failed' }
    case 'stopped':
      return { mark: 'waiting', word: 'stopped' }
    case 'stopping':
      return { mark: 'running', word: 'stopping' }
    case 'preparing':
      return { mark: 'waiting', word: 'preparing' }
    default:
      return { mark: 'running', word: 'running' }
  }
}
