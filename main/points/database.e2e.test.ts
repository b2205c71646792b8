import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
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

test('SQLite: the old rows come back, those since are kept, a damaged copy is found', async () => {
  const path = join(folder, "ann's.db")
  const sql = (text: string, at = path): string =>
    execFileSync('sqlite3', [at, text], { encoding: 'utf8' }).trim()
  sql('create table "od""d" (x); insert into "od""d" values (1), (2)')
  const keeper = keeperOf({ kind: 'sqlite', name: path.replaceAll("'", ''), hook: null }, hostCommands(spawn))
  execFileSync('mv', [path, path.replaceAll("'", '')])
  const at = path.replaceAll("'", '')
  const dumped = await keeper.dump(file, work)
  expect(dumped.snapshot).toMatchObject({ kind: 'sqlite', rows: { 'od"d': 2 } })
  sql('insert into "od""d" values (3)', at)
  expect(await keeper.count(work.signal)).toEqual({ 'od"d': 3 })
  const kept = await back(keeper, dumped)
  expect(kept).toContain('_since_1435')
  expect([sql('select count(*) from "od""d"', at), sql('select count(*) from "od""d"', kept!)]).toEqual([
    '2',
    '3',
  ])
  const whole = readFileSync(file)
  writeFileSync(file, whole.subarray(0, 100))
  await expect(keeper.scratch(requestOf(dumped), work)).rejects.toThrow('has 100 bytes and not')
  await keeper.dropScratch(requestOf(dumped), work.signal)
  expect(readdirSync('/tmp').filter((name) => name.includes(`amphi-m${process.pid}`))).toEqual([])
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
