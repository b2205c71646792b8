import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startDatabase, type TestDatabase } from '../testing/database.ts'
import { dump } from './dump.ts'
import { dropScratch, restoreScratch, scratchName } from './scratch.ts'
import { keptName, reopen, swap } from './swap.ts'

let world: TestDatabase
beforeAll(async () => {
  world = await startDatabase()
})
afterAll(() => world.dispose())

const NAME = "Ann's shop"
const AT = new Date(2026, 10, 21, 14, 35).getTime()

beforeEach(async () => {
  await world.sql(
    'postgres',
    `SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database
       WHERE datname NOT IN ('postgres', 'template0', 'template1') \\gexec
     DROP ROLE IF EXISTS owner, reader;
     CREATE ROLE owner;
     CREATE ROLE reader;
     CREATE DATABASE "${NAME}" OWNER owner;
     REVOKE ALL ON DATABASE "${NAME}" FROM PUBLIC;
     GRANT CONNECT ON DATABASE "${NAME}" TO reader;
     ALTER DATABASE "${NAME}" SET search_path = shop, public;
     ALTER DATABASE "${NAME}" SET work_mem = '9MB'`,
  )
  await world.sql(
    NAME,
    `CREATE SCHEMA shop;
     CREATE TABLE shop.orders (id serial PRIMARY KEY, what text, price numeric(8,2), at timestamptz DEFAULT now(), raw bytea);
     INSERT INTO shop.orders (what, price, raw) SELECT 'thing' || i, i / 7.0, decode(md5(i::text), 'hex') FROM generate_series(1, 500) i;
     CREATE TABLE shop."odd ""name" (t text); INSERT INTO shop."odd ""name" VALUES (E'line\\nbreak\\ttab'), (NULL);
     CREATE TABLE parts (k int, v text) PARTITION BY LIST (k); CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
     INSERT INTO parts VALUES (1, 'x');
     CREATE TABLE schema_migrations (version text); INSERT INTO schema_migrations VALUES ('0007'), ('0008');
     GRANT SELECT ON shop.orders TO reader`,
  )
})

const file = (): string => join(world.folder, 'database.dump')
const nothing = () => Promise.resolve(null)
const dumped = () => dump(world.postgres, NAME, file(), world.work, nothing)
const count = async (database: string): Promise<number> =>
  Number(await world.sql(database, 'SELECT count(*) FROM shop.orders'))
const databases = async (): Promise<string> =>
  world.sql('postgres', 'SELECT datname FROM pg_database ORDER BY 1')

test('dump, restore beside, compare, swap: the old rows are back, those since are kept', async () => {
  const { measure, bytes, hash } = await dumped()
  expect(measure.tables['shop.orders']).toMatchObject({ rows: 500 })
  expect(Object.keys(measure.tables)).toEqual([
    'shop.odd "name',
    'shop.orders',
    'shop.parts_1',
    'shop.schema_migrations',
  ])
  expect(measure.schemaVersion).toBe('0008')
  expect(readFileSync(file()).length).toBe(bytes)
  expect(hash).toMatch(/^[0-9a-f]{64}$/)
  await world.sql(
    NAME,
    "INSERT INTO shop.orders (what) VALUES ('since'); ALTER TABLE shop.orders DROP COLUMN price",
  )
  await restoreScratch(world.postgres, { database: NAME, file: file(), measure, mark: 'm1' }, world.work)
  expect(await count(NAME)).toBe(501)
  const kept = await swap(world.postgres, { database: NAME, mark: 'm1', at: AT }, world.work)
  expect(kept).toBe(`${NAME}_since_1435`)
  expect([await count(NAME), await count(kept)]).toEqual([500, 501])
  // Rights and settings came along.
  const acl = await world.sql(
    'postgres',
    `SELECT datname = '${NAME.replace("'", "''")}', datacl::text LIKE '%reader=c%', pg_get_userbyid(datdba) FROM pg_database WHERE datname IN ('${NAME.replace("'", "''")}')`,
  )
  expect(acl.trim()).toBe('t|t|owner')
  expect((await world.sql(NAME, 'SHOW search_path')).trim()).toBe('shop, public')
  expect((await world.sql(NAME, 'SHOW work_mem')).trim()).toBe('9MB')
  expect(
    (await world.sql(NAME, "SELECT has_table_privilege('reader', 'shop.orders', 'SELECT')")).trim(),
  ).toBe('t')
  // Again changes nothing.
  const before = await databases()
  expect(await swap(world.postgres, { database: NAME, mark: 'm1', at: AT }, world.work)).toBe(kept)
  expect(await databases()).toBe(before)
  // And a rollback of the rollback finds a name of its own.
  const second = await dumped()
  await restoreScratch(
    world.postgres,
    { database: NAME, file: file(), measure: second.measure, mark: 'm2' },
    world.work,
  )
  expect(await swap(world.postgres, { database: NAME, mark: 'm2', at: AT }, world.work)).toBe(
    `${NAME}_since_1435_2`,
  )
})

test('what is dumped and what is counted are of one moment, while others write', async () => {
  let writing = true
  const writer = (async () => {
    while (writing)
      await world.sql(NAME, "INSERT INTO shop.orders (what) SELECT 'busy' FROM generate_series(1, 50)")
  })()
  const { measure } = await dumped()
  writing = false
  await writer
  await restoreScratch(world.postgres, { database: NAME, file: file(), measure, mark: 'm' }, world.work)
  expect(await count(scratchName('m'))).toBe(measure.tables['shop.orders']!.rows)
})

test('a cut dump, one of something else, an empty one: found, and nothing is changed', async () => {
  const { measure } = await dumped()
  const whole = readFileSync(file())
  const restore = () =>
    restoreScratch(world.postgres, { database: NAME, file: file(), measure, mark: 'm' }, world.work)
  writeFileSync(file(), whole.subarray(0, whole.length - 200))
  await expect(restore()).rejects.toThrow(/pg_restore/)
  await world.sql(NAME, "UPDATE shop.orders SET what = 'else' WHERE id = 7")
  await dump(world.postgres, NAME, file(), world.work, nothing)
  await expect(restore()).rejects.toThrow('shop.orders has other rows')
  await world.sql('postgres', 'CREATE DATABASE empty')
  await dump(world.postgres, 'empty', file(), world.work, nothing)
  await expect(restore()).rejects.toThrow('shop.orders is missing')
  expect(await count(NAME)).toBe(500)
  await expect(swap(world.postgres, { database: NAME, mark: 'other', at: AT }, world.work)).rejects.toThrow(
    'is not there any more',
  )
})

test('those who are in the database are sent away, and may in again afterwards', async () => {
  const { measure } = await dumped()
  await restoreScratch(world.postgres, { database: NAME, file: file(), measure, mark: 'm' }, world.work)
  const sleeper = world.sql(NAME, 'SELECT pg_sleep(60)').then(
    () => 'slept',
    () => 'sent away',
  )
  const asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
  while ((await world.sql('postgres', asleep)).trim() !== '1')
    await new Promise((resolve) => setTimeout(resolve, 50))
  await swap(world.postgres, { database: NAME, mark: 'm', at: AT }, world.work)
  expect(await sleeper).toBe('sent away')
  expect(await count(NAME)).toBe(500)
})

test('killed after the door was closed: done again it goes on, or it is opened again', async () => {
  const { measure } = await dumped()
  await restoreScratch(world.postgres, { database: NAME, file: file(), measure, mark: 'm' }, world.work)
  await world.sql('postgres', `ALTER DATABASE "${NAME}" WITH ALLOW_CONNECTIONS false`)
  await expect(count(NAME)).rejects.toThrow('not currently accepting')
  await reopen(world.postgres, { database: NAME, mark: 'm', at: AT }, world.signal)
  expect(await count(NAME)).toBe(500)
  await world.sql('postgres', `ALTER DATABASE "${NAME}" WITH ALLOW_CONNECTIONS false`)
  await swap(world.postgres, { database: NAME, mark: 'm', at: AT }, world.work)
  expect(await count(NAME)).toBe(500)
})

test('an interrupted restore is made anew; a finished one is found; scratch goes when it is over', async () => {
  const { measure } = await dumped()
  const request = { database: NAME, file: file(), measure, mark: 'm' }
  await world.sql('postgres', `CREATE DATABASE "${scratchName('m')}"`)
  await world.sql(scratchName('m'), 'CREATE TABLE half (x int)')
  await restoreScratch(world.postgres, request, world.work)
  expect(await count(scratchName('m'))).toBe(500)
  writeFileSync(file(), 'gone')
  await restoreScratch(world.postgres, request, world.work)
  await dropScratch(world.postgres, NAME, 'm', world.signal)
  expect(await databases()).not.toContain('amphi_scratch')
})

test('names stay within what PostgreSQL takes', () => {
  expect(Buffer.byteLength(keptName('ü'.repeat(60), AT, 12))).toBeLessThanOrEqual(63)
})
