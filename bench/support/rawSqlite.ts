import type { Database } from 'better-sqlite3'
import { MIGRATIONS } from '../../main/store/migrations/index.ts'
import { openDatabase } from '../../main/store/openDatabase.ts'
import type { Write } from './recordedStore.ts'

/**
 * The floor: plain better-sqlite3 that writes given rows row by row, as one would by hand, in given commits, into a
 * database of the same shape and settings as the store's (WAL preallocated, FULL). Values are bound ready-made: what
 * it costs to make them is the engine's.
 */
export interface RawSqlite {
  /** One commit. */
  write(commit: RawCommit): void
  close(): void
}

type Values = readonly (string | number | null)[]

export interface RawCommit {
  readonly events: readonly Values[]
  readonly outcomes: readonly Values[]
  readonly runs: readonly Values[]
  readonly tasks: readonly Values[]
  readonly keyFrames: readonly Values[]
}

const DATABASE_OPTIONS = {
  durability: 'full',
  walBytes: 6 << 20,
  busyTimeoutMs: 0,
  migrations: MIGRATIONS,
} as const

export function openRawSqlite(file: string): RawSqlite {
  const db = openDatabase({ file, ...DATABASE_OPTIONS })
  return { write: rawWriter(db), close: () => db.close() }
}

function rawWriter(db: Database): (commit: RawCommit) => void {
  const marks = (count: number): string => `(${Array(count).fill('?').join(',')})`
  const event = db.prepare(`INSERT INTO events VALUES ${marks(10)}`)
  const outcome = db.prepare(`INSERT INTO command_outcomes (command, outcome, seq) VALUES ${marks(3)}`)
  const run = db.prepare(`INSERT OR REPLACE INTO runs VALUES ${marks(9)}`)
  const task = db.prepare(`INSERT OR REPLACE INTO tasks VALUES ${marks(9)}`)
  const keyFrame = db.prepare(`INSERT OR REPLACE INTO key_frames VALUES ${marks(2)}`)
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  return (rows) => {
    begin.run()
    for (const values of rows.events) event.run(values)
    for (const values of rows.outcomes) outcome.run(values)
    for (const values of rows.runs) run.run(values)
    for (const values of rows.tasks) task.run(values)
    for (const values of rows.keyFrames) keyFrame.run(values)
    commit.run()
  }
}

/** A store's write as ready-made rows, the same bytes. */
export function rawCommit(write: Write): RawCommit {
  const none = { events: [], outcomes: [], runs: [], tasks: [], keyFrames: [] }
  if (write.kind === 'key-frame') return { ...none, keyFrames: [[write.frame.seq, write.frame.json]] }
  const { events, outcomes, runRows, taskRows } = write.batch
  const last = events.at(-1)?.seq ?? 0
  return {
    ...none,
    events: events.map((e) => [
      ...[e.seq, e.type, e.version, e.project, e.run, e.causation, e.correlation, e.actor, e.time],
      JSON.stringify(e.data),
    ]),
    outcomes: outcomes.map((row) => [row.command, row.outcome, last]),
    runs: runRows.map((row) => [
      ...[row.run, row.project, row.epic, row.number, row.title, row.status, row.startedAt],
      ...[row.endedAt, row.summary],
    ]),
    tasks: taskRows.map((row) => [
      ...[row.run, row.task, row.state, row.outcome, row.attempts, row.role, row.startedAt, row.endedAt],
      row.cause,
    ]),
  }
}
