import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { StoreError } from '../engine/ports/store.ts'
import { initial } from './migrations/0001-initial.ts'
import { openSqliteStore } from './sqliteStore.ts'
import { fullBatch } from './testing/samples.ts'
import { tempFolder } from './testing/tempFolder.ts'

const PAGE = 4096

/** A closed database with some thousand events. */
async function closedDatabase(): Promise<string> {
  const file = join(tempFolder(), 'log.database')
  const store = await openSqliteStore({ file })
  await store.append(fullBatch(1, 2_000))
  await store.close()
  return file
}

/** The same, as a killed process leaves it: the last commits are in the log only. */
async function abandonedDatabase(): Promise<string> {
  const live = await closedDatabase()
  const store = await openSqliteStore({ file: live, walBytes: 0 })
  await store.append(fullBatch(2_001, 20))
  const file = join(tempFolder(), 'log.database')
  copyFileSync(live, file)
  copyFileSync(`${live}-wal`, `${file}-wal`)
  await store.close()
  return file
}

function change(file: string, statements: string): void {
  const db = new Database(file)
  db.exec(statements)
  db.close()
}

function damagePage(file: string, page: number): void {
  const bytes = readFileSync(file)
  bytes.fill(0xa5, (page - 1) * PAGE, page * PAGE)
  writeFileSync(file, bytes)
}

function contentsOf(file: string): readonly (Buffer | null)[] {
  return [file, `${file}-wal`].map((name) => (existsSync(name) ? readFileSync(name) : null))
}

/** Opening fails with that kind, and what was there is there byte for byte. */
async function expectRefusal(file: string, kind: StoreError['kind']): Promise<StoreError> {
  const before = contentsOf(file)
  const error: unknown = await openSqliteStore({ file }).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(StoreError)
  const refusal = error as StoreError
  expect(refusal.kind).toBe(kind)
  expect(refusal.message).toContain(file)
  const after = contentsOf(file)
  // Looking may leave an empty log beside the file; it holds nothing.
  expect(after.map((bytes) => bytes ?? Buffer.alloc(0))).toEqual(
    before.map((bytes) => bytes ?? Buffer.alloc(0)),
  )
  return refusal
}

describe('a damaged database is refused and kept', () => {
  test.each([
    ['garbage', Buffer.alloc(3 * PAGE, 'garbage!')],
    ['a few bytes of text', Buffer.from('not a database\n')],
    ['an empty file', Buffer.alloc(0)],
  ])('%s', async (_name, bytes) => {
    const file = join(tempFolder(), 'log.database')
    writeFileSync(file, bytes)
    const refusal = await expectRefusal(file, 'corrupt')
    expect(refusal.remedy).toMatch(/aside.*restore/)
  })

  test.each([1, PAGE, 20 * PAGE + 77])('cut after %i bytes', async (size) => {
    const file = await closedDatabase()
    truncateSync(file, size)
    await expectRefusal(file, 'corrupt')
  })

  test('a database of another program', async () => {
    const file = join(tempFolder(), 'log.database')
    change(file, 'CREATE TABLE notes (text); PRAGMA user_version = 1')
    expect((await expectRefusal(file, 'corrupt')).message).toContain('another program')
  })

  test('a bad page, when the last process did not close it', async () => {
    const file = await abandonedDatabase()
    damagePage(file, 12)
    await expectRefusal(file, 'corrupt')
  })

  test('a log that does not begin as one', async () => {
    const file = await abandonedDatabase()
    writeFileSync(`${file}-wal`, Buffer.alloc(PAGE, 'x'))
    await expectRefusal(file, 'corrupt')
  })

  test('a log without its database', async () => {
    const file = await abandonedDatabase()
    const alone = join(tempFolder(), 'log.database')
    copyFileSync(`${file}-wal`, `${alone}-wal`)
    await expectRefusal(alone, 'corrupt')
    expect(existsSync(alone)).toBe(false)
  })
})

describe('damage found later', () => {
  test('a bad page of a closed database is found when it is read, and nothing is written any more', async () => {
    const file = await closedDatabase()
    damagePage(file, 40)
    const store = await openSqliteStore({ file })
    await expect(store.read({ after: 0 })).rejects.toMatchObject({ kind: 'corrupt' })
    await expect(store.append(fullBatch(2_001, 1))).rejects.toMatchObject({ kind: 'corrupt' })
    await expect(store.lastSeq()).rejects.toMatchObject({ kind: 'corrupt' })
    await store.close()
  })

  test('a gap in the log, or an event that is no JSON, is damage', async () => {
    for (const harm of [
      'DELETE FROM events WHERE seq = 700',
      "UPDATE events SET data = '{' WHERE seq = 700",
    ]) {
      const file = await closedDatabase()
      change(file, harm)
      const store = await openSqliteStore({ file })
      expect(await store.integrityCheck()).toHaveLength(1)
      await expect(store.read({ after: 0 })).rejects.toMatchObject({ kind: 'corrupt' })
      await store.close()
    }
  })
})

describe('a newer database is refused and kept', () => {
  test('closed', async () => {
    const file = await closedDatabase()
    change(file, 'PRAGMA user_version = 99')
    const refusal = await expectRefusal(file, 'newer')
    expect(refusal.message).toMatch(/shape 99.*up to 1\b/)
  })

  test('left by a killed process, with its shape in the log only', async () => {
    const live = await closedDatabase()
    const db = new Database(live)
    db.exec('PRAGMA user_version = 99')
    const file = join(tempFolder(), 'log.database')
    copyFileSync(live, file)
    copyFileSync(`${live}-wal`, `${file}-wal`)
    db.close()
    await expectRefusal(file, 'newer')
    expect(readFileSync(`${file}-wal`).length).toBeGreaterThan(PAGE)
  })
})

describe('opening and making', () => {
  test('a folder that does not exist is made; drafts of dead processes go, other files stay', async () => {
    const file = join(tempFolder(), 'a', 'b', 'log.database')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(`${file}.new-999999999`, 'draft of a dead process')
    writeFileSync(`${file}.newest`, 'a person put this here')
    const store = await openSqliteStore({ file })
    await store.close()
    expect(readdirSync(dirname(file)).sort()).toEqual(['log.database', 'log.database.newest'])
  })

  test('something that is no file cannot be opened', async () => {
    const file = join(tempFolder(), 'log.database')
    mkdirSync(file)
    await expect(openSqliteStore({ file })).rejects.toMatchObject({ kind: 'unavailable' })
  })

  test('after a kill everything is read again, and the log is settled into the database', async () => {
    const file = await abandonedDatabase()
    const store = await openSqliteStore({ file })
    expect(await store.read({ after: 0 })).toHaveLength(2_020)
    await store.close()
  })

  test('a failing migration leaves the database in its former shape', async () => {
    const file = await closedDatabase()
    const broken = {
      number: 2,
      name: 'broken',
      up: (db: Database.Database) => {
        db.exec('CREATE TABLE half (x)')
        throw new Error('no further')
      },
    }
    await expect(openSqliteStore({ file, migrations: [initial, broken] })).rejects.toThrow('no further')
    const store = await openSqliteStore({ file })
    expect(await store.lastSeq()).toBe(2_000)
    await store.close()
    const whole = { ...broken, up: (db: Database.Database) => void db.exec('CREATE TABLE half (x)') }
    await (await openSqliteStore({ file, migrations: [initial, whole] })).close()
    await expectRefusal(file, 'newer')
  })
})
