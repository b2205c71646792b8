import { assertNever } from './assertNever.ts'
import { resolveTask } from './attention.ts'
import type { ClientCommand } from './commands.ts'
import { decideRun } from './decideRun.ts'
import { type Draft, reject, type Verdict } from './draft.ts'
import { failAttempt, failForGood, releaseBlocked, tryAgain } from './failure.ts'
import type { RunId, TaskId } from './ids.ts'
import { answerHeld, leaveQueue } from './merging/leaving.ts'
import { planIndex } from './plan.ts'
import { reopenRun, reviveCancelled } from './reopening.ts'
import { type Attempt, hasNoProcess, isMet, type Run, standsAtGates } from './state.ts'
import { answerAbout } from './talk/decidePerson.ts'
import { askCheckpoint } from './talk/reporting.ts'

type Of<T extends ClientCommand['type']> = Extract<ClientCommand, { type: T }>
export type TaskCommand = Of<
  | 'task.retry'
  | 'task.skip'
  | 'task.rerun'
  | 'agent.stop'
  | 'agent.pause'
  | 'task.checkpoint'
  | 'agent.continue'
  | 'attention.answer'
>

export function decideTask(draft: Draft, command: TaskCommand): Verdict {
  const run = draft.state.runs.get(command.run)
  if (run === undefined) return reject('unknown', `there is no run ${command.run}`)
  if (command.type === 'attention.answer') return answer(draft, run, command.id, command.choice)
  const task = planIndex(run.plan).byId.get(command.task as TaskId)
  if (task === undefined) return reject('unknown', `run ${run.id} has no task ${command.task}`)
  switch (command.type) {
    case 'task.retry':
      return retry(draft, run, task)
    case 'task.skip':
      return skip(draft, run, task)
    case 'task.rerun':
      return rerun(draft, run, task)
    case 'agent.stop':
      return stop(draft, run, task, command.force)
    case 'task.checkpoint':
      return checkpoint(draft, run, task)
    case 'agent.pause':
    case 'agent.continue':
      return pause(draft, run, task, command.type === 'agent.pause')
    default:
      return assertNever(command, 'unknown command')
  }
}

function answer(draft: Draft, run: Run, id: string, choice: string): Verdict {
  const item = run.attention.find((open) => open.id === id)
  if (item === undefined) return reject('stale', `nothing called ${id} is waiting for an answer`)
  if (item.about !== null) return answerAbout(draft, run, item, choice)
  if (item.choices.length === 0) {
    draft.emitRun(run.id, { type: 'attention.resolved', id, choice })
    return undefined
  }
  if (!item.choices.includes(choice))
    return reject('invalid', `${id} can be answered with ${item.choices.join(', ')}`)
  if (item.kind === 'merge-held') return answerHeld(draft, run, choice)
  if (item.task === null) return answerRun(draft, run, choice)
  switch (choice) {
    case 'retry':
      return retry(draft, run, item.task)
    case 'skip':
      return skip(draft, run, item.task)
    case 'fail':
      return giveUp(draft, run, item.task)
    default:
      return reject('invalid', `${choice} is not an answer`)
  }
}

function answerRun(draft: Draft, run: Run, choice: string): Verdict {
  if (choice !== 'apply' && choice !== 'discard') return reject('invalid', `${choice} is not an answer`)
  return decideRun(draft, { type: `run.${choice}`, run: run.id })
}

function checkpoint(draft: Draft, run: Run, index: number): Verdict {
  const { id } = run.plan.tasks[index]!
  const attempt = run.tasks.get(index)!.current
  if (attempt?.state !== 'RUNNING' || attempt.exitedAt !== null)
    return reject('not-now', `no agent is at work on ${id}`)
  return askCheckpoint(draft, run.id, index, '')
}

/** What stands in the way of changing a task that is not under way, if anything. */
function obstacle(run: Run, index: number): Verdict {
  const name = run.plan.tasks[index]!.id
  const busy = standsInTheWay(run)
  if (busy !== undefined) return busy
  const attempt = run.tasks.get(index)!.current
  if (attempt !== null && !hasNoProcess(attempt))
    return reject('not-now', `${name} is under way; stop it first`)
  return undefined
}

/** What stands in the way of taking up a run, if anything. */
export function standsInTheWay(run: Run): Verdict {
  if (run.delivery !== 'none') return reject('not-now', `run ${run.id} was ${run.delivery}; start a new one`)
  const others = run.effects.filter((type) => type !== 'merge.check' && type !== 'merge.advance')
  if (others.length > 0 || run.status === 'stopping')
    return reject('not-now', `run ${run.id} is ${run.status}`)
  return undefined
}

export function retry(draft: Draft, run: Run, index: number): Verdict {
  const blocked = obstacle(run, index)
  if (blocked !== undefined) return blocked
  const task = run.tasks.get(index)!
  const name = run.plan.tasks[index]!.id
  if (task.state === 'BLOCKED') {
    tryAgain(draft, run.id, index, 'tried again')
    return undefined
  }
  if (task.state !== 'FAILED')
    return reject('not-now', `${name} is ${task.state}; only a failed task can be retried`)
  if (task.next !== null) return reject('not-now', `${name} is due for another attempt already`)
  reopenRun(draft, run.id)
  resolveTask(draft, run.id, index, 'retry')
  if (mustWait(draft.run(run.id), index)) draft.emitRun(run.id, { type: 'task.reopened', task: index })
  else draft.emitRun(run.id, { type: 'task.retry-asked', task: index, by: draft.envelope.actor })
  reviveCancelled(draft, run.id)
  return undefined
}

/** It never ran, or what it builds on is being made anew: it takes its turn like a new task. */
function mustWait(run: Run, index: number): boolean {
  const { needs } = planIndex(run.plan)
  const { phase } = run.plan.tasks[index]!
  if (run.tasks.get(index)!.attempts === 0 || needs[index]!.some((need) => !isMet(run, need))) return true
  return run.plan.tasks.some((spec, i) => spec.phase < phase && !isMet(run, i))
}

function skip(draft: Draft, run: Run, index: number): Verdict {
  const blocked = obstacle(run, index)
  if (blocked !== undefined) return blocked
  const task = run.tasks.get(index)!
  if (task.state === 'COMPLETED') return reject('not-now', `${run.plan.tasks[index]!.id} is completed`)
  if (task.outcome === 'skipped') return undefined
  if (task.current !== null || task.state === 'BLOCKED') releaseBlocked(draft, run.id, index)
  reopenRun(draft, run.id)
  resolveTask(draft, run.id, index, 'skip')
  draft.emitRun(run.id, { type: 'task.skipped', task: index, by: draft.envelope.actor })
  reviveCancelled(draft, run.id)
  return undefined
}

/**
 * Runs a completed task once more, and what was built on it. `changed`: the task whose change calls for it, which must
 * not be among these.
 */
export function rerun(draft: Draft, run: Run, index: number, changed: number | null = null): Verdict {
  const task = run.tasks.get(index)!
  if (task.state === 'FAILED') return retry(draft, run, index)
  if (task.state !== 'COMPLETED') return reject('not-now', `${run.plan.tasks[index]!.id} has not run yet`)
  const affected = withDependents(run, index)
  if (changed !== null && affected.includes(changed))
    return reject('not-now', `${run.plan.tasks[changed]!.id} was built on it`)
  for (const i of affected) {
    const blocked = obstacle(run, i)
    if (blocked !== undefined) return blocked
  }
  reopenRun(draft, run.id)
  for (const i of affected) {
    makeAnew(draft, run.id, i, changed !== null)
  }
  reviveCancelled(draft, run.id)
  return undefined
}

/** A dependent that waits for a person is let go first; one that is due for a retry waits for the new work instead. */
function makeAnew(draft: Draft, run: RunId, index: number, forChange: boolean): void {
  const { state } = draft.run(run).tasks.get(index)!
  if (state === 'BLOCKED') {
    releaseBlocked(draft, run, index)
    const cause = 'what it builds on is run again'
    draft.emitRun(run, { type: 'task.failed', task: index, outcome: 'cancelled', cause, next: null })
  }
  resolveTask(draft, run, index, 'rerun')
  if (state === 'CREATED') return
  draft.emitRun(run, { type: 'task.reopened', task: index, ...(forChange ? { forChange } : {}) })
}

function withDependents(run: Run, index: number): readonly number[] {
  const { dependents } = planIndex(run.plan)
  const found = new Set([index])
  for (const at of found) for (const next of dependents[at]!) found.add(next)
  return [...found].sort((a, b) => a - b)
}

/** A person answers "it failed" to a question about a task. */
function giveUp(draft: Draft, run: Run, index: number): Verdict {
  const task = run.tasks.get(index)!
  if (task.state !== 'BLOCKED')
    return reject('stale', `${run.plan.tasks[index]!.id} is not waiting for an answer`)
  releaseBlocked(draft, run.id, index)
  failForGood(draft, run.id, index, { cause: 'lost', detail: task.cause ?? 'given up', code: null })
  return undefined
}

function stop(draft: Draft, run: Run, index: number, force: boolean): Verdict {
  const attempt = run.tasks.get(index)!.current
  const refusal = notRunning(run, index, attempt)
  if (refusal !== undefined) return refusal
  if (attempt!.queuedAt !== undefined && attempt!.state === 'COMPLETING') {
    if (leaveQueue(draft, run.id, index, 'stopped by a person')) return undefined
  }
  if (standsAtGates(attempt!)) {
    const detail = 'stopped by a person before its work was merged'
    failAttempt(draft, run.id, index, { cause: 'stopped', detail, code: null })
    return undefined
  }
  if (attempt!.state === 'COMPLETING') return reject('not-now', 'its work is being merged')
  // One that is being ended for its time or silence is not tried again once a person wants it stopped.
  const { stopping } = attempt!
  if (stopping?.cause === 'stopped' && (stopping.force || !force)) return undefined
  if (hasNoProcess(attempt!)) {
    resolveTask(draft, run.id, index, 'stop')
    failAttempt(draft, run.id, index, { cause: 'stopped', detail: 'stopped by a person', code: null })
    return undefined
  }
  if (attempt!.state === 'BLOCKED') {
    failAttempt(draft, run.id, index, { cause: 'stopped', detail: 'stopped before it started', code: null })
    return undefined
  }
  const forced = force || (stopping?.force ?? false)
  draft.emitRun(run.id, {
    type: 'agent.stopping',
    task: index,
    attempt: attempt!.n,
    cause: 'stopped',
    force: forced,
  })
  return undefined
}

function pause(draft: Draft, run: Run, index: number, wanted: boolean): Verdict {
  const attempt = run.tasks.get(index)!.current
  const refusal = notRunning(run, index, attempt)
  if (refusal !== undefined) return refusal
  if (attempt!.state !== 'RUNNING' || attempt!.stopping !== null) {
    return reject(
      'not-now',
      `${run.plan.tasks[index]!.id} is ${attempt!.stopping === null ? attempt!.state : 'being stopped'}`,
    )
  }
  if (attempt!.paused === wanted) return undefined
  draft.emitRun(run.id, {
    type: wanted ? 'agent.pausing' : 'agent.resuming',
    task: index,
    attempt: attempt!.n,
  })
  return undefined
}

function notRunning(run: Run, index: number, attempt: Attempt | null): Verdict {
  if (attempt !== null) return undefined
  return reject('not-now', `no agent is at work on ${run.plan.tasks[index]!.id}`)
}
