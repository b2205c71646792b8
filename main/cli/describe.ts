import { assertNever } from '../domain/assertNever.ts'
import { formatDuration } from '../domain/duration.ts'
import { agentName, type RoleName } from '../domain/ids.ts'
import { needsPerson } from '../domain/metrics.ts'
import { planIndex } from '../domain/plan.ts'
import { type Attempt, isMet, type Run, runningMs, type TaskRecord } from '../domain/state.ts'
import type { Mark } from './view/style.ts'
import { plain } from './view/text.ts'

/** States in the words of the window: what it is, and why it is where it is. */
export interface Description {
  readonly mark: Mark
  /** One or two words: `running`, `waits`. */
  readonly word: string
  /** The reason; empty where the word says all. */
  readonly detail: string
  /** RUNNING time, ms; null before it started. */
  readonly ms: number | null
}

/** A task's name, and of an agent at work on it or the last that was. */
export function nameOf(run: Run, index: number): string {
  const task = run.tasks.get(index)!
  const id = run.plan.tasks[index]!.id
  const last = task.current ?? task.past.at(-1)
  return last === undefined ? id : agentName(last.role, id, last.n)
}

export function runName(run: { readonly plan: { readonly epic: string }; readonly number: number }): string {
  return `${run.plan.epic}#${run.number}`
}

export function describeTask(run: Run, index: number, now: number): Description {
  const task = run.tasks.get(index)!
  if (task.outcome !== null) return settled(task)
  if (task.state === 'BLOCKED') return needsYou(run, index)
  if (task.current !== null) return describeAttempt(task.current, now)
  if (task.next !== null && !task.ready) return waits(`tries again in ${formatDuration(task.next.at - now)}`)
  return waits(whyWaiting(run, index))
}

function settled(task: TaskRecord): Description {
  const last = task.past.at(-1)
  const ms = last?.startedAt == null ? null : last.endedAt - last.startedAt
  const detail = plain(task.cause ?? '')
  switch (task.outcome) {
    case 'succeeded':
      return { mark: 'done', word: 'done', detail: '', ms }
    case 'skipped':
      return { mark: 'done', word: 'skipped', detail, ms }
    case 'cancelled':
      return { mark: 'waiting', word: 'cancelled', detail, ms }
    case 'failed':
      return { mark: 'failed', word: 'failed', detail, ms }
    case null:
      throw new Error('not settled')
    default:
      return assertNever(task.outcome, 'unknown outcome')
  }
}

function describeAttempt(attempt: Attempt, now: number): Description {
  const ms = attempt.startedAt === null ? null : runningMs(attempt, now)
  if (attempt.trouble !== null) {
    return { mark: 'needs-you', word: 'held up', detail: plain(attempt.trouble.error), ms }
  }
  if (attempt.stopping !== null)
    return { mark: 'running', word: 'stopping', detail: attempt.stopping.cause, ms }
  switch (attempt.state) {
    case 'RUNNING':
      if (attempt.paused) return { mark: 'waiting', word: 'paused', detail: '', ms }
      return { mark: 'running', word: 'running', detail: '', ms }
    case 'COMPLETING':
      return { mark: 'running', word: 'finishing', detail: finishing(attempt), ms }
    case 'TIMEOUT':
      return { mark: 'running', word: 'stopping', detail: 'over its time limit', ms }
    case 'CONFLICT':
      return { mark: 'conflict', word: 'conflict', detail: '', ms }
    case 'BLOCKED':
      return { mark: 'blocked', word: 'blocked', detail: '', ms }
    case 'COMPLETED':
    case 'TERMINATED':
      return { mark: 'done', word: 'over', detail: '', ms }
    case 'REGISTERED':
    case 'WAITING':
      return { mark: 'waiting', word: 'starting', detail: starting(attempt), ms }
    default:
      return assertNever(attempt.state, 'unknown state')
  }
}

function starting(attempt: Attempt): string {
  return attempt.effects.includes('workspace.cut') ? 'copying the code' : ''
}

function finishing(attempt: Attempt): string {
  return attempt.effects.includes('work.merge') ? 'merging its work' : 'saving its work'
}

function needsYou(run: Run, index: number): Description {
  const item = run.attention.find((open) => open.task === index)
  const detail = item === undefined ? (run.tasks.get(index)!.cause ?? '') : item.text
  return { mark: 'needs-you', word: 'needs you', detail: plain(detail), ms: null }
}

function waits(detail: string): Description {
  return { mark: 'waiting', word: 'waits', detail, ms: null }
}

/** Names at most two of what a task waits for. */
function whyWaiting(run: Run, index: number): string {
  const spec = run.plan.tasks[index]!
  if (run.status === 'preparing') return 'for the code to be copied'
  if (run.paused) return 'the run is paused'
  if (spec.phase > run.phase) return `for phase ${plain(run.plan.phases[run.phase]?.name ?? '')}`
  const needs = planIndex(run.plan).needs[index]!.filter((need) => !isMet(run, need))
  if (needs.length === 0) return 'for a free agent'
  const names = needs.slice(0, 2).map((need) => run.plan.tasks[need]!.id)
  const more = needs.length - names.length
  return `for ${names.join(' and ')}${more === 0 ? '' : ` and ${more} more`}`
}

/** A run as a whole. */
export function describeRun(run: Run): { readonly mark: Mark; readonly word: string } {
  if (needsPerson(run)) return { mark: 'needs-you', word: 'needs you' }
  if (run.trouble !== null && run.endedAt === null) return { mark: 'needs-you', word: 'held up' }
  if (run.paused && run.endedAt === null) return { mark: 'waiting', word: 'paused' }
  return describeStatus(run.status)
}

export function describeStatus(status: string): { readonly mark: Mark; readonly word: string } {
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

export function roleAndTask(role: RoleName | string, task: string, attempt: number): string {
  return `${role}/${task}#${attempt}`
}
