import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { StoreError } from '../engine/ports/store.ts'
import { openSqliteStore } from './sqliteStore.ts'
import { fullBatch, sampleBatch, sampleEvent, sampleEvents, sampleRun } from './testing/samples.ts'
import { tempFolder } from './testing/tempFolder.ts'

function newFile(): string {
  return join(tempFolder(), 'log.database')
}

test('another writer makes it unavailable, and it goes on when that one is done', async () => {
  const file = newFile()
  const store = await openSqliteStore({ file, busyTimeoutMs: 0 })
  const other = new Database(file)
  other.exec('BEGIN IMMEDIATE')
  await expect(store.append(fullBatch(1, 1))).rejects.toMatchObject({ kind: 'unavailable' })
  await expect(store.setMeta('k', 'v')).rejects.toMatchObject({ kind: 'unavailable' })
  expect(await store.lastSeq()).toBe(0)
  other.exec('ROLLBACK')
  other.close()
  await store.append(fullBatch(1, 1))
  expect(await store.read({ after: 0 })).toEqual(sampleEvents(1, 1))
  await store.close()
})

test('a surprise in the middle of a batch leaves no trace of it', async () => {
  const store = await openSqliteStore({ file: newFile() })
  const circle: Record<string, unknown> = { type: 'circle' }
  circle.self = circle
  const unwritable = { ...sampleEvent(3), data: circle } as unknown as ReturnType<typeof sampleEvent>
  const error: unknown = await store
    .append(sampleBatch({ events: [...sampleEvents(1, 2), unwritable], runRows: [sampleRun(1)] }))
    .catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(TypeError)
  const nameless = { ...sampleRun(1), title: null as unknown as string }
  await expect(store.append(sampleBatch({ runRows: [nameless] }))).rejects.not.toBeInstanceOf(StoreError)
  expect(await store.lastSeq()).toBe(0)
  expect(await store.runs({})).toEqual([])
  await store.append(fullBatch(1, 1))
  await store.close()
})

test('the write-ahead log has its size from the start and keeps it; a clean close removes it', async () => {
  const file = newFile()
  const store = await openSqliteStore({ file, walBytes: 5 << 20 })
  expect(statSync(`${file}-wal`).size).toBe(5 << 20)
  for (let i = 0; i < 30; i += 1) await store.append(fullBatch(1 + i * 200, 200))
  expect(statSync(`${file}-wal`).size).toBe(5 << 20)
  await store.close()
  expect(existsSync(`${file}-wal`)).toBe(false)
  expect(existsSync(`${file}-shm`)).toBe(false)
})

test('events of a run are found by their index, runs by theirs', async () => {
  const file = newFile()
  await (await openSqliteStore({ file })).close()
  const db = new Database(file, { readonly: true })
  const plan = (sql: string): string =>
    (db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[])
      .map((row) => row.detail)
      .join('; ')
  const { SELECT_EVENTS_OF_RUN, SELECT_RUNS, SELECT_RUNS_OF_PROJECT, SELECT_TASKS } = await import('./sql.ts')
  const bound = (sql: string): string => plan(sql.replaceAll('?', "'1'"))
  expect(bound(SELECT_EVENTS_OF_RUN)).toBe('SEARCH events USING INDEX events_by_run (run=? AND rowid>?)')
  expect(bound(SELECT_RUNS)).toBe('SCAN runs USING INDEX runs_newest')
  expect(bound(SELECT_RUNS_OF_PROJECT)).toBe('SEARCH runs USING INDEX runs_newest_of_project (project=?)')
  expect(bound(SELECT_TASKS)).toBe('SEARCH tasks USING PRIMARY KEY (run=?)')
  db.close()
})
