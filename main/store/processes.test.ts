import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { lockDataFolder } from './dataFolderLock.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { openSqliteStore } from './sqliteStore.ts'
import { startChild } from './testing/child.ts'
import { sampleEvents } from './testing/samples.ts'
import { tempFolder } from './testing/tempFolder.ts'

// Seconds at most; the limit is for a machine that is busy with other things.
vi.setConfig({ testTimeout: 60_000 })

describe('the lock of a data folder', () => {
  test('one holder at a time, whose name the others learn', () => {
    const dir = join(tempFolder(), 'new', 'folder')
    const first = lockDataFolder(dir)
    if (!first.ok) throw new Error('a new folder is free')
    const startedAt = expect.closeTo(Date.now() - process.uptime() * 1000, -4)
    expect(lockDataFolder(dir)).toEqual({ ok: false, holder: { pid: process.pid, startedAt } })
    first.release()
    first.release()
    const second = lockDataFolder(dir)
    expect(second.ok).toBe(true)
    if (second.ok) second.release()
  })

  test('a holder whose name is missing or garbled still holds', () => {
    const dir = tempFolder()
    const lock = lockDataFolder(dir)
    for (const text of ['{', '7', 'null', '{"pid":"1"}']) {
      writeFileSync(join(dir, 'engine.json'), text)
      expect(lockDataFolder(dir)).toEqual({ ok: false })
    }
    rmSync(join(dir, 'engine.json'))
    expect(lockDataFolder(dir)).toEqual({ ok: false })
    if (lock.ok) lock.release()
  })

  test('a lock file that is no lock file is named', () => {
    const dir = tempFolder()
    writeFileSync(join(dir, 'engine.lock'), 'something else '.repeat(100))
    expect(() => lockDataFolder(dir)).toThrow(/engine\.lock/)
  })

  test('kill -9 gives it back', async () => {
    const dir = tempFolder()
    await using child = startChild('lockChild.ts', dir)
    expect(JSON.parse(await child.line())).toMatchObject({ ok: true })
    expect(lockDataFolder(dir)).toMatchObject({ ok: false, holder: { pid: child.pid } })
    await child.kill()
    const mine = lockDataFolder(dir)
    expect(mine.ok).toBe(true)
    expect(JSON.parse(readFileSync(join(dir, 'engine.json'), 'utf8'))).toMatchObject({ pid: process.pid })
    if (mine.ok) mine.release()
  })
})

describe('several processes', () => {
  test.each(['a new database', 'one of the former shape'])('migrating %s at once', async (name) => {
    const file = join(tempFolder(), 'log.database')
    if (name !== 'a new database') await (await openSqliteStore({ file })).close()
    const children = [1, 2, 3].map(() => startChild('openChild.ts', file))
    for (const child of children) expect(await child.line()).toBe('ready')
    for (const child of children) child.say('go')
    for (const child of children) {
      expect(await child.line()).toBe('sound: true')
      expect(await child.exit()).toBe(0)
    }
    await expect(openSqliteStore({ file })).rejects.toMatchObject({ kind: 'newer' })
    const second = { number: 2, name: 'done', up: () => {} }
    await (await openSqliteStore({ file, migrations: [...MIGRATIONS, second] })).close()
    expect(existsSync(`${file}-wal`)).toBe(false)
  })

  test('killed again and again while appending: what was acknowledged is there, whole', async () => {
    const file = join(tempFolder(), 'log.database')
    for (let round = 0; round < 5; round += 1) {
      await using child = startChild('appendChild.ts', file)
      let acknowledged = 0
      for (let lines = 0; lines < 20 + round * 60; lines += 1) acknowledged = Number(await child.line())
      await child.kill()
      const store = await openSqliteStore({ file })
      const lastSeq = await store.lastSeq()
      expect(lastSeq).toBeGreaterThanOrEqual(acknowledged)
      expect(await store.read({ after: 0 })).toEqual(sampleEvents(1, lastSeq))
      expect(await store.integrityCheck()).toEqual([])
      await store.close()
    }
  })
})
