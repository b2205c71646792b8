import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { projectId } from '../domain/ids.ts'
import type { RollbackPoint } from '../domain/points/point.ts'
import type { TaskAction } from '../domain/targets/target.ts'
import { exec } from '../targets/docker/containers.ts'
import { dockerPlace } from '../targets/docker/place.ts'
import { databaseName, psql } from '../targets/docker/postgres.ts'
import { buildApp, removeApps } from '../targets/testing/app.ts'
import type { Acted } from '../targets/testing/bench.ts'
import { type Rolling, startRolling } from './testing/rolling.ts'

/**
 * A database that takes connections and says nothing: every step that needs it comes to an end in bounded time, with
 * the target in a state that is known and words that name the next step; from there it goes on once it answers again.
 */
const ANSWER_MS = 10_000
let world: Rolling
let v1: string
let v2: string
let point: RollbackPoint
const blockers: Promise<unknown>[] = []
const place = () => dockerPlace(world.bench.tools, projectId('shop'), world.bench.target)!

beforeAll(async () => {
  world = await startRolling({}, undefined, ANSWER_MS)
  v1 = await buildApp(world.bench.docker, 'hanging-1', { SLOW_MS: '11' })
  v2 = await buildApp(world.bench.docker, 'hanging-2', { SLOW_MS: '11' })
  await done({ do: 'deploy', from: { image: v1 }, version: 'v1' })
  await world.sql('create table users (id int); insert into users values (1)')
  await done({ do: 'point', name: null, why: 'hand' })
  point = world.points.at(-1)!
  await done({ do: 'deploy', from: { image: v2 }, version: 'v2' })
}, 300_000)
afterEach(async () => {
  await signal('CONT')
  // Who blocked the way is sent away; then nothing of an action that was given up is left in there either.
  await sql(
    "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
  )
  await Promise.all(blockers.splice(0))
}, 60_000)
afterAll(async () => {
  await world.dispose()
  await removeApps([v1, v2])
})

async function done(action: TaskAction, run?: string): Promise<Acted> {
  const acted = await world.act(action, run)
  expect([action.do, acted.exit.error]).toEqual([action.do, null])
  return acted
}

const sql = (statements: string): Promise<string> =>
  psql(place(), 'template1', statements, AbortSignal.timeout(60_000))

/** To every process of the server, none of which can do anything about it. */
async function signal(name: 'STOP' | 'CONT'): Promise<void> {
  const script = `for p in /proc/[0-9]*; do [ "$(cat $p/comm 2>/dev/null)" != postgres ] || kill -${name} \${p#/proc/}; done`
  const limit = AbortSignal.timeout(30_000)
  const { code, output } = await exec(world.bench.docker, databaseName(place()), ['sh', '-c', script], {
    signal: limit,
  })
  expect([code, output]).toEqual([0, ''])
}

async function until(question: string): Promise<void> {
  while ((await sql(question)) !== 't') await delay(50)
}

/** Held by somebody else until the test is over. */
async function block(statement: string, database: string): Promise<void> {
  const held = `begin; ${statement}; select pg_sleep(600)`
  // It ends when it is sent away.
  blockers.push(psql(place(), database, held, AbortSignal.timeout(300_000)).catch(() => undefined))
  await until("select exists (select from pg_stat_activity where wait_event = 'PgSleep')")
}

const WAITS = "select exists (select from pg_stat_activity where wait_event_type = 'Lock')"
const SILENT =
  /The database of staging (has not answered for 10 s|does not come up within \d+ s).*docker restart/s
const restore = (part: 'database'): TaskAction => ({ do: 'restore', point: point.id, key: point.key, part })

test('a backup that is under way is given up, and no half of it is left', async () => {
  const before = world.points.length
  await block('lock table users', 'shop')
  const spec = world.spec({ do: 'point', name: null, why: 'hand' })
  await world.bench.runner.start(spec)
  await until(WAITS)
  await signal('STOP')
  const failed = await world.bench.ended(spec)
  expect(failed.exit.error).toMatch(SILENT)
  expect([failed.outputs, world.points.length]).toEqual([{}, before])
}, 180_000)

test('a migration that is under way is ended, and told as half done with the way back', async () => {
  const spec = world.spec({ do: 'migrate', run: 'psql -c "select pg_sleep(600)"' })
  await world.bench.runner.start(spec)
  await until("select exists (select from pg_stat_activity where wait_event = 'PgSleep')")
  await signal('STOP')
  const failed = await world.bench.ended(spec)
  expect(failed.exit.error).toMatch(SILENT)
  expect(failed.outputs).toMatchObject({ state: 'half', reason: expect.stringContaining('amphi rollback') })
}, 180_000)

test('a restore test that is given up says nothing of the point', async () => {
  await signal('STOP')
  const failed = await world.act({ do: 'test-point', point: point.id, key: point.key })
  expect(failed.exit.error).toMatch(SILENT)
  expect(failed.outputs).toEqual({})
}, 180_000)

test('a rollback that holds the target: before the exchange what answered before answers again', async () => {
  await done({ do: 'scratch', point: point.id, key: point.key }, 'a')
  await done({ do: 'hold' }, 'a')
  const waiting = world.bench.get('/')
  await signal('STOP')
  const failed = await world.act(restore('database'), 'a')
  expect(failed.exit.error).toMatch(SILENT)
  expect(failed.outputs).toMatchObject({
    state: 'unverified',
    reason: expect.stringMatching(/^Nothing was changed, v2 answers again/),
  })
  expect(await waiting).toBe('200 hanging-2')
  expect(existsSync(join(place().folder, 'held.json'))).toBe(false)
}, 180_000)

test('in the middle of the exchange: requests are refused at once, that is told, and the step done again goes through', async () => {
  await done({ do: 'scratch', point: point.id, key: point.key }, 'b')
  await done({ do: 'hold' }, 'b')
  const scratch = await sql("select datname from pg_database where datname like 'amphi_scratch_%'")
  await block(`alter database ${scratch} connection limit 5`, 'template1')
  const spec = world.spec(restore('database'), 'b')
  await world.bench.runner.start(spec)
  await until(WAITS)
  const waiting = world.bench.get('/')
  await signal('STOP')
  const failed = world.take(await world.bench.ended(spec))
  expect(failed.exit.error).toMatch(SILENT)
  expect(failed.outputs).toMatchObject({
    state: 'half',
    reason: expect.stringMatching(
      /requests to staging are refused \(503\).*Retry the step, or go back with amphi rollback/s,
    ),
  })
  expect(await waiting).toMatch(/^503/)
  await signal('CONT')
  await sql("select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'")
  await done(restore('database'), 'b')
  await done({ do: 'open' }, 'b')
  expect(await world.bench.get('/')).toBe('200 hanging-2')
  expect(await world.sql('select count(*) from users')).toBe('1')
}, 300_000)

test('a deployment does not begin: the version before answers, and is not touched', async () => {
  await signal('STOP')
  const failed = await world.act({ do: 'deploy', from: { image: v1 }, version: 'v1' })
  expect(failed.exit.error).toMatch(SILENT)
  expect(failed.outputs).toEqual({})
  expect(await world.bench.get('/')).toBe('200 hanging-2')
}, 180_000)
