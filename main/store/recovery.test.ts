import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import type { Batch } from '../engine/ports/store.ts'
import { openSqliteStore } from './sqliteStore.ts'
import { fullBatch, sampleRun } from './testing/samples.ts'
import { tempFolder } from './testing/tempFolder.ts'
import { liveFrames, WAL_FRAME, WAL_HEADER } from './testing/wal.ts'

// Seconds at most; the limit is for a machine that is busy with other things.
vi.setConfig({ testTimeout: 60_000 })

/** Commits, and how many frames the log had when each was acknowledged. */
interface History {
  readonly file: string
  readonly wal: Buffer
  readonly acknowledged: readonly { readonly batch: Batch; readonly frames: number }[]
}

/** A database with some commits in its log, as a power loss would find it: nobody closed it. */
async function history(durability: 'full' | 'normal', walBytes: number): Promise<History> {
  const live = join(tempFolder(), 'live.database')
  const store = await openSqliteStore({ file: live, durability, walBytes })
  const acknowledged: { batch: Batch; frames: number }[] = []
  for (let i = 0, seq = 1; i < 12; i += 1) {
    const batch = { ...fullBatch(seq, 1 + ((i * 7) % 20)), runRows: [sampleRun(1, { startedAt: i })] }
    seq += batch.events.length
    await store.append(batch)
    acknowledged.push({ batch, frames: liveFrames(`${live}-wal`) })
  }
  const file = join(tempFolder(), 'lost.database')
  copyFileSync(live, file)
  const wal = readFileSync(`${live}-wal`)
  await store.close()
  return { file, wal, acknowledged }
}

/** What the store makes of the database with this log: the number of whole commits it shows. */
async function recover({ file, acknowledged }: History, wal: Buffer): Promise<number> {
  const copy = join(tempFolder(), 'cut.database')
  copyFileSync(file, copy)
  writeFileSync(`${copy}-wal`, wal)
  const store = await openSqliteStore({ file: copy, walBytes: 0 })
  const events = await store.read({ after: 0 })
  const commits = acknowledged.filter(({ batch }) => batch.events.at(-1)!.seq <= events.length).length
  const kept = acknowledged.slice(0, commits).map(({ batch }) => batch)
  // Exactly those commits: their events, their rows, their outcomes, and nothing of the next.
  expect(events).toEqual(kept.flatMap((batch) => batch.events))
  expect(await store.runs({})).toEqual(kept.at(-1)?.runRows ?? [])
  expect(await store.tasks(acknowledged[0]!.batch.events[0]!.run!)).toHaveLength(events.length)
  for (const { batch } of acknowledged) {
    const { command } = batch.outcomes[0]!
    expect(await store.outcome(command)).toBe(kept.includes(batch) ? 'ok' : undefined)
  }
  expect(await store.integrityCheck()).toEqual([])
  await store.append(fullBatch(events.length + 1, 1))
  expect(await store.lastSeq()).toBe(events.length + 1)
  await store.close()
  return commits
}

function commitsWithin(made: History, frames: number): number {
  return made.acknowledged.filter((commit) => commit.frames <= frames).length
}

describe.each(['full', 'normal'] as const)('power loss with durability %s', (durability) => {
  test('cut at any frame or within it, the log is an exact prefix of whole commits and loses none it holds', async () => {
    const made = await history(durability, 0)
    const frames = made.acknowledged.at(-1)!.frames
    for (let frame = 0; frame <= frames; frame += 1) {
      const end = WAL_HEADER + frame * WAL_FRAME
      expect(await recover(made, made.wal.subarray(0, end))).toBe(commitsWithin(made, frame))
      const within = made.wal.subarray(0, end + 24 + 1000)
      expect(await recover(made, within)).toBe(commitsWithin(made, frame))
    }
  })
})

test('with a preallocated log, frames that never arrived are zeros, and the same holds', async () => {
  const made = await history('full', 1 << 20)
  expect(made.wal.length).toBe(1 << 20)
  const frames = made.acknowledged.at(-1)!.frames
  for (let frame = 0; frame <= frames; frame += 3) {
    const wal = Buffer.alloc(made.wal.length)
    made.wal.copy(wal, 0, 0, WAL_HEADER + frame * WAL_FRAME)
    expect(await recover(made, wal)).toBe(commitsWithin(made, frame))
  }
})

test('a frame torn in the middle hides its commit and all after it', async () => {
  const made = await history('full', 0)
  const frames = made.acknowledged.at(-1)!.frames
  for (let frame = 1; frame < frames; frame += 4) {
    const wal = Buffer.from(made.wal)
    const at = WAL_HEADER + frame * WAL_FRAME + 2000
    wal.writeUInt8(wal.readUInt8(at) ^ 0xff, at)
    expect(await recover(made, wal)).toBe(commitsWithin(made, frame))
  }
})
