import type { Migration } from './migration.ts'

/** `Amph` in ASCII; tells our files from other programs' databases (SQLite header, offset 68). */
export const APPLICATION_ID = 0x416d7068

/**
 * `events` is the truth, the other tables can be made again from it (but for `meta`).
 * An index on `run` alone serves "one run, by seq": every SQLite index ends in the row id, which is `seq`.
 * `command_outcomes` has a `position` so that the oldest are found without an index on age.
 */
const SCHEMA = `
CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  type TEXT NOT NULL,
  version INTEGER NOT NULL,
  project TEXT,
  run TEXT,
  causation TEXT NOT NULL,
  correlation TEXT NOT NULL,
  actor TEXT NOT NULL,
  time INTEGER NOT NULL,
  data TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_run ON events (run) WHERE run IS NOT NULL;

CREATE TABLE command_outcomes (
  position INTEGER PRIMARY KEY,
  command TEXT NOT NULL UNIQUE,
  outcome TEXT NOT NULL,
  seq INTEGER NOT NULL
) STRICT;

CREATE TABLE key_frames (
  seq INTEGER PRIMARY KEY,
  json TEXT NOT NULL
) STRICT;

CREATE TABLE runs (
  run TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  epic TEXT NOT NULL,
  number INTEGER NOT NULL,
  title TEXT NOT NULL,
  status TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  summary TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX runs_newest ON runs (started_at, run);
CREATE INDEX runs_newest_of_project ON runs (project, started_at, run);

CREATE TABLE tasks (
  run TEXT NOT NULL,
  task TEXT NOT NULL,
  state TEXT NOT NULL,
  outcome TEXT,
  attempts INTEGER NOT NULL,
  role TEXT,
  started_at INTEGER,
  ended_at INTEGER,
  cause TEXT,
  PRIMARY KEY (run, task)
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`

export const initial: Migration = {
  number: 1,
  name: 'initial',
  up: (db) => {
    db.pragma(`application_id = ${APPLICATION_ID}`)
    db.exec(SCHEMA)
  },
}
