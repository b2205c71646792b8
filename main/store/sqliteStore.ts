import type { Database } from 'better-sqlite3'
import type { EventEnvelope } from '../domain/events.ts'
import type { CommandId, RunId } from '../domain/ids.ts'
import type { Batch, KeyFrame, ReadQuery, RunRow, RunsQuery, Store, TaskRow } from '../engine/ports/store.ts'
import { StoreError } from '../engine/ports/store.ts'
import { MIGRATIONS } from './migrations/index.ts'
import type { DatabaseOptions } from './openDatabase.ts'
import { openDatabase } from './openDatabase.ts'
import { assertContinues, assertReached } from './sequence.ts'
import { Session } from './session.ts'
import type { Phase } from './storeErrors.ts'
import { codeOf, corruptDatabase, storeError } from './storeErrors.ts'

export interface SqliteStoreOptions extends Partial<DatabaseOptions> {
  readonly file: string
}

export interface SqliteStore extends Store {
  /** Everything wrong with the file, in words; empty when sound. Reads all of it: seconds for gigabytes. */
  integrityCheck(): Promise<readonly string[]>
}

const DEFAULTS = {
  durability: 'full',
  /** SQLite checkpoints at 1,000 frames of 4,120 bytes; a large batch may run past that. */
  walBytes: 6 << 20,
  busyTimeoutMs: 5_000,
  migrations: MIGRATIONS,
} as const satisfies Partial<DatabaseOptions>

/**
 * Opens the database, or makes it where there is no file. Throws StoreError: `corrupt` and `newer` with the files left
 * exactly as they are, `unavailable` when trying again may help.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  return new SqliteFileStore({ ...DEFAULTS, ...options })
}

interface Question {
  readonly command: CommandId
  readonly resolve: (outcome: string | undefined) => void
  readonly reject: (error: unknown) => void
}

const DONE: Promise<void> = Promise.resolve()

/**
 * All work is done before a promise is returned; the promises are there for stores that are further away.
 *
 * States: **open** (has a session) → **broken** after an I/O error (no session; the next call opens the file again and
 * thereby learns what it holds) → open. **corrupt** (a session may be there, every call fails alike) and **closed** are
 * final.
 */
class SqliteFileStore implements SqliteStore {
  readonly #options: DatabaseOptions
  /** Undefined when broken or closed. */
  #session: Session | undefined
  /** What every call answers once the file was found damaged. */
  #corrupt: StoreError | undefined
  #closed = false
  /** Commands whose outcome is asked for at this moment. */
  #asked: Question[] = []
  /** Of the log on disk. When broken: the last acknowledged, which the disk must have, and it may have one batch more. */
  #lastSeq = 0

  constructor(options: DatabaseOptions) {
    this.#options = options
    this.#open(false)
  }

  append(batch: Batch): Promise<void> {
    return this.#promise(() => this.#append(batch))
  }

  #append(batch: Batch): void {
    const session = this.#ready()
    const lastSeq = this.#lastSeq + batch.events.length
    assertContinues(this.#lastSeq, batch.events)
    this.#transact(session, () => session.writeBatch(batch, lastSeq))
    this.#lastSeq = lastSeq
  }

  lastSeq(): Promise<number> {
    return this.#promise(() => {
      this.#ready()
      return this.#lastSeq
    })
  }

  read(query: ReadQuery): Promise<readonly EventEnvelope[]> {
    return this.#query((session) => {
      const events = this.#parsed(() => session.read(query))
      if (query.run === undefined) this.#assertGapless(query.after, events)
      return events
    })
  }

  #parsed<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      if (error instanceof SyntaxError) throw this.#damaged('an event is not JSON', error)
      throw error
    }
  }

  #assertGapless(after: number, events: readonly EventEnvelope[]): void {
    const last = events.at(-1)
    if (last === undefined || last.seq === Math.max(after, 0) + events.length) return
    throw this.#damaged(`events are missing between ${after + 1} and ${last.seq}`)
  }

  keyFrame(seq = Number.MAX_SAFE_INTEGER): Promise<KeyFrame | undefined> {
    return this.#query((session) => session.keyFrame(seq))
  }

  writeKeyFrame(frame: KeyFrame): Promise<void> {
    return this.#promise(() => {
      const session = this.#ready()
      assertReached(this.#lastSeq, frame.seq)
      this.#transact(session, () => session.writeKeyFrame(frame))
    })
  }

  /** Questions of one moment are answered together: of many clients' commands each costs a third then. */
  outcome(command: CommandId): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#asked.push({ command, resolve, reject }) === 1) queueMicrotask(() => this.#answer())
    })
  }

  #answer(): void {
    const asked = this.#asked
    this.#asked = []
    this.#query((session) => session.outcomes(asked.map(({ command }) => command))).then(
      (known) => {
        for (const { command, resolve } of asked) resolve(known.get(command))
      },
      (error: unknown) => {
        for (const { reject } of asked) reject(error)
      },
    )
  }

  runs(query: RunsQuery): Promise<readonly RunRow[]> {
    return this.#query((session) => session.runs(query))
  }

  tasks(run: RunId): Promise<readonly TaskRow[]> {
    return this.#query((session) => session.tasks(run))
  }

  getMeta(key: string): Promise<string | undefined> {
    return this.#query((session) => session.getMeta(key))
  }

  setMeta(key: string, value: string): Promise<void> {
    return this.#promise(() => {
      const session = this.#ready()
      this.#transact(session, () => session.setMeta(key, value))
    })
  }

  integrityCheck(): Promise<readonly string[]> {
    return this.#query((session) => session.complaints())
  }

  close(): Promise<void> {
    return this.#promise(() => {
      this.#closed = true
      this.#drop()
    })
  }

  #query<T>(read: (session: Session) => T): Promise<T> {
    return this.#promise(() => {
      const session = this.#ready()
      try {
        return read(session)
      } catch (error) {
        throw this.#failed(error, 'reading')
      }
    })
  }

  #promise<T>(work: () => T): Promise<T> {
    try {
      const value = work()
      return value === undefined ? (DONE as Promise<T>) : Promise.resolve(value)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #transact(session: Session, write: () => void): void {
    let phase: Phase = 'writing'
    try {
      session.begin()
      write()
      phase = 'committing'
      session.commit()
    } catch (error) {
      throw this.#failed(error, phase)
    }
  }

  #ready(): Session {
    if (this.#closed) throw new Error(`The store ${this.#options.file} is closed.`)
    if (this.#corrupt !== undefined) throw this.#corrupt
    return this.#session ?? this.#open(true)
  }

  #open(again: boolean): Session {
    try {
      return this.#adopt(openDatabase(this.#options, again))
    } catch (error) {
      const meaning = storeError(error, 'opening', this.#options.file)
      if (meaning instanceof StoreError && meaning.kind === 'corrupt') this.#corrupt = meaning
      throw meaning
    }
  }

  #adopt(db: Database): Session {
    try {
      const session = new Session(db)
      const lastSeq = session.lastSeq()
      if (lastSeq < this.#lastSeq) {
        throw this.#damaged(`it ends at event ${lastSeq}, though ${this.#lastSeq} was written`)
      }
      this.#lastSeq = lastSeq
      this.#session = session
      return session
    } catch (error) {
      db.close()
      throw error
    }
  }

  /** Leaves the store open, broken or corrupt, and answers what to throw. */
  #failed(error: unknown, phase: Phase): unknown {
    const usable = this.#session?.rollback() ?? false
    const meaning = storeError(error, phase, this.#options.file)
    if (!(meaning instanceof StoreError)) {
      if (!usable) this.#drop()
      return meaning
    }
    if (meaning.kind === 'corrupt') this.#corrupt = meaning
    else if (!usable || !isHarmless(error)) this.#drop()
    return meaning
  }

  #damaged(what: string, cause?: unknown): StoreError {
    return corruptDatabase(this.#options.file, what, cause)
  }

  #drop(): void {
    const session = this.#session
    this.#session = undefined
    try {
      session?.db.close()
    } catch {
      // Nothing is lost by it: what was acknowledged is in the log, and the next opening reads it from there.
    }
  }
}

/** A full disk or a lock held elsewhere leaves the connection as good as it was. */
function isHarmless(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'SQLITE_FULL' || code.startsWith('SQLITE_BUSY')
}
