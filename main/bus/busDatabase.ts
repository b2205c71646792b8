import { chmodSync, existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'

/**
 * The embedded bus's records and, for every kind of bus, how far the outbox and the inbox have come. Its promises are
 * weaker than the log's (synchronous NORMAL): power loss may take its last moments, all of them together, and then the
 * outbox publishes from the log again what was taken.
 */
const SCHEMA = `
CREATE TABLE records (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  topic TEXT NOT NULL,
  id TEXT NOT NULL,
  key TEXT NOT NULL,
  n INTEGER,
  time INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (topic, id)
) STRICT;
CREATE INDEX records_of_topic ON records (topic, position);
CREATE INDEX records_by_time ON records (time);

-- Every record up to low is acknowledged by the group; those above it one by one.
CREATE TABLE groups (
  topic TEXT NOT NULL,
  name TEXT NOT NULL,
  low INTEGER NOT NULL,
  PRIMARY KEY (topic, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE acknowledged (
  topic TEXT NOT NULL,
  name TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (topic, name, position)
) STRICT, WITHOUT ROWID;

-- The last event whose records are published, and the last number of every key.
CREATE TABLE outbox (bus TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE outbox_keys (
  bus TEXT NOT NULL, topic TEXT NOT NULL, key TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (bus, topic, key)
) STRICT, WITHOUT ROWID;

-- The last record of every key that was taken in.
CREATE TABLE inbox_keys (
  bus TEXT NOT NULL, topic TEXT NOT NULL, key TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (bus, topic, key)
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 1`

export interface BusDatabase {
  readonly db: Database.Database
  /** What became of an earlier file that could not be used; null when all was well. */
  readonly note: string | null
}

/** A file that is broken or of another version is set aside and a new one begun: the log has all that matters. */
export function openBusDatabase(file: string): BusDatabase {
  try {
    return { db: open(file), note: null }
  } catch (error) {
    if (file === ':memory:' || !existsSync(file)) throw error
    const aside = `${file}.unusable-${Date.now()}`
    renameSync(file, aside)
    for (const suffix of ['-wal', '-shm'])
      if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix)
    return {
      db: open(file),
      note: `The bus was begun anew: ${(error as Error).message}. Its old file is kept as ${aside}.`,
    }
  }
}

function open(file: string): Database.Database {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const db = new Database(file, { timeout: 0 })
  try {
    if (file !== ':memory:') chmodSync(file, 0o600)
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = NORMAL')
    const version = db.pragma('user_version', { simple: true }) as number
    if (version === 0) db.exec(SCHEMA)
    else if (version !== 1) throw new Error(`it is of version ${version}, which this program does not know`)
    if (db.pragma('quick_check(1)', { simple: true }) !== 'ok') throw new Error('it is damaged')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
