import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import type { StoreError } from '../engine/ports/store.ts'
import type { SqliteStore } from './sqliteStore.ts'
import { openSqliteStore } from './sqliteStore.ts'
import { fullBatch, sampleEvents } from './testing/samples.ts'
import type { SmallDisk } from './testing/smallDisk.ts'
import { mountSmallDisk } from './testing/smallDisk.ts'
import { tempFolder } from './testing/tempFolder.ts'

// Seconds at most; the limit is for a machine that is busy with other things.
vi.setConfig({ testTimeout: 60_000 })

const PAGE = 4096

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  return true
}

function smallDisk(bytes: number): SmallDisk {
  const disk = mountSmallDisk(tempFolder(), bytes)
  if (disk === undefined) throw new Error('Mounting a tmpfs failed; run this test where root may mount.')
  return disk
}

/** Appends batches of `size` until one fails. */
async function appendUntilFailure(store: SqliteStore, size: number): Promise<StoreError> {
  for (;;) {
    try {
      await store.append(fullBatch((await store.lastSeq()) + 1, size))
    } catch (error) {
      return error as StoreError
    }
  }
}

/** The log holds exactly what was acknowledged, and takes more. */
async function expectSound(store: SqliteStore, acknowledged: number): Promise<void> {
  expect(await store.lastSeq()).toBe(acknowledged)
  expect(await store.read({ after: 0 })).toEqual(sampleEvents(1, acknowledged))
  expect(await store.integrityCheck()).toEqual([])
}

describe.skipIf(!canMount())('a full disk (needs root, to mount one)', () => {
  test('at any page: nothing falsely written, on again when space returns', async () => {
    using disk = smallDisk(4 << 20)
    for (let pages = 10; pages < 130; pages += 3) {
      const file = join(disk.folder, `log-${pages}.database`)
      const store = await openSqliteStore({ file, walBytes: 0 })
      disk.fillUpTo(pages * PAGE)
      const failure = await appendUntilFailure(store, 1 + (pages % 17))
      expect(failure.kind).toBe('unavailable')
      expect(failure.remedy).toContain('Free space')
      const acknowledged = await store.lastSeq()
      await expect(store.append(fullBatch(acknowledged + 1, 500))).rejects.toMatchObject({
        kind: 'unavailable',
      })
      expect(await store.read({ after: 0 })).toHaveLength(acknowledged)
      disk.free()
      await expectSound(store, acknowledged)
      await store.append(fullBatch(acknowledged + 1, 10))
      await store.close()
      const again = await openSqliteStore({ file, walBytes: 0 })
      await expectSound(again, acknowledged + 10)
      await again.close()
      removeDatabase(file)
    }
  })

  test('what is preallocated carries on for hundreds of commits', async () => {
    using disk = smallDisk(16 << 20)
    const file = join(disk.folder, 'log.database')
    const store = await openSqliteStore({ file })
    await store.append(fullBatch(1, 1))
    disk.fillUpTo(0)
    expect((await appendUntilFailure(store, 1)).kind).toBe('unavailable')
    const acknowledged = await store.lastSeq()
    expect(acknowledged).toBeGreaterThan(200)
    disk.free()
    await store.append(fullBatch(acknowledged + 1, 1))
    await expectSound(store, acknowledged + 1)
    await store.close()
  })

  test('killed on a full disk: it opens on the full disk, with all that was acknowledged', async () => {
    using disk = smallDisk(16 << 20)
    const live = join(disk.folder, 'live.database')
    const store = await openSqliteStore({ file: live })
    await store.append(fullBatch(1, 700))
    await store.append(fullBatch(701, 1))
    const file = join(disk.folder, 'log.database')
    for (const suffix of ['', '-wal', '-shm']) copyFileSync(live + suffix, file + suffix)
    await store.close()
    disk.fillUpTo(0)
    const again = await openSqliteStore({ file })
    expect(await again.lastSeq()).toBe(701)
    disk.free()
    await expectSound(again, 701)
    await again.append(fullBatch(702, 1))
    await again.close()
  })

  test('a database cannot be made there, and nothing half made is left', async () => {
    using disk = smallDisk(1 << 20)
    const file = join(disk.folder, 'log.database')
    disk.fillUpTo(3 * PAGE)
    await expect(openSqliteStore({ file })).rejects.toMatchObject({ kind: 'unavailable' })
    expect(existsSync(file)).toBe(false)
    disk.free()
    const store = await openSqliteStore({ file })
    await store.append(fullBatch(1, 1))
    await store.close()
  })
})

function removeDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
}
