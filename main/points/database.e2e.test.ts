import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keeperOf } from './database.ts'
import { hostCommands } from './hostCommands.ts'
import type { DatabaseKeeper, Dumped } from './keeper.ts'

/** SQLite by its own program, and commands of somebody's own; both here, without a container. */
let folder: string
let file: string
const work = { signal: AbortSignal.timeout(120_000), say: () => undefined }
const AT = new Date(2026, 10, 21, 14, 35).getTime()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'amphitheatre-points-'))
  file = join(folder, 'dump')
})
afterEach(() => rmSync(folder, { recursive: true }))

const requestOf = ({ snapshot, measure }: Dumped) => ({
  file,
  snapshot,
  measure,
  mark: `m${process.pid}`,
  at: AT,
})

async function back(keeper: DatabaseKeeper, dumped: Dumped): Promise<string | null> {
  await keeper.scratch(requestOf(dumped), work)
  return keeper.swap(requestOf(dumped), work)
}

const PROGRAM = join(import.meta.dirname, '../../resources/targets/sqlite.mjs')
const sqlite = (path: string): DatabaseKeeper =>
  keeperOf({ kind: 'sqlite', name: path, hook: null }, hostCommands(spawn), {
    program: [process.execPath, '--no-warnings', PROGRAM],
  })

/** One statement, or the first column of what a question finds. */
function sql(path: string, text: string): readonly unknown[] {
  const database = new DatabaseSync(path)
  try {
    const rows = database.prepare(text).all()
    return rows.map((row) => Object.values(row)[0])
  } finally {
    database.close()
  }
}

describe.each(['delete', 'wal'])('SQLite, journal %s', (journal) => {
  let path: string
  beforeEach(() => {
    path = join(folder, "ann's shop.db")
    sql(path, `PRAGMA journal_mode = ${journal}`)
    sql(path, 'create table "od""d" (x, y blob)')
    sql(path, 'insert into "od""d" values (1, x\'00ff\'), (9007199254740993, null)')
  })

  test('the old rows come back, those since are kept and listed, until they are dropped', async () => {
    const keeper = sqlite(path)
    const dumped = await keeper.dump(file, work)
    expect(dumped.snapshot).toMatchObject({ kind: 'sqlite', rows: { 'od"d': 2 } })
    sql(path, 'insert into "od""d" values (3, null)')
    expect(await keeper.count(work.signal)).toEqual({ 'od"d': 3 })
    const kept = (await back(keeper, dumped))!
    expect(kept).toMatch(/_since_1435_m\d+$/)
    expect([path, kept].map((one) => sql(one, 'select count(*) from "od""d"'))).toEqual([[2], [3]])
    expect(sql(path, 'PRAGMA journal_mode')).toEqual([journal])
    // Done again, a minute later too, it is found done.
    expect(await keeper.swap({ ...requestOf(dumped), at: AT + 60_000 }, work)).toBe(kept)
    expect(await keeper.undoSwap(requestOf(dumped), work.signal)).toBe(true)
    const [aside] = await keeper.aside(work.signal)
    expect(aside).toMatchObject({ name: kept, bytes: readFileSync(kept).length, mark: `m${process.pid}` })
    expect(Math.abs(aside!.at! - Date.now())).toBeLessThan(60_000)
    await expect(keeper.dropAside(path, work.signal)).rejects.toThrow('is not one that was put aside')
    for (let times = 0; times < 2; times++) await keeper.dropAside(kept, work.signal)
    expect(await keeper.aside(work.signal)).toEqual([])
    expect(readdirSync(folder).filter((name) => /amphi|since/.test(name))).toEqual([])
  })

  test('a copy that is cut or damaged is found, and what an interrupted try left goes with the next', async () => {
    const keeper = sqlite(path)
    const dumped = await keeper.dump(file, work)
    const whole = readFileSync(file)
    writeFileSync(file, whole.subarray(0, 100))
    await expect(keeper.scratch(requestOf(dumped), work)).rejects.toThrow('has 100 bytes and not')
    const torn = Buffer.concat([whole.subarray(0, 4096), Buffer.alloc(whole.length - 4096, 0x5a)])
    writeFileSync(file, torn)
    const hash = createHash('sha256').update(torn).digest('hex')
    const damaged = { ...requestOf(dumped), snapshot: { ...dumped.snapshot, hash } }
    await expect(keeper.scratch(damaged, work)).rejects.toThrow(/damaged|malformed/)
    writeFileSync(file, whole)
    await keeper.scratch({ ...requestOf(dumped), mark: 'other' }, work)
    expect(readdirSync(folder).filter((name) => name.includes('.amphi-'))).toEqual([
      "ann's shop.db.amphi-other",
    ])
  })

  test('an exchange that was cut short between its two names leaves the present one', async () => {
    const keeper = sqlite(path)
    linkSync(path, `${path}_since_1435_m${process.pid}`)
    const request = requestOf({ measure: null, snapshot: { ...(await keeper.dump(file, work)).snapshot } })
    expect(await keeper.undoSwap(request, work.signal)).toBe(false)
    expect(readdirSync(folder).some((name) => name.includes('_since_'))).toBe(false)
  })
})

test('SQLite: one that somebody has open is not exchanged', async () => {
  const path = join(folder, 'open.db')
  sql(path, 'PRAGMA journal_mode = wal')
  sql(path, 'create table a (x)')
  const keeper = sqlite(path)
  const dumped = await keeper.dump(file, work)
  await keeper.scratch(requestOf(dumped), work)
  const open = new DatabaseSync(path)
  open.exec('insert into a values (1)')
  await expect(keeper.swap(requestOf(dumped), work)).rejects.toThrow('Somebody does not leave the database')
  open.close()
  expect(await keeper.aside(work.signal)).toEqual([])
  expect(await keeper.swap(requestOf(dumped), work)).not.toBeNull()
})

test('commands of their own: fed and read as they are, a failure is told in their words', async () => {
  const data = join(folder, 'data.bin')
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 256))
  writeFileSync(data, bytes)
  const hook = { dump: `cat ${data}`, restore: `cat > ${data}` }
  const keeper = keeperOf({ kind: 'hook', name: 'own', hook }, hostCommands(spawn))
  const dumped = await keeper.dump(file, work)
  writeFileSync(data, 'since')
  expect(await back(keeper, dumped)).toBeNull()
  expect(readFileSync(data).equals(bytes)).toBe(true)
  const bad = keeperOf(
    { kind: 'hook', name: 'own', hook: { ...hook, dump: 'echo broken >&2; exit 3' } },
    hostCommands(spawn),
  )
  await expect(bad.dump(join(folder, 'other'), work)).rejects.toThrow('sh: broken')
  const missing = keeperOf(
    { kind: 'hook', name: 'own', hook: { ...hook, dump: 'no-such-program' } },
    hostCommands(spawn),
  )
  await expect(missing.dump(join(folder, 'other'), work)).rejects.toThrow('cannot be run')
  expect(existsSync(file)).toBe(true)
})
