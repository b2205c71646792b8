import type { EventEnvelope } from '../domain/events.ts'
import { summarise } from '../domain/metrics.ts'
import { isSettled, type Run, type State } from '../domain/state.ts'
import type { RunRow, TaskRow } from './ports/store.ts'

/** Rows of the history tables that a batch of events changes, in their final shape. A fold of the log like the state. */
export interface HistoryRows {
  readonly runRows: readonly RunRow[]
  readonly taskRows: readonly TaskRow[]
}

const RUN_EVENTS = new Set([
  'run.started',
  'run.prepared',
  'run.stopping',
  'run.settled',
  'run.reopened',
  'run.applied',
  'run.discarded',
])
/** They change the summary of a run that is over: what a person is asked is part of it. */
const ATTENTION_EVENTS = new Set(['attention.raised', 'attention.resolved'])
const TASK_EVENTS = new Set([
  'task.completed',
  'task.failed',
  'task.skipped',
  'task.reopened',
  'task.retry-asked',
])

export function historyRows(before: State, after: State, events: readonly EventEnvelope[]): HistoryRows {
  const runs = new Map<string, RunRow>()
  const tasks = new Map<string, TaskRow>()
  for (const event of events) {
    if (event.run === null) continue
    const isAttention = ATTENTION_EVENTS.has(event.type)
    const isRun = RUN_EVENTS.has(event.type)
    const isTask = TASK_EVENTS.has(event.type)
    if (!isRun && !isTask && !isAttention) continue
    const run = after.runs.get(event.run) ?? before.runs.get(event.run)
    if (run === undefined || (isAttention && run.endedAt === null)) continue
    if (isRun || isAttention) runs.set(run.id, runRow(run))
    else if ('task' in event.data && event.data.task !== null) addTask(tasks, run, event.data.task)
  }
  return { runRows: [...runs.values()], taskRows: [...tasks.values()] }
}

function addTask(rows: Map<string, TaskRow>, run: Run, task: number): void {
  rows.set(`${run.id}/${task}`, taskRow(run, task))
}

export function runRow(run: Run): RunRow {
  return {
    run: run.id,
    project: run.project,
    epic: run.plan.epic,
    number: run.number,
    title: run.plan.title,
    status: run.status,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    summary: run.endedAt === null ? null : JSON.stringify(summarise(run, run.endedAt)),
  }
}

export function taskRow(run: Run, index: number): TaskRow {
  const task = run.tasks.get(index)!
  const last = task.past.at(-1)
  const settled = isSettled(task)
  return {
    run: run.id,
    task: run.plan.tasks[index]!.id,
    state: task.state,
    outcome: task.outcome,
    attempts: task.attempts,
    role: last?.role ?? null,
    startedAt: last?.startedAt ?? null,
    endedAt: settled ? (last?.endedAt ?? null) : null,
    cause: task.cause,
  }
}
