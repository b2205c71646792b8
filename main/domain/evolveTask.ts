import { assertNever } from './assertNever.ts'
import type { EventOf } from './events.ts'
import { addTotals, moveAgent, moveTask, slot } from './evolveAgent.ts'
import { voidAfter, voidUnpassed } from './gates/evolveGates.ts'
import { deploys } from './gates/places.ts'
import { dequeue, enqueue, enqueueRetry, rebuildReadiness, settle, withTask } from './readiness.ts'
import { holdsSlot, newTask, type PastAttempt, type Run } from './state.ts'

export type TaskEvent = EventOf<
  | 'task.completed'
  | 'task.failed'
  | 'task.retry-due'
  | 'task.retry-asked'
  | 'task.skipped'
  | 'task.reopened'
  | 'task.blocked'
  | 'task.overdue'
  | 'task.postponed'
  | 'need.late'
>

export function evolveTask(run: Run, data: TaskEvent, time: number): Run {
  switch (data.type) {
    case 'task.completed':
      return complete(run, data, time)
    case 'task.failed':
      return fail(run, data, time)
    case 'task.retry-due':
      return enqueueRetry(run, data.task, time)
    case 'task.retry-asked':
      return retryAsked(run, data.task, time)
    case 'task.skipped':
      return skip(run, data, time)
    case 'task.reopened':
      return reopen(run, data, time)
    case 'task.blocked':
      return block(run, data)
    case 'task.overdue':
      return withTask(run, data.task, { overdue: true })
    case 'task.postponed': {
      const { behind, file, odds, times } = data
      return withTask(run, data.task, { postponed: { behind, file, odds, times } })
    }
    case 'need.late':
      return withTask(run, data.task, { late: [...run.tasks.get(data.task)!.late, data.need] })
    default:
      return assertNever(data, 'unknown event')
  }
}

/** REVIEW → COMPLETED, and the agent COMPLETING → COMPLETED. */
function complete(run: Run, data: EventOf<'task.completed'>, time: number): Run {
  const task = run.tasks.get(data.task)!
  const attempt = task.current!
  moveAgent(attempt.state, 'COMPLETED')
  const past: PastAttempt = {
    n: attempt.n,
    role: attempt.role,
    state: 'COMPLETED',
    cause: null,
    detail: '',
    startedAt: attempt.startedAt,
    endedAt: time,
    code: 0,
  }
  const done = withTask(run, data.task, {
    state: moveTask(task.state, 'COMPLETED'),
    outcome: 'succeeded',
    current: null,
    past: [...task.past, past],
    result: attempt.commit ?? attempt.cut?.commit ?? null,
    artifacts: attempt.artifacts,
    outputs: attempt.outputs,
    ...(attempt.alsoWrote === undefined ? {} : { alsoWrote: attempt.alsoWrote }),
  })
  const freed = holdsSlot(attempt) ? slot(done, attempt, -1) : done
  // What it waited for others to be checked with it is not the program's doing.
  const recorded = attempt.gated?.since ?? attempt.queuedAt ?? time
  const accounted = addTotals(freed, 0, recorded - (attempt.exitedAt ?? recorded))
  return settle(accounted, data.task, time)
}

function fail(run: Run, data: EventOf<'task.failed'>, time: number): Run {
  const task = run.tasks.get(data.task)!
  const waited = task.state === 'FAILED' && task.next !== null && !task.ready
  const state = task.state === 'FAILED' ? task.state : moveTask(task.state, 'FAILED')
  let next = task.ready ? dequeue(run, data.task) : run
  const blocked = next.counts.blocked - (task.state === 'BLOCKED' ? 1 : 0)
  const retrying = next.counts.retrying - (waited ? 1 : 0)
  next = { ...next, counts: { ...next.counts, blocked, retrying } }
  if (data.next === null) {
    next = withTask(next, data.task, { state, outcome: data.outcome, cause: data.cause, next: null })
    return settle(next, data.task, time)
  }
  next = withTask(next, data.task, { state, cause: data.cause, next: data.next })
  if (data.next.at <= time) return enqueue(next, data.task, time)
  return { ...next, counts: { ...next.counts, retrying: next.counts.retrying + 1 } }
}

/** A person says: go on without it. Its dependents count it as met. */
function skip(run: Run, data: EventOf<'task.skipped'>, time: number): Run {
  const task = run.tasks.get(data.task)!
  const state = task.state === 'FAILED' ? task.state : moveTask(task.state, 'FAILED')
  const cause = `skipped by ${data.by}`
  const skipped = withTask(run, data.task, { state, outcome: 'skipped', cause, next: null })
  return rebuildReadiness(voidAfter(skipped, data.task), time)
}

/** A person wants a settled failure tried again, with all its tries. Who waits for it begins to wait now. */
function retryAsked(run: Run, index: number, time: number): Run {
  const next = { at: time, by: 'same' } as const
  const change = { outcome: null, cause: null, next, tries: 0, otherTried: false }
  const isDeploy = deploys(run.plan.tasks[index]!)
  const asked = isDeploy ? voidUnpassed(run, index) : voidAfter(run, index)
  return rebuildReadiness({ ...withTask(asked, index, change), phaseOpenedAt: time }, time)
}

/** The task is made anew, CREATED; what its earlier attempts were stays on record. */
function reopen(run: Run, data: EventOf<'task.reopened'>, time: number): Run {
  const index = data.task
  const task = run.tasks.get(index)!
  const fresh = {
    ...newTask(0),
    attempts: task.attempts,
    past: task.past,
    epoch: task.epoch,
    onTip: true,
    inbox: task.inbox,
    ...(data.forChange === true ? { remade: true } : {}),
  }
  const remade = voidAfter({ ...run, tasks: run.tasks.set(index, fresh), phaseOpenedAt: time }, index)
  return rebuildReadiness(remade, time)
}

function block(run: Run, data: EventOf<'task.blocked'>): Run {
  const task = run.tasks.get(data.task)!
  const blocked = withTask(run, data.task, { state: moveTask(task.state, 'BLOCKED'), cause: data.by })
  return { ...blocked, counts: { ...blocked.counts, blocked: blocked.counts.blocked + 1 } }
}
