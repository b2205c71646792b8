/** The statements of the store, one constant a verb. Multi-row statements come in three parts, see `RowWriter`. */

export const BEGIN = 'BEGIN IMMEDIATE'
export const COMMIT = 'COMMIT'
export const ROLLBACK = 'ROLLBACK'

export interface MultiRowSql {
  readonly head: string
  /** Values of one row. */
  readonly columns: number
  readonly tail: string
}

export const INSERT_EVENTS: MultiRowSql = {
  head: `INSERT INTO events
    (seq, type, version, project, run, causation, correlation, actor, time, data) VALUES`,
  columns: 10,
  tail: '',
}

/** The first outcome stands: a batch repeated after an unknown commit changes nothing. */
export const INSERT_OUTCOMES: MultiRowSql = {
  head: 'INSERT INTO command_outcomes (command, outcome, seq) VALUES',
  columns: 3,
  tail: 'ON CONFLICT (command) DO NOTHING',
}

export const UPSERT_RUNS: MultiRowSql = {
  head: 'INSERT INTO runs (run, project, epic, number, title, status, started_at, ended_at, summary) VALUES',
  columns: 9,
  tail: `ON CONFLICT (run) DO UPDATE SET
    project = excluded.project, epic = excluded.epic, number = excluded.number, title = excluded.title,
    status = excluded.status, started_at = excluded.started_at, ended_at = excluded.ended_at,
    summary = excluded.summary`,
}

export const UPSERT_TASKS: MultiRowSql = {
  head: 'INSERT INTO tasks (run, task, state, outcome, attempts, role, started_at, ended_at, cause) VALUES',
  columns: 9,
  tail: `ON CONFLICT (run, task) DO UPDATE SET
    state = excluded.state, outcome = excluded.outcome, attempts = excluded.attempts, role = excluded.role,
    started_at = excluded.started_at, ended_at = excluded.ended_at, cause = excluded.cause`,
}

/** Parameters: how many to keep, how many to delete at most. */
export const PRUNE_OUTCOMES = `DELETE FROM command_outcomes WHERE position IN (
  SELECT position FROM command_outcomes
  WHERE position <= (SELECT max(position) FROM command_outcomes) - ? ORDER BY position LIMIT ?)`

export const SELECT_LAST_SEQ = 'SELECT coalesce(max(seq), 0) FROM events'

const EVENT_COLUMNS = 'seq, type, version, project, run, causation, correlation, actor, time, data'
/** Parameters: after, limit. */
export const SELECT_EVENTS = `SELECT ${EVENT_COLUMNS} FROM events WHERE seq > ? ORDER BY seq LIMIT ?`
/** Parameters: run, after, limit. */
export const SELECT_EVENTS_OF_RUN = `SELECT ${EVENT_COLUMNS} FROM events
  WHERE run = ? AND seq > ? ORDER BY seq LIMIT ?`

export const SELECT_KEY_FRAME = 'SELECT seq, json FROM key_frames WHERE seq <= ? ORDER BY seq DESC LIMIT 1'
export const UPSERT_KEY_FRAME = `INSERT INTO key_frames (seq, json) VALUES (?, ?)
  ON CONFLICT (seq) DO UPDATE SET json = excluded.json`
export const SELECT_KEY_FRAME_SEQS = 'SELECT seq FROM key_frames ORDER BY seq'
export const DELETE_KEY_FRAME = 'DELETE FROM key_frames WHERE seq = ?'

/** Parameters: so many commands. */
export function selectOutcomes(count: number): string {
  const marks = Array(count).fill('?').join(',')
  return `SELECT command, outcome FROM command_outcomes WHERE command IN (${marks})`
}

const RUN_COLUMNS = `run, project, epic, number, title, status,
  started_at AS startedAt, ended_at AS endedAt, summary`
export const SELECT_RUNS = `SELECT ${RUN_COLUMNS} FROM runs ORDER BY started_at DESC, run DESC LIMIT ?`
export const SELECT_RUNS_OF_PROJECT = `SELECT ${RUN_COLUMNS} FROM runs
  WHERE project = ? ORDER BY started_at DESC, run DESC LIMIT ?`

export const SELECT_TASKS = `SELECT run, task, state, outcome, attempts, role,
  started_at AS startedAt, ended_at AS endedAt, cause FROM tasks WHERE run = ? ORDER BY task`

export const SELECT_META = 'SELECT value FROM meta WHERE key = ?'
export const UPSERT_META = `INSERT INTO meta (key, value) VALUES (?, ?)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value`

/** What must hold of the log beside SQLite's own checks; each row is one complaint. */
export const SELECT_COMPLAINTS = `
  SELECT 'events: ' || count(*) || ' rows but the last number is ' || max(seq) AS complaint
    FROM events HAVING count(*) > 0 AND (count(*) <> max(seq) OR min(seq) <> 1)
  UNION ALL
  SELECT 'key frame ' || seq || ' is ahead of the log'
    FROM key_frames WHERE seq > (SELECT coalesce(max(seq), 0) FROM events)
  UNION ALL
  SELECT 'event ' || seq || ' is not JSON' FROM events WHERE NOT json_valid(data)`
