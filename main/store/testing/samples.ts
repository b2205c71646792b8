import type { DomainEvent, EventEnvelope } from '../../domain/events.ts'
import type { CommandId, ProjectId, RunId } from '../../domain/ids.ts'
import { commandId, projectId, runId } from '../../domain/ids.ts'
import type { Batch, RunRow, TaskRow } from '../../engine/ports/store.ts'

/** Made-up rows for tests and benchmarks of stores: of the real ones' size, deterministic, meaning nothing. */

const EPOCH = 1_760_000_000_000

export function sampleEvent(seq: number, change: Partial<EventEnvelope> = {}): EventEnvelope {
  const command = commandId(`01K7ABCDEF${String(seq).padStart(12, '0')}`)
  return {
    seq,
    type: 'task.changed',
    version: 1,
    project: projectId('shop'),
    run: runId('01K7RUN000000000000000001'),
    causation: command,
    correlation: command,
    actor: 'engine',
    time: EPOCH + seq,
    data: sampleData(seq),
    ...change,
  } as EventEnvelope
}

function sampleData(seq: number): DomainEvent {
  const data = {
    type: 'task.changed',
    task: `compile-${seq % 1000}`,
    state: 'IN_PROGRESS',
    attempt: 1,
    note: '"é\n',
  }
  return data as unknown as DomainEvent
}

export function sampleEvents(
  from: number,
  count: number,
  change: Partial<EventEnvelope> = {},
): EventEnvelope[] {
  return Array.from({ length: count }, (_, i) => sampleEvent(from + i, change))
}

export function sampleRun(number: number, change: Partial<RunRow> = {}): RunRow {
  return {
    run: runId(`01K7RUN${String(number).padStart(18, '0')}`),
    project: projectId('shop'),
    epic: 'ship',
    number,
    title: 'Ship v2',
    status: 'running',
    startedAt: EPOCH + number,
    endedAt: null,
    summary: null,
    ...change,
  }
}

export function sampleTask(run: RunId, task: string, change: Partial<TaskRow> = {}): TaskRow {
  return {
    run,
    task,
    state: 'COMPLETED',
    outcome: 'succeeded',
    attempts: 1,
    role: 'BuildMaster',
    startedAt: EPOCH,
    endedAt: EPOCH + 1000,
    cause: null,
    ...change,
  }
}

export function sampleOutcome(command: string, outcome = 'ok'): { command: CommandId; outcome: string } {
  return { command: commandId(command), outcome }
}

export function sampleBatch(change: Partial<Batch>): Batch {
  return { events: [], outcomes: [], runRows: [], taskRows: [], ...change }
}

/** A batch of `count` events from `from` on, with the rows that such events would bring along. */
export function fullBatch(from: number, count: number): Batch {
  const events = sampleEvents(from, count)
  const run = events[0]!.run!
  return {
    events,
    outcomes: events.map((event) => ({ command: event.causation, outcome: 'ok' })),
    runRows: [],
    taskRows: events.map((event) => sampleTask(run, `compile-${event.seq}`)),
  }
}

export const SHOP: ProjectId = projectId('shop')
