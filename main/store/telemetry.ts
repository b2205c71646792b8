import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Statement } from 'better-sqlite3'
import Database from 'better-sqlite3'
import type { SeriesPoint, SeriesQuery } from '../engine/ports/series.ts'
import { codeOf } from './storeErrors.ts'
import { walSize } from './writeAheadLog.ts'

/** What an agent's process used, as its runner sees it now and then. */
export interface Sample {
  /** `BuildMaster/compile-api#1`, or an attempt's id: whatever the caller lists by. */
  readonly agent: string
  /** Ms since 1970. */
  readonly at: number
  /** Total so far, ms. */
  readonly cpuMs: number
  readonly memoryBytes: number
  /** Total so far, bytes. */
  readonly outputBytes: number
}

export interface TelemetryOptions {
  /** Older samples go; default 7 days, ms. */
  readonly maxAgeMs?: number
  /** More samples than this go, the oldest first; default a million. */
  readonly maxCount?: number
}

export interface SampleQuery {
  readonly agent: string
  /** From this moment on, ms since 1970; default all. */
  readonly from?: number
  /** Default 10,000. */
  readonly limit?: number
}

/**
 * Samples live apart from the log, with a shorter life and weaker promises: they are buffered, a crash may take the
 * last ones, and no trouble with them is ever thrown. Trouble is told by `trouble()`.
 */
export interface Telemetry {
  /** What became of an earlier file that could not be used; null when all was well. */
  readonly note: string | null
  /** Takes samples into memory, and writes them when enough have gathered. */
  record(samples: readonly Sample[]): void
  /** Writes what has gathered. */
  flush(): void
  /** Of one agent, oldest first; empty when they cannot be read. */
  samples(query: SampleQuery): readonly Sample[]
  /** Takes points of series into memory, as `record` takes samples. */
  recordSeries(points: readonly SeriesPoint[]): void
  /** Of one series, the newest `limit`, oldest first; empty when they cannot be read. */
  series(query: SeriesQuery): readonly SeriesPoint[]
  /** Deletes a little of what has outlived its keep. `now`: ms since 1970. Call it now and then. */
  prune(now: number): void
  /** The last failure in words, with the number of samples dropped so far; null once writing works again. */
  trouble(): string | null
  close(): void
}

const SCHEMA = `
CREATE TABLE samples (
  id INTEGER PRIMARY KEY,
  agent TEXT NOT NULL,
  at INTEGER NOT NULL,
  cpu_ms REAL NOT NULL,
  memory_bytes INTEGER NOT NULL,
  output_bytes INTEGER NOT NULL
) STRICT;
CREATE INDEX samples_by_agent ON samples (agent, at);
PRAGMA user_version = 1`

/** Since version 2. `scope`: project and role, as `scopeOf` writes them. */
const SERIES_SCHEMA = `
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  measure TEXT NOT NULL,
  scope TEXT NOT NULL,
  at INTEGER NOT NULL,
  value REAL NOT NULL
) STRICT;
CREATE INDEX series_by_measure ON series (measure, scope, at);
PRAGMA user_version = 2`
const INSERT_POINT = 'INSERT INTO series (measure, scope, at, value) VALUES (?, ?, ?, ?)'
const SELECT_POINTS =
  'SELECT at, value FROM series WHERE measure = ? AND scope = ? AND at >= ? ORDER BY at DESC, id DESC LIMIT ?'

const INSERT = 'INSERT INTO samples (agent, at, cpu_ms, memory_bytes, output_bytes) VALUES (?, ?, ?, ?, ?)'
const SELECT = `SELECT agent, at, cpu_ms AS cpuMs, memory_bytes AS memoryBytes, output_bytes AS outputBytes
  FROM samples WHERE agent = ? AND at >= ? ORDER BY at, id LIMIT ?`
/** Looks at the oldest few only. Parameters: how many those are, the oldest moment to keep, how many to keep. */
const prune = (table: 'samples' | 'series'): string => `DELETE FROM ${table} WHERE id IN (
  SELECT id FROM (SELECT id, at FROM ${table} ORDER BY id LIMIT ?)
  WHERE at < ? OR id <= (SELECT max(id) FROM ${table}) - ?)`

const FLUSH_AT = 256
const PRUNE_STEP = 2_000
const WEEK_MS = 7 * 24 * 60 * 60_000

/**
 * Never throws. A file that is broken, or of another program or version, is set aside and a new one begun; where no
 * file can be had (no space, no permission, held by another) samples are kept in memory for this session.
 */
export function openTelemetry(file: string, options: TelemetryOptions = {}): Telemetry {
  const limits = { maxAgeMs: options.maxAgeMs ?? WEEK_MS, maxCount: options.maxCount ?? 1_000_000 }
  try {
    return new TelemetryFile(openFile(file), null, limits)
  } catch (error) {
    const spoilt = ['', 'SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_ERROR'].includes(codeOf(error))
    return spoilt ? replaceFile(file, error, limits) : inMemory(file, error, limits)
  }
}

function replaceFile(file: string, reason: unknown, limits: Required<TelemetryOptions>): Telemetry {
  try {
    const aside = setAside(file)
    const note = `Telemetry was begun anew: ${messageOf(reason)}. The old file is kept as ${aside}.`
    return new TelemetryFile(openFile(file), note, limits)
  } catch (error) {
    return inMemory(file, error, limits)
  }
}

function inMemory(file: string, reason: unknown, limits: Required<TelemetryOptions>): Telemetry {
  const note = `Telemetry is kept in memory only: ${messageOf(reason)}. Check ${file} and its folder.`
  return new TelemetryFile(openFile(':memory:'), note, limits)
}

function openFile(file: string): Database.Database {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const unclean = walSize(file) > 0
  const db = new Database(file, { timeout: 0 })
  if (file !== ':memory:') chmodSync(file, 0o600)
  try {
    const version = assertOurs(db)
    if (unclean && db.pragma('quick_check(1)', { simple: true }) !== 'ok')
      throw new Error('the file is damaged')
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = NORMAL')
    if (version < 1) db.exec(SCHEMA)
    if (version < 2) db.exec(SERIES_SCHEMA)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Its version, 0 for a new file. Throws for what was not made here, having changed nothing. */
function assertOurs(db: Database.Database): number {
  const version = Number(db.pragma('user_version', { simple: true }))
  const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()
  if (version === 0 && tables === 0) return 0
  if (version !== 1 && version !== 2) throw new Error(`it has shape ${version}, this program knows 2`)
  db.prepare(INSERT)
  if (version === 2) db.prepare(INSERT_POINT)
  return version
}

/** Answers the new name. */
function setAside(file: string): string {
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true })
  for (let n = 1; ; n += 1) {
    const aside = `${file}.broken-${n}`
    if (existsSync(aside)) continue
    renameSync(file, aside)
    return aside
  }
}

class TelemetryFile implements Telemetry {
  readonly note: string | null
  readonly #db: Database.Database
  readonly #limits: Required<TelemetryOptions>
  readonly #insert: Statement
  readonly #insertPoint: Statement
  /** Recorded and not yet written. */
  #buffer: Sample[] = []
  #points: SeriesPoint[] = []
  #dropped = 0
  /** Null while writing works. */
  #failure: string | null = null

  constructor(db: Database.Database, note: string | null, limits: Required<TelemetryOptions>) {
    this.#db = db
    this.note = note
    this.#limits = limits
    this.#insert = db.prepare(INSERT)
    this.#insertPoint = db.prepare(INSERT_POINT)
  }

  record(samples: readonly Sample[]): void {
    this.#buffer.push(...samples)
    if (this.#buffer.length >= FLUSH_AT) this.flush()
  }

  recordSeries(points: readonly SeriesPoint[]): void {
    this.#points.push(...points)
    if (this.#points.length >= FLUSH_AT) this.flush()
  }

  series({ project, measure, role, from = 0, limit = 1_000 }: SeriesQuery): readonly SeriesPoint[] {
    this.flush()
    let found: readonly SeriesPoint[] = []
    this.#attempt(() => {
      const rows = this.#db
        .prepare(SELECT_POINTS)
        .all(measure, scopeOf(project, role), Math.floor(from), limit)
      const points = rows as { readonly at: number; readonly value: number }[]
      found = points.reverse().map(({ at, value }) => ({ at, project, measure, role, value }))
    })
    return found
  }

  flush(): void {
    const samples = this.#buffer
    const points = this.#points
    if (samples.length + points.length === 0) return
    this.#buffer = []
    this.#points = []
    const write = this.#db.transaction(() => {
      for (const sample of samples) {
        const { agent, at, cpuMs, memoryBytes, outputBytes } = sample
        this.#insert.run(agent, at, cpuMs, memoryBytes, outputBytes)
      }
      for (const { measure, project, role, at, value } of points)
        this.#insertPoint.run(measure, scopeOf(project, role), Math.floor(at), value)
    })
    if (!this.#attempt(write)) this.#dropped += samples.length + points.length
  }

  samples({ agent, from = 0, limit = 10_000 }: SampleQuery): readonly Sample[] {
    this.flush()
    let found: readonly Sample[] = []
    this.#attempt(() => {
      found = this.#db.prepare(SELECT).all(agent, from, limit) as Sample[]
    })
    return found
  }

  prune(now: number): void {
    this.flush()
    const { maxAgeMs, maxCount } = this.#limits
    this.#attempt(() => {
      for (const table of ['samples', 'series'] as const)
        this.#db.prepare(prune(table)).run(PRUNE_STEP, now - maxAgeMs, maxCount)
    })
  }

  trouble(): string | null {
    return this.#failure === null ? null : `${this.#failure} (${this.#dropped} samples dropped so far)`
  }

  close(): void {
    if (!this.#db.open) return
    this.flush()
    this.#attempt(() => {
      this.#db.close()
    })
  }

  #attempt(work: () => void): boolean {
    try {
      work()
      this.#failure = null
      return true
    } catch (error) {
      this.#failure = `Telemetry could not be kept: ${messageOf(error)}`
      return false
    }
  }
}

function scopeOf(project: string | null, role: string | null): string {
  return `${project ?? ''}/${role ?? ''}`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
