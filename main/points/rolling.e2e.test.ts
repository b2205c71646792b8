import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectId } from '../domain/ids.ts'
import type { RollbackPoint } from '../domain/points/point.ts'
import { buildApp, removeApps } from '../targets/testing/app.ts'
import { load } from '../targets/testing/load.ts'
import { DUMP, folderOf } from './pointFolder.ts'
import { type Rolling, startRolling } from './testing/rolling.ts'
import { backTo, restore, scratch } from './testing/steps.ts'

let world: Rolling
let v1: string
let v2: string
/** Made before the migration, of v1. */
let before: RollbackPoint

beforeAll(async () => {
  world = await startRolling()
  // Images of its own: those of other tests are the same where their files are, and go when those end.
  v1 = await buildApp(world.bench.docker, 'v1', { SLOW_MS: '6' })
  v2 = await buildApp(world.bench.docker, 'v2', { SLOW_MS: '6' })
}, 300_000)
afterAll(async () => {
  await world.dispose()
  await removeApps([v1, v2])
})

test('points are made before a deployment and before a migration, whole, and name what was there', async () => {
  const first = await world.act({ do: 'deploy', from: { image: v1 }, version: 'v1' })
  expect(first.exit).toMatchObject({ code: 0, error: null })
  const made = await world.act({
    do: 'migrate',
    run: 'psql -qc "create table users (id int, name text); insert into users values (1, \'ann\')"',
  })
  expect(made.exit.error).toBeNull()
  await world.sql("insert into users values (2, 'bob')")
  const second = await world.act({ do: 'migrate', run: 'psql -qc "alter table users drop column name"' })
  expect(second.exit.error).toBeNull()
  before = world.points.at(-1)!
  expect(before).toMatchObject({
    why: 'migrate',
    release: { version: 'v1', image: expect.stringMatching(/^sha256:/) },
    database: { name: 'shop', rows: { 'public.users': 2 } },
    git: { branch: 'main', commit: world.git('rev-parse', 'HEAD') },
    environment: { '.env': expect.stringMatching(/^[0-9a-f]{64}$/) },
  })
  const folder = folderOf(world.bench.folder, projectId('shop'), before.key)
  expect(statSync(folder).mode & 0o077).toBe(0)
  expect(statSync(join(folder, DUMP)).mode & 0o077).toBe(0)
  expect(second.said).not.toContain('LEVEL')
  expect((await world.act({ do: 'deploy', from: { image: v2 }, version: 'v2' })).exit.error).toBeNull()
  await world.sql('insert into users values (3)')
}, 300_000)

test('the image of a point survives everything a prune takes', async () => {
  const { docker, install } = world.bench
  const filters = { label: [`amphitheatre.install=${install}`, 'amphitheatre.keep'] }
  const kept = await docker.listContainers({ all: true, filters })
  expect(kept.map(({ ImageID }) => ImageID)).toContain(before.release!.image)
})

test('back to v1 under load: rows of before are there, those since are kept, no request is lost', async () => {
  const loading = load(world.bench.port, 50)
  await loading.answered(10)
  for (const action of [
    { do: 'point', name: null, why: 'rollback' },
    ...backTo(before, 'database', 'environment', 'image'),
    { do: 'verify' },
  ] as const) {
    writeFileSync(join(world.root, '.env'), 'LEVEL=2\n')
    await world.done(action, 'back-1')
  }
  await loading.answered(10)
  const { failed, bodies } = await loading.end()
  expect(failed).toEqual([])
  expect(bodies.at(-1)).toBe('v1')
  expect(await world.sql('select id, name from users order by 1')).toBe('1|ann\n2|bob')
  expect(await world.sql('select id from users order by 1', 'shop_since_1435')).toBe('1\n2\n3')
}, 300_000)

test('settings come back with their rights', async () => {
  writeFileSync(join(world.root, '.env'), 'LEVEL=3\n')
  expect((await world.act(restore(before, 'environment'))).exit.error).toBeNull()
  expect(readFileSync(join(world.root, '.env'), 'utf8')).toBe('LEVEL=1\n')
  expect(statSync(join(world.root, '.env')).mode & 0o777).toBe(0o640)
})

test('the rollback is rolled back by the point of its first step', async () => {
  const saved = world.points.find(({ why }) => why === 'rollback')!
  for (const action of backTo(saved, 'database', 'image')) await world.done(action, 'back-2')
  expect(await world.bench.get('/')).toBe('200 v2')
  expect(await world.sql('select id from users order by 1')).toBe('1\n2\n3')
}, 300_000)

test('data alone: held, exchanged, opened to what answered before', async () => {
  for (const action of [...backTo(before, 'database'), { do: 'open' } as const])
    await world.done(action, 'back-3')
  expect(await world.bench.get('/')).toBe('200 v2')
  expect(await world.sql('select name from users where id = 1')).toBe('ann')
}, 300_000)

test('a restore test tells a good point from one that is cut or altered, and leaves nothing', async () => {
  const action = { do: 'test-point', point: before.id, key: before.key } as const
  const good = await world.act(action, 'test-1')
  expect(JSON.parse(good.outputs.tested!)).toMatchObject({
    ok: true,
    detail: expect.stringContaining('2 rows'),
  })
  const file = join(folderOf(world.bench.folder, projectId('shop'), before.key), DUMP)
  const whole = readFileSync(file)
  truncateSync(file, whole.length - 10)
  const cut = await world.act(action, 'test-2')
  expect(cut.exit.code).toBe(1)
  expect(JSON.parse(cut.outputs.tested!)).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/has \d+ bytes and not/),
  })
  writeFileSync(file, Buffer.concat([whole.subarray(0, -1), Buffer.from([whole.at(-1)! ^ 1])]))
  const altered = await world.act(action, 'test-3')
  expect(JSON.parse(altered.outputs.tested!)).toMatchObject({
    ok: false,
    detail: expect.stringContaining('was altered'),
  })
  const refused = await world.act(scratch(before), 'back-4')
  expect(refused.exit.error).toContain('was altered')
  expect(refused.outputs).toEqual({})
  writeFileSync(file, whole)
  expect(await world.sql("select count(*) from pg_database where datname like 'amphi_scratch%'")).toBe('0')
}, 300_000)
