import type { DomainEvent, EventEnvelope } from '../domain/events.ts'
import type { CommandId, ProjectId, RunId } from '../domain/ids.ts'
import type { Batch, RunRow, TaskRow } from '../engine/ports/store.ts'
import type { SqlValue } from './rowWriter.ts'

/** A row of `events` as better-sqlite3's raw mode gives it, in the order of the select. */
export type EventRow = readonly [
  seq: number,
  type: string,
  version: number,
  project: string | null,
  run: string | null,
  causation: string,
  correlation: string,
  actor: string,
  time: number,
  data: string,
]

/** Throws SyntaxError where `data` is not JSON. */
export function eventOf(row: EventRow): EventEnvelope {
  return {
    seq: row[0],
    type: row[1],
    version: row[2],
    project: row[3] as ProjectId | null,
    run: row[4] as RunId | null,
    causation: row[5] as CommandId,
    correlation: row[6] as CommandId,
    actor: row[7],
    time: row[8],
    data: JSON.parse(row[9]) as DomainEvent,
  } as EventEnvelope
}

export function bindEvent(event: EventEnvelope, into: SqlValue[], at: number): void {
  into[at] = event.seq
  into[at + 1] = event.type
  into[at + 2] = event.version
  into[at + 3] = event.project
  into[at + 4] = event.run
  into[at + 5] = event.causation
  into[at + 6] = event.correlation
  into[at + 7] = event.actor
  into[at + 8] = event.time
  into[at + 9] = JSON.stringify(event.data)
}

export type Outcome = Batch['outcomes'][number]

export function bindRun(row: RunRow, into: SqlValue[], at: number): void {
  into[at] = row.run
  into[at + 1] = row.project
  into[at + 2] = row.epic
  into[at + 3] = row.number
  into[at + 4] = row.title
  into[at + 5] = row.status
  into[at + 6] = row.startedAt
  into[at + 7] = row.endedAt
  into[at + 8] = row.summary
}

export function bindTask(row: TaskRow, into: SqlValue[], at: number): void {
  into[at] = row.run
  into[at + 1] = row.task
  into[at + 2] = row.state
  into[at + 3] = row.outcome
  into[at + 4] = row.attempts
  into[at + 5] = row.role
  into[at + 6] = row.startedAt
  into[at + 7] = row.endedAt
  into[at + 8] = row.cause
}
