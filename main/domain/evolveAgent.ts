import { assertNever } from './assertNever.ts'
import { attemptEffects } from './effects.ts'
import type { EventOf } from './events.ts'
import { voidOfAttempt } from './gates/evolveGates.ts'
import { gatesAfter } from './gates/places.ts'
import { queued, unqueued } from './merging/evolveQueue.ts'
import { planIndex } from './plan.ts'
import { dequeue } from './readiness.ts'
import { type Attempt, holdsSlot, type PastAttempt, type Run, runningMs, type TaskRecord } from './state.ts'
import { AGENT_ARROWS, type AgentState, TASK_ARROWS, type TaskState } from './states.ts'
import { evolveStrays, withoutOpen } from './strays/stray.ts'

export type AgentEvent = EventOf<
  | 'task.assigned'
  | 'workspace.cut'
  | 'agent.started'
  | 'agent.exited'
  | 'agent.terminated'
  | 'agent.stopping'
  | 'agent.timed-out'
  | 'agent.blocked'
  | 'agent.unblocked'
  | 'agent.conflicted'
  | 'agent.reconciled'
  | 'agent.pausing'
  | 'agent.resuming'
  | 'stray.seen'
  | 'stray.set-aside'
  | 'stray.ruled'
  | 'stray.returning'
  | 'stray.closed'
  | 'work.committed'
  | 'work.merged'
  | 'work.conflicted'
  | 'work.rejected'
  | 'work.cleared'
  | 'effect.done'
  | 'effect.delayed'
>

/** What happens to one attempt, and with it to its task's state and the run's counts. */
export function evolveAgent(run: Run, data: AgentEvent, time: number): Run {
  if (data.type === 'task.assigned') return assign(run, data, time)
  const task = run.tasks.get(data.task!)!
  const attempt = task.current
  if (attempt === null || attempt.n !== data.attempt) {
    throw new Error(`${data.type} names attempt ${data.attempt} of task ${data.task}, which is not under way`)
  }
  const queues = run.plan.merge !== undefined
  const gated = gatesAfter(run.plan, data.task!).length > 0
  const moved = evolveAttempt(
    run,
    { ...attempt, effects: attemptEffects(attempt, needsRepo(run, data.task!), data, queues, gated) },
    data,
    time,
  )
  if (data.type === 'agent.terminated') return terminate(run, data, moved, time)
  const changed = { ...task, ...taskChange(task, data), current: moved }
  return account({ ...run, tasks: run.tasks.set(data.task!, changed) }, attempt, moved, data, time)
}

/** Committed work waits to be checked, once its gates have let it pass; what conflicts waits for a person. */
function requeue(run: Run, data: AgentEvent, is: Attempt): Run {
  if (is.queuedAt !== undefined && (data.type === 'work.committed' || data.type === 'work.cleared'))
    return queued(run, data.task, data.attempt)
  return data.type === 'work.conflicted' ? unqueued(run, data.task) : run
}

function needsRepo(run: Run, index: number): boolean {
  return run.plan.tasks[index]!.workspace === 'repo'
}

export function moveAgent(from: AgentState, to: AgentState): AgentState {
  if (from !== to && !AGENT_ARROWS[from].includes(to))
    throw new Error(`an agent cannot go from ${from} to ${to}`)
  return to
}

export function moveTask(from: TaskState, to: TaskState): TaskState {
  if (!TASK_ARROWS[from].includes(to)) throw new Error(`a task cannot go from ${from} to ${to}`)
  return to
}

/** REGISTERED → WAITING in one step: the agent is declared and waits for its workspace and container. */
function assign(run: Run, data: EventOf<'task.assigned'>, time: number): Run {
  const out = dequeue(run, data.task)
  const task = out.tasks.get(data.task)!
  const attempt: Attempt = {
    n: data.attempt,
    role: data.role,
    state: moveAgent('REGISTERED', 'WAITING'),
    assignedAt: time,
    startedAt: null,
    exitedAt: null,
    paused: false,
    pausedAt: null,
    pausedMs: 0,
    stopping: null,
    escalated: false,
    handle: null,
    cut: null,
    commit: null,
    outputs: {},
    undeclared: [],
    artifacts: null,
    effects: [],
    trouble: null,
    progress: null,
    checked: [],
    checkpoint: null,
    ...(data.ports === undefined ? {} : { ports: data.ports }),
  }
  const current = { ...attempt, effects: attemptEffects(attempt, needsRepo(run, data.task), data) }
  const changed: TaskRecord = {
    ...task,
    state: moveTask(task.state, 'ASSIGNED'),
    outcome: null,
    cause: null,
    next: null,
    attempts: data.attempt,
    tries: data.reason === 'other-agent' ? task.tries : task.tries + 1,
    otherTried: task.otherTried || data.reason === 'other-agent',
    assignReason: data.reason,
    firstAssignedAt: task.firstAssignedAt ?? time,
    current,
  }
  return slot({ ...out, tasks: out.tasks.set(data.task, changed) }, attempt, 1)
}

function evolveAttempt(
  run: Run,
  attempt: Attempt,
  data: Exclude<AgentEvent, EventOf<'task.assigned'>>,
  time: number,
): Attempt {
  switch (data.type) {
    case 'workspace.cut':
      return { ...attempt, cut: { commit: data.commit, path: data.path, mounts: data.mounts }, trouble: null }
    case 'agent.started': {
      const state = moveAgent(attempt.state, 'RUNNING')
      return { ...attempt, state, handle: data.handle, startedAt: time, trouble: null }
    }
    case 'agent.exited':
      return exited(run, attempt, data, time)
    case 'agent.terminated':
      return { ...attempt, state: moveAgent(attempt.state, 'TERMINATED'), effects: [], trouble: null }
    case 'agent.stopping':
      return { ...attempt, stopping: { cause: data.cause, force: data.force } }
    case 'agent.timed-out': {
      const state = moveAgent(attempt.state, 'TIMEOUT')
      return { ...attempt, state, stopping: { cause: 'timeout', force: false } }
    }
    case 'agent.blocked':
    case 'agent.unblocked':
    case 'agent.conflicted':
    case 'agent.reconciled':
    case 'agent.pausing':
    case 'agent.resuming':
      return evolveStanding(run, attempt, data, time)
    case 'stray.seen':
    case 'stray.set-aside':
    case 'stray.ruled':
    case 'stray.returning':
    case 'stray.closed':
      return evolveStrays(attempt, data)
    case 'work.committed':
    case 'work.cleared':
    case 'work.merged':
    case 'work.rejected':
    case 'work.conflicted':
      return evolveWork(run, attempt, data, time)
    case 'effect.done':
      return { ...attempt, trouble: null }
    case 'effect.delayed': {
      const { effect, error, remedy } = data
      return { ...attempt, trouble: { effect, error, remedy, since: time } }
    }
    default:
      return assertNever(data, 'unknown event')
  }
}

function exited(run: Run, attempt: Attempt, data: EventOf<'agent.exited'>, time: number): Attempt {
  const pausedMs = attempt.paused ? attempt.pausedMs + (time - (attempt.pausedAt ?? time)) : attempt.pausedMs
  const state = moveAgent(attempt.state, 'COMPLETING')
  return {
    ...attempt,
    state,
    exitedAt: time,
    paused: false,
    pausedAt: null,
    pausedMs,
    // What it said through the door, and over it what its file says in the end.
    outputs: { ...attempt.outputs, ...data.outputs },
    trouble: null,
    ...withoutOpen(attempt),
    ...(needsRepo(run, data.task) ? {} : gatedFrom(run, data.task, time)),
  }
}

/** It stands still, for whatever reason, or goes on. */
function evolveStanding(
  run: Run,
  attempt: Attempt,
  data: EventOf<
    | 'agent.blocked'
    | 'agent.unblocked'
    | 'agent.conflicted'
    | 'agent.reconciled'
    | 'agent.pausing'
    | 'agent.resuming'
  >,
  time: number,
): Attempt {
  switch (data.type) {
    case 'agent.blocked':
      return { ...attempt, state: moveAgent(attempt.state, 'BLOCKED'), blockedBy: data.behind }
    case 'agent.unblocked': {
      const { blockedBy: _, ...rest } = attempt
      // From here on it is the program that takes its time.
      return { ...rest, state: moveAgent(attempt.state, 'WAITING'), assignedAt: time }
    }
    case 'agent.conflicted': {
      // With its run, it goes on with its run.
      const wasPaused = attempt.paused && !run.paused
      const behind = data.behind === undefined ? {} : { behind: data.behind }
      const conflict = { id: data.conflict, wasPaused, ...behind }
      return { ...attempt, state: moveAgent(attempt.state, 'CONFLICT'), conflict }
    }
    case 'agent.reconciled': {
      const { conflict: _, ...rest } = attempt
      return { ...rest, state: moveAgent(attempt.state, 'RUNNING') }
    }
    case 'agent.pausing':
      return { ...attempt, paused: true, pausedAt: time }
    case 'agent.resuming': {
      const pausedMs = attempt.pausedMs + time - (attempt.pausedAt ?? time)
      return { ...attempt, paused: false, pausedAt: null, pausedMs }
    }
    default:
      return assertNever(data, 'unknown event')
  }
}

/** What becomes of what it made. */
function evolveWork(
  run: Run,
  attempt: Attempt,
  data: EventOf<'work.committed' | 'work.cleared' | 'work.merged' | 'work.rejected' | 'work.conflicted'>,
  time: number,
): Attempt {
  const queues = run.plan.merge !== undefined
  switch (data.type) {
    case 'work.committed': {
      const { commit, undeclared, artifacts, taken, touched } = data
      const also = {
        ...(taken === undefined ? {} : { alsoWrote: taken }),
        ...(touched === undefined ? {} : { touched }),
      }
      const kept = { ...attempt, commit, undeclared, artifacts, ...also, trouble: null }
      const gated = gatedFrom(run, data.task, time)
      if (gated.gated !== undefined) return { ...kept, ...gated }
      return queues && commit !== null ? { ...kept, queuedAt: time } : kept
    }
    case 'work.cleared': {
      const cleared = { ...attempt, gated: { since: attempt.gated?.since ?? time, cleared: true } }
      return queues && attempt.commit !== null ? { ...cleared, queuedAt: time } : cleared
    }
    case 'work.merged':
    case 'work.rejected':
      return { ...attempt, trouble: null }
    case 'work.conflicted':
      return { ...attempt, state: moveAgent(attempt.state, 'CONFLICT'), trouble: null }
    default:
      return assertNever(data, 'unknown event')
  }
}

/** Work that has to stand before gates stands there from when it is made. */
function gatedFrom(run: Run, task: number, time: number): Pick<Attempt, 'gated'> {
  return gatesAfter(run.plan, task).length === 0 ? {} : { gated: { since: time, cleared: false } }
}

function taskChange(task: TaskRecord, data: AgentEvent): Partial<TaskRecord> {
  switch (data.type) {
    case 'agent.started':
      return { state: moveTask(task.state, 'IN_PROGRESS') }
    case 'agent.exited':
      return { state: moveTask(task.state, 'REVIEW') }
    case 'work.conflicted':
      return { state: moveTask(task.state, 'IN_PROGRESS') }
    default:
      return {}
  }
}

/** Sums and slots that follow from an attempt's step. */
function account(run: Run, was: Attempt, is: Attempt, data: AgentEvent, time: number): Run {
  let next = requeue(run, data, is)
  if (data.type === 'work.merged') next = { ...next, tip: data.tip }
  if (data.type === 'agent.started') next = addTotals(next, 0, data.adopted ? 0 : time - was.assignedAt)
  if (data.type === 'agent.exited')
    next = addTotals(next, Math.max(0, runningMs(is, time) - data.lagMs), data.lagMs)
  if (holdsSlot(was) && !holdsSlot(is)) next = slot(next, was, -1)
  if (!holdsSlot(was) && holdsSlot(is)) next = slot(next, is, 1)
  return next
}

export function addTotals(run: Run, busyMs: number, overheadMs: number): Run {
  const { totals } = run
  return { ...run, totals: { busyMs: totals.busyMs + busyMs, overheadMs: totals.overheadMs + overheadMs } }
}

export function slot(run: Run, attempt: Attempt, change: 1 | -1): Run {
  const index = planIndex(run.plan).roleIndex.get(attempt.role)!
  const busy = run.busy.slice()
  busy[index] = (busy[index] ?? 0) + change
  return { ...run, busy, counts: { ...run.counts, active: run.counts.active + change } }
}

/** The attempt is over without success. What becomes of the task is said by the event that follows. */
function terminate(run: Run, data: EventOf<'agent.terminated'>, moved: Attempt, time: number): Run {
  const task = run.tasks.get(data.task)!
  const was = task.current!
  const past: PastAttempt = {
    n: was.n,
    role: was.role,
    state: 'TERMINATED',
    cause: data.cause,
    detail: data.detail,
    startedAt: was.startedAt,
    endedAt: time,
    code: data.code,
    ...(was.commit === null ? {} : { commit: was.commit }),
  }
  const onTip = task.onTip || data.cause === 'conflict'
  const ended = {
    ...task,
    current: null,
    past: [...task.past, past],
    outputs: { ...was.outputs, ...data.outputs },
    onTip,
  }
  const tasks = run.tasks.set(data.task, ended)
  const left = voidOfAttempt(unqueued({ ...run, tasks }, data.task), data.task, data.attempt)
  const freed = holdsSlot(was) ? slot(left, moved, -1) : left
  return was.exitedAt === null ? addTotals(freed, runningMs(was, time), 0) : freed
}
