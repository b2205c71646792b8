import type { Timer } from './commands.ts'
import { escalatesAt } from './conflicts/escalation.ts'
import type { EventEnvelope } from './events.ts'
import type { ProjectId, RunId } from './ids.ts'
import { incidentTimers, incidentTimersAfter } from './incidents/incidentTimers.ts'
import { planIndex } from './plan.ts'
import { registeredTimers, registeredTimersAfter } from './registered/registeredTimers.ts'
import { isMet, isSettled, type Run, type State, type TaskRecord } from './state.ts'
import { talkTimers, talkTimersAfter } from './talk/talkTimers.ts'

/** A timer and the engine time, ms, at which it is due. */
export interface TimerAt {
  readonly at: number
  readonly timer: Timer
}

type NeedTimerAt = TimerAt & { readonly timer: Extract<Timer, { kind: 'need' }> }

/**
 * Timers that `event` sets, `state` being the one after it. Nothing ever has to be unset: a timer that no longer
 * matters is found out when it fires.
 */
export function timersAfter(state: State, event: EventEnvelope): readonly TimerAt[] {
  const { data } = event
  if (data.type === 'conflict.raised' || data.type === 'conflict.escalated')
    return conflictTimers(state, event.project!).filter(({ timer }) => timer.conflict === data.id)
  const run = event.run === null ? undefined : state.runs.get(event.run)
  if (run === undefined) return [...incidentTimersAfter(state, event), ...registeredTimersAfter(state, event)]
  switch (data.type) {
    case 'run.started':
    case 'run.prepared':
    case 'run.reopened':
    case 'run.recalled':
      return timersOfRun(run)
    case 'task.reopened':
    case 'task.retry-asked':
      return [...dueTimers(run, data.task), ...openedTimers(run, event.time)]
    case 'agent.started':
      return [...attemptTimers(run, data.task), ...talkTimersAfter(run, event)]
    // Not every runner can pause: without that, the end of what held an agent is all that says it goes on.
    case 'agent.resuming':
    case 'agent.reconciled':
    case 'agent.unblocked':
      return [...attemptTimers(run, data.task), ...talkTimersAfter(run, event)]
    case 'task.assigned':
      return [...softTimers(run, data.task), ...talkTimersAfter(run, event)]
    case 'task.failed':
      return [...retryTimers(run, data.task), ...openedTimers(run, event.time)]
    case 'task.completed':
    case 'task.skipped':
      return openedTimers(run, event.time)
    default:
      return run.endedAt === null ? talkTimersAfter(run, event) : []
  }
}

/** Every timer the state calls for: what recovery sets. */
export function timersOf(state: State): readonly TimerAt[] {
  const ofProjects = [...state.projects.keys()].flatMap((project) => conflictTimers(state, project))
  const ofRuns = [...state.runs.values()].flatMap((run) => timersOfRun(run))
  return [...ofProjects, ...incidentTimers(state), ...registeredTimers(state), ...ofRuns]
}

type ConflictTimerAt = TimerAt & { readonly timer: Extract<Timer, { kind: 'conflict' }> }

function conflictTimers(state: State, project: ProjectId): readonly ConflictTimerAt[] {
  return state.projects.get(project)!.conflicts.flatMap((conflict) => {
    const at = escalatesAt(state, conflict)
    const { id, level } = conflict
    return at === undefined
      ? []
      : [{ at, timer: { kind: 'conflict', project, conflict: id, level } as const }]
  })
}

/** A run that is over waits for nothing. */
function timersOfRun(run: Run): readonly TimerAt[] {
  if (run.endedAt !== null) return []
  const all: TimerAt[] = [...needTimers(run), ...talkTimers(run)]
  for (let task = 0; task < run.tasks.length; task++) {
    all.push(...dueTimers(run, task), ...attemptTimers(run, task))
    all.push(...retryTimers(run, task), ...softTimers(run, task))
  }
  return all
}

function dueTimers(run: Run, task: number): readonly TimerAt[] {
  const { dueMs } = run.plan.tasks[task]!
  const record = run.tasks.get(task)!
  if (dueMs === null || record.overdue || isSettled(record)) return []
  return [{ at: run.startedAt + dueMs, timer: { kind: 'due', run: run.id, task } }]
}

function attemptTimers(run: Run, task: number): readonly TimerAt[] {
  const attempt = run.tasks.get(task)!.current
  if (attempt === null || attempt.state !== 'RUNNING' || attempt.paused) return []
  if (attempt.stopping !== null) return []
  const at = (limitMs: number): number => attempt.startedAt! + attempt.pausedMs + limitMs
  const base = { run: run.id, task, attempt: attempt.n }
  const timers: TimerAt[] = [{ at: at(runtimeLimitMs(run, task)), timer: { kind: 'runtime', ...base } }]
  if (run.plan.tasks[task]!.priority === 0 && !attempt.escalated) {
    timers.push({ at: at(run.plan.limits.p0EscalateMs), timer: { kind: 'p0', ...base } })
  }
  return timers
}

export function runtimeLimitMs(run: Run, task: number): number {
  return run.plan.tasks[task]!.timeoutMs ?? run.plan.limits.maxRuntimeMs
}

function retryTimers(run: Run, task: number): readonly TimerAt[] {
  const { state, next, ready } = run.tasks.get(task)!
  if (state !== 'FAILED' || next === null || ready) return []
  return [{ at: next.at, timer: { kind: 'retry', run: run.id, task } }]
}

/** When a task's end has just opened a phase, the needs of that phase begin to be timed. */
function openedTimers(run: Run, time: number): readonly TimerAt[] {
  return run.phaseOpenedAt === time ? needTimers(run) : []
}

/** Blocking needs of the open phase are timed from its opening. */
function needTimers(run: Run): readonly TimerAt[] {
  const members = planIndex(run.plan).timedByPhase[run.phase] ?? []
  return members.flatMap((task) => needsOf(run, run.id, task))
}

function needsOf(run: Run, id: RunId, task: number): readonly NeedTimerAt[] {
  const waiting = run.tasks.get(task)!
  if (waiting.state !== 'CREATED') return []
  const spec = run.plan.tasks[task]!
  const { byId } = planIndex(run.plan)
  return spec.needs.flatMap(({ task: name, timeoutMs }) => {
    const need = byId.get(name)
    if (timeoutMs === null || need === undefined || isMet(run, need) || waiting.late.includes(need)) return []
    return [
      {
        at: run.phaseOpenedAt + timeoutMs,
        timer: { kind: 'need', run: id, task, need, soft: false } as const,
      },
    ]
  })
}

/** Timers of one task's needs, blocking and soft, that still matter. */
export function needTimersOf(run: Run, task: number): readonly NeedTimerAt[] {
  const open = run.plan.tasks[task]!.phase === run.phase
  return [...(open ? needsOf(run, run.id, task) : []), ...softTimers(run, task)]
}

/** A soft need is looked at when its dependent first starts, or its time-out later. */
function softTimers(run: Run, task: number): readonly NeedTimerAt[] {
  const { firstAssignedAt, late } = run.tasks.get(task)!
  if (firstAssignedAt === null) return []
  const { byId } = planIndex(run.plan)
  return run.plan.tasks[task]!.needsSoft.flatMap(({ task: name, timeoutMs }) => {
    const need = byId.get(name)
    if (need === undefined || late.includes(need) || wasDone(run.tasks.get(need)!)) return []
    const at = firstAssignedAt + (timeoutMs ?? 0)
    return [{ at, timer: { kind: 'need', run: run.id, task, need, soft: true } as const }]
  })
}

/** Completed once is there, also while it is being run again. */
function wasDone(task: TaskRecord): boolean {
  return task.past.some(({ state }) => state === 'COMPLETED')
}
