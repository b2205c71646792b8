import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectId } from '../domain/ids.ts'
import type { RollbackPoint } from '../domain/points/point.ts'
import type { TaskAction } from '../domain/targets/target.ts'
import { AGENT_IMAGE } from '../runners/docker/agentImage.ts'
import { dockerPlace } from '../targets/docker/place.ts'
import { sqliteName } from '../targets/docker/sqlite.ts'
import { removeApps } from '../targets/testing/app.ts'
import type { Acted } from '../targets/testing/bench.ts'
import { textOf } from './commands.ts'
import { dockerCommands } from './dockerCommands.ts'
import { DUMP, folderOf } from './pointFolder.ts'
import { buildNotes } from './testing/notes.ts'
import { type Rolling, startRolling, succeeded } from './testing/rolling.ts'
import { backTo, restore } from './testing/steps.ts'

/** A service with a SQLite file in a volume: released, migrated badly, gone back, and forward again. */
let world: Rolling
let v1: string
let v2: string
let before: RollbackPoint

const SHOP = projectId('shop')
const FILE = '/data/shop.db'

beforeAll(async () => {
  world = await startRolling({ database: { kind: 'sqlite', name: FILE, hook: null }, envFiles: [] })
  v1 = await buildNotes(world.bench.docker, 'v1', 'mood')
  v2 = await buildNotes(world.bench.docker, 'v2', 'id')
}, 300_000)
afterAll(async () => {
  await world.dispose()
  await removeApps([v1, v2])
})

async function done(action: TaskAction, run?: string): Promise<Acted> {
  const spec = world.spec(action, run)
  return succeeded(action, world.take(await world.bench.act({ ...spec, image: AGENT_IMAGE })))
}
const release = (image: string, version: string) => done({ do: 'deploy', from: { image }, version })
const say = async (text: string): Promise<string> => {
  const answer = await fetch(`http://127.0.0.1:${world.bench.port}/?${text}`, { method: 'POST' })
  return answer.text()
}
/** In the container that has the volume. */
const inside = (...argv: readonly string[]): Promise<string> => {
  const place = dockerPlace(world.bench.tools, SHOP, world.bench.target)!
  const commands = dockerCommands({ docker: world.bench.docker, container: () => sqliteName(place) })
  return textOf(commands, { argv, limitMs: 30_000, signal: AbortSignal.timeout(30_000) })
}
const query = async (sql: string, file = FILE): Promise<string> => {
  const script = `const d = new (require('node:sqlite').DatabaseSync)(process.argv[1]); console.log(d.prepare(process.argv[2]).all().map((r) => Object.values(r).join('|')).join(','))`
  return (await inside('node', '--no-warnings', '-e', script, file, sql)).trim()
}
const NOTES = 'select text from notes order by id'

test('the first release makes the file in its volume; what is written outlives its containers', async () => {
  await release(v1, 'v1')
  expect(world.points[0]).toMatchObject({ release: null, database: { kind: 'sqlite', rows: {} } })
  expect(await say('ann')).toBe('v1 ann')
  await release(v1, 'v1 again')
  expect(await world.bench.get('/')).toBe('200 v1 ann')
}, 300_000)

test('a bad migration and a new release: the point before them was taken while the service wrote', async () => {
  await done({
    do: 'migrate',
    run: `node --no-warnings -e "new (require('node:sqlite').DatabaseSync)(process.env.AMPHITHEATRE_DATABASE).exec('PRAGMA busy_timeout = 5000; ALTER TABLE notes DROP COLUMN mood')"`,
  })
  before = world.points.at(-1)!
  expect(before).toMatchObject({ why: 'migrate', database: { name: FILE, rows: { notes: 1 } } })
  expect(before.database!.rows['beats']).toBeGreaterThan(0)
  expect(await world.bench.get('/')).toMatch(/^500 .*mood/)
  await release(v2, 'v2')
  // Both wrote the same file while one took the place of the other.
  expect(await query('select distinct by from beats order by by')).toBe('v1,v2')
  expect(await say('bob')).toBe('v2 ann,bob')
}, 300_000)

test('back: the row is there, v1 answers, and the present file is kept with what was written since', async () => {
  for (const action of [
    { do: 'point', name: null, why: 'rollback' },
    ...backTo(before, 'database', 'image'),
    { do: 'verify' },
  ] as const) {
    const { outputs } = await done(action, 'back')
    if (action.do === 'restore' && action.part === 'database')
      expect(await query(NOTES, outputs['kept'])).toBe('ann,bob')
  }
  expect(await world.bench.get('/')).toBe('200 v1 ann')
  expect(await query("select sql like '%mood%' from sqlite_master where name = 'notes'")).toBe('1')
  expect(await inside('sh', '-c', 'ls /data | sed s/_[0-9a-f]*$// | sort -u')).toBe(
    'shop.db\nshop.db-shm\nshop.db-wal\nshop.db_since_1435\n',
  )
}, 300_000)

test('and forward again, by the point of its first step', async () => {
  const saved = world.points.find(({ why }) => why === 'rollback')!
  for (const action of backTo(saved, 'database', 'image')) await done(action, 'forth')
  expect(await world.bench.get('/')).toBe('200 v2 ann,bob')
}, 300_000)

test('a restore test tells a good point from one that is cut or damaged, and leaves nothing', async () => {
  const action = { do: 'test-point', point: before.id, key: before.key } as const
  const good = await done(action, 'test-1')
  expect(JSON.parse(good.outputs['tested']!)).toMatchObject({
    ok: true,
    detail: expect.stringContaining('2 tables'),
  })
  const file = join(folderOf(world.bench.folder, SHOP, before.key), DUMP)
  const whole = readFileSync(file)
  truncateSync(file, whole.length - 10)
  const cut = await world.act(action, 'test-2')
  expect(JSON.parse(cut.outputs['tested']!)).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/bytes and not/),
  })
  writeFileSync(file, whole)
  expect(await inside('sh', '-c', 'ls /data | grep -c amphi- || true')).toBe('0\n')
}, 300_000)

test('an exchange that does not come off leaves the present file, and what answered answers again', async () => {
  await done({ do: 'hold' }, 'none')
  const failed = await world.act(restore(before, 'database'), 'none')
  expect(failed.exit.error).toContain('is not there any more')
  expect(failed.outputs).toMatchObject({
    state: 'unverified',
    reason: expect.stringContaining('v2 answers again'),
  })
  expect(await world.bench.get('/')).toBe('200 v2 ann,bob')
}, 300_000)

test('its container and the service are as locked down as any, and the file is readable by nobody else', async () => {
  const place = dockerPlace(world.bench.tools, SHOP, world.bench.target)!
  const { HostConfig, Config } = await world.bench.docker.getContainer(sqliteName(place)).inspect()
  expect(HostConfig).toMatchObject({ CapDrop: ['ALL'], NetworkMode: 'none', ReadonlyRootfs: true })
  expect(Config.User).toBe(`${place.uid}:${place.gid}`)
  expect(await inside('stat', '-c', '%u %a', '/data')).toBe(`${place.uid} 700\n`)
}, 60_000)
