import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Database } from 'better-sqlite3'
import type { Batch, Store } from '../../engine/ports/store.ts'
import { MIGRATIONS } from '../migrations/index.ts'
import { openDatabase } from '../openDatabase.ts'
import { openSqliteStore } from '../sqliteStore.ts'
import { fullBatch } from '../testing/samples.ts'

/**
 * `append` beside plain better-sqlite3 that writes the same rows, row by row, into a database of the same shape and
 * settings (WAL preallocated, FULL), in as many commits. Both run in turn in one process; ratios are what counts.
 */
export interface AppendFigure {
  readonly name: string
  readonly eventsPerCommit: number
  /** Medians over the rounds, ms a commit. */
  readonly storeMs: number
  readonly rawMs: number
  readonly ratio: number
  readonly storeP99Ms: number
  readonly rawP99Ms: number
  readonly target: number
}

interface Side {
  append(batch: Batch): Promise<void>
  close(): Promise<void>
}

export interface BenchOptions {
  /** Rounds of each side, taken in turn. */
  readonly rounds?: number
  readonly commitsPerRound?: number
}

export async function benchAppend(options: BenchOptions = {}): Promise<readonly AppendFigure[]> {
  const { rounds = 9, commitsPerRound = 600 } = options
  return [
    await compare('alone', 1, 1.5, rounds, commitsPerRound),
    await compare('saturated', 20, 1.2, rounds, Math.ceil(commitsPerRound / 3)),
    await compare('saturated', 100, 1.2, rounds, Math.ceil(commitsPerRound / 10)),
  ]
}

async function compare(
  name: string,
  eventsPerCommit: number,
  target: number,
  rounds: number,
  commits: number,
): Promise<AppendFigure> {
  const folder = mkdtempSync(join(tmpdir(), 'amphitheatre-bench-'))
  const store: Store = await openSqliteStore({ file: join(folder, 'store.database') })
  const raw = openRaw(join(folder, 'raw.database'))
  try {
    const measured = { store: [] as number[][], raw: [] as number[][] }
    for (let round = -1; round < rounds; round += 1) {
      const from = 1 + (round + 1) * commits * eventsPerCommit
      const ofStore = await measure(store, from, commits, eventsPerCommit)
      const ofRaw = await measure(raw, from, commits, eventsPerCommit)
      if (round < 0) continue // warm-up
      measured.store.push(ofStore)
      measured.raw.push(ofRaw)
    }
    const storeMs = median(measured.store.map(median))
    const rawMs = median(measured.raw.map(median))
    const [storeP99Ms, rawP99Ms] = [p99(measured.store.flat()), p99(measured.raw.flat())]
    return { name, eventsPerCommit, storeMs, rawMs, ratio: storeMs / rawMs, storeP99Ms, rawP99Ms, target }
  } finally {
    await store.close()
    await raw.close()
    rmSync(folder, { recursive: true })
  }
}

/** Ms of each commit. */
async function measure(side: Side, from: number, commits: number, size: number): Promise<number[]> {
  const batches = Array.from({ length: commits }, (_, i) => fullBatch(from + i * size, size))
  const times: number[] = []
  for (const batch of batches) {
    const start = performance.now()
    await side.append(batch)
    times.push(performance.now() - start)
  }
  return times
}

/** What one would write by hand: a statement a row. */
function openRaw(file: string): Side {
  const options = { durability: 'full', walBytes: 6 << 20, busyTimeoutMs: 0, migrations: MIGRATIONS } as const
  const db = openDatabase({ file, ...options })
  const write = rawWriter(db)
  return {
    append: async (batch) => write(batch),
    close: async () => {
      db.close()
    },
  }
}

function rawWriter(db: Database): (batch: Batch) => void {
  const event = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const outcome = db.prepare('INSERT INTO command_outcomes (command, outcome, seq) VALUES (?, ?, ?)')
  const task = db.prepare('INSERT OR REPLACE INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
  return db.transaction((batch: Batch) => {
    for (const e of batch.events) {
      const { seq, type, version, project, run, causation, correlation, actor, time } = e
      event.run(seq, type, version, project, run, causation, correlation, actor, time, JSON.stringify(e.data))
    }
    const seq = batch.events.at(-1)?.seq
    for (const row of batch.outcomes) outcome.run(row.command, row.outcome, seq)
    for (const row of batch.taskRows) {
      const { run, task: name, state, attempts, role, startedAt, endedAt, cause } = row
      task.run(run, name, state, row.outcome, attempts, role, startedAt, endedAt, cause)
    }
  })
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function p99(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN
}

export function describeFigure(figure: AppendFigure): string {
  const { name, eventsPerCommit, storeMs, rawMs, ratio, target } = figure
  const tail = figure.storeP99Ms / figure.rawP99Ms
  return (
    `${name}, ${eventsPerCommit} events a commit: store ${storeMs.toFixed(4)} ms, raw ${rawMs.toFixed(4)} ms, ` +
    `ratio ${ratio.toFixed(2)} (target ${target}); ` +
    `p99 ${figure.storeP99Ms.toFixed(3)} / ${figure.rawP99Ms.toFixed(3)} = ${tail.toFixed(2)}`
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const figure of await benchAppend()) console.log(describeFigure(figure))
}
