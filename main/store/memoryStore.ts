import type { EventEnvelope } from '../domain/events.ts'
import type { CommandId, RunId } from '../domain/ids.ts'
import type { Batch, KeyFrame, ReadQuery, RunRow, RunsQuery, Store, TaskRow } from '../engine/ports/store.ts'
import { KEPT_OUTCOMES, obsoleteKeyFrames } from './retention.ts'
import { assertContinues, assertReached } from './sequence.ts'

/** What survives the crash of whoever uses it; several stores may be opened on it one after the other. */
export interface MemoryDisk {
  /** `events[n].seq` is n + 1. */
  readonly events: EventEnvelope[]
  readonly outcomes: Map<CommandId, string>
  /** Ascending by seq. */
  keyFrames: KeyFrame[]
  readonly runs: Map<RunId, RunRow>
  readonly tasks: Map<RunId, Map<string, TaskRow>>
  readonly meta: Map<string, string>
}

export function memoryDisk(): MemoryDisk {
  return {
    events: [],
    outcomes: new Map(),
    keyFrames: [],
    runs: new Map(),
    tasks: new Map(),
    meta: new Map(),
  }
}

/**
 * The reference implementation of `Store`, for the simulator and the contract tests. Deterministic: nothing but
 * resolved promises. It keeps the very objects it is given, so they must not be changed afterwards.
 */
export function openMemoryStore(disk: MemoryDisk = memoryDisk()): Store {
  return new MemoryStore(disk)
}

class MemoryStore implements Store {
  readonly #disk: MemoryDisk
  #closed = false

  constructor(disk: MemoryDisk) {
    this.#disk = disk
  }

  async append(batch: Batch): Promise<void> {
    const disk = this.#ready()
    assertContinues(disk.events.length, batch.events)
    for (const event of batch.events) disk.events.push(event)
    for (const { command, outcome } of batch.outcomes) {
      if (!disk.outcomes.has(command)) disk.outcomes.set(command, outcome)
    }
    for (const row of batch.runRows) disk.runs.set(row.run, row)
    for (const row of batch.taskRows) tasksOf(disk, row.run).set(row.task, row)
    for (const command of disk.outcomes.keys()) {
      if (disk.outcomes.size <= KEPT_OUTCOMES) break
      disk.outcomes.delete(command)
    }
  }

  async lastSeq(): Promise<number> {
    return this.#ready().events.length
  }

  async read({ after, limit, run }: ReadQuery): Promise<readonly EventEnvelope[]> {
    const later = this.#ready().events.slice(Math.max(after, 0))
    const wanted = run === undefined ? later : later.filter((event) => event.run === run)
    return wanted.slice(0, limit)
  }

  async keyFrame(seq = Number.MAX_SAFE_INTEGER): Promise<KeyFrame | undefined> {
    return this.#ready().keyFrames.findLast((frame) => frame.seq <= seq)
  }

  async writeKeyFrame(frame: KeyFrame): Promise<void> {
    const disk = this.#ready()
    assertReached(disk.events.length, frame.seq)
    const frames = disk.keyFrames.filter((other) => other.seq !== frame.seq)
    frames.push(frame)
    frames.sort((a, b) => a.seq - b.seq)
    const obsolete = obsoleteKeyFrames(frames.map((other) => other.seq))
    disk.keyFrames = frames.filter((other) => !obsolete.includes(other.seq))
  }

  async outcome(command: CommandId): Promise<string | undefined> {
    return this.#ready().outcomes.get(command)
  }

  async runs({ project, limit }: RunsQuery): Promise<readonly RunRow[]> {
    const rows = [...this.#ready().runs.values()].filter(
      (row) => project === undefined || row.project === project,
    )
    rows.sort((a, b) => b.startedAt - a.startedAt || compare(b.run, a.run))
    return rows.slice(0, limit)
  }

  async tasks(run: RunId): Promise<readonly TaskRow[]> {
    const rows = this.#ready().tasks.get(run)?.values() ?? []
    return [...rows].sort((a, b) => compare(a.task, b.task))
  }

  async getMeta(key: string): Promise<string | undefined> {
    return this.#ready().meta.get(key)
  }

  async setMeta(key: string, value: string): Promise<void> {
    this.#ready().meta.set(key, value)
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  #ready(): MemoryDisk {
    if (this.#closed) throw new Error('The store is closed.')
    return this.#disk
  }
}

function tasksOf(disk: MemoryDisk, run: RunId): Map<string, TaskRow> {
  const known = disk.tasks.get(run)
  if (known !== undefined) return known
  const made = new Map<string, TaskRow>()
  disk.tasks.set(run, made)
  return made
}

/** By code units, as SQLite's binary order has it for the ASCII names that ids are. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
