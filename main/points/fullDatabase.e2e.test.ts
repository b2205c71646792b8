import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectId } from '../domain/ids.ts'
import type { RollbackPoint } from '../domain/points/point.ts'
import type { TaskAction } from '../domain/targets/target.ts'
import { LABELS } from '../runners/docker/labels.ts'
import { ensurePostgresImage, POSTGRES_IMAGE } from '../runners/docker/postgresImage.ts'
import { exec } from '../targets/docker/containers.ts'
import { dockerPlace } from '../targets/docker/place.ts'
import { volumeName } from '../targets/docker/postgres.ts'
import { buildApp, removeApps } from '../targets/testing/app.ts'
import type { Acted } from '../targets/testing/bench.ts'
import { type Rolling, startRolling } from './testing/rolling.ts'

/**
 * The disk that the data of a PostgreSQL are on fills up in the middle of a migration: what happened is said in the
 * database's own words, with what to do; the point of before is there, and is gone back to as soon as there is room.
 */
let world: Rolling
let holder: string
let app: string
const ROOM_MB = 192
const USERS = 'select name from users'

beforeAll(async () => {
  world = await startRolling({}, undefined, 10_000)
  const { docker, install } = world.bench
  await ensurePostgresImage(docker, () => undefined)
  holder = await smallVolume()
  app = await buildApp(docker, `full-${install}`)
  await done({ do: 'deploy', from: { image: app }, version: 'v1' })
  await done({
    do: 'migrate',
    run: `psql -qc "create table users (id int, name text); insert into users values (1, 'ann')"`,
  })
}, 300_000)
afterAll(async () => {
  await world?.dispose()
  await removeApps([app])
})

/** The volume of the database in memory, with a container that keeps it there whatever becomes of the database. */
async function smallVolume(): Promise<string> {
  const { docker, install, tools, target } = world.bench
  const volume = volumeName(dockerPlace(tools, projectId('shop'), target)!)
  const labels = { [LABELS.install]: install }
  const how = { type: 'tmpfs', device: 'tmpfs', o: `size=${ROOM_MB}m,mode=0777` }
  await docker.createVolume({ Name: volume, Labels: labels, DriverOpts: how })
  const container = await docker.createContainer({
    name: `${volume}-holder`,
    Image: POSTGRES_IMAGE,
    Entrypoint: ['sleep', 'infinity'],
    Cmd: [],
    User: '0:0',
    Labels: labels,
    HostConfig: {
      NetworkMode: 'none',
      Mounts: [{ Type: 'volume', Source: volume, Target: '/data', VolumeOptions: noCopy }],
    },
  })
  await container.start()
  return container.id
}
const noCopy = { NoCopy: true, Labels: {}, DriverConfig: { Name: '', Options: {} } }

async function inside(script: string): Promise<void> {
  const signal = AbortSignal.timeout(60_000)
  const { code, output } = await exec(world.bench.docker, holder, ['sh', '-c', script], { signal })
  expect([code, output]).toEqual([0, expect.any(String)])
}

/** No more than that is left. */
const fill = (leaveMb: number): Promise<void> =>
  inside(
    `dd if=/dev/zero of=/data/filler bs=64k 2>/dev/null; truncate -s -${leaveMb}M /data/filler; df -m /data`,
  )
const free = (): Promise<void> => inside('rm -f /data/filler')

async function done(action: TaskAction, run?: string): Promise<Acted> {
  const acted = await world.act(action, run)
  expect([action.do, acted.exit.error]).toEqual([action.do, null])
  return acted
}

/** Loses a column, then needs more room than there is. */
const migrate = (sql: string): TaskAction => ({
  do: 'migrate',
  run: `psql -v ON_ERROR_STOP=1 -qc "alter table users drop column name" -c "${sql}"`,
})

function expectHalf({ exit, outputs }: Acted): RollbackPoint {
  expect(exit.error).toMatch(/No space left on device.*free some disk space.*Go back with: amphi rollback/s)
  expect(outputs).toMatchObject({ state: 'half', reason: exit.error })
  const point = world.points.at(-1)!
  expect(point).toMatchObject({ why: 'migrate', database: { rows: { 'public.users': 1 } } })
  return point
}

async function goBack({ id: point, key }: RollbackPoint, run: string): Promise<void> {
  await done({ do: 'point', name: null, why: 'rollback' }, run)
  await done({ do: 'scratch', point, key }, run)
  await done({ do: 'hold' }, run)
  await done({ do: 'restore', point, key, part: 'database' }, run)
  await done({ do: 'open' }, run)
  expect(await world.sql(USERS)).toBe('ann')
}

test('a table has no room: half done, and back as soon as there is room', async () => {
  await fill(4)
  const big = "create unlogged table big as select repeat('x', 500) from generate_series(1, 100000)"
  const point = expectHalf(world.take(await world.act(migrate(big))))
  // What is restored beside the present has no room either: that is told, and leaves nothing.
  await fill(0)
  const failed = await world.act({ do: 'scratch', point: point.id, key: point.key })
  expect(failed.exit.error).toMatch(/No space left on device.*Free some disk space, then retry/s)
  expect(await world.sql('select count(*) from users')).toBe('1')
  expect(await world.sql("select count(*) from pg_database where datname like 'amphi_%'")).toBe('0')
  await free()
  await goBack(point, 'table')
}, 300_000)

test('the log of the database has no room, which ends it: that is told, and back as soon as there is room', async () => {
  await fill(1)
  const log = "select pg_logical_emit_message(false, 'x', repeat('x', 1000000)) from generate_series(1, 200)"
  const point = expectHalf(world.take(await world.act(migrate(log))))
  const failed = await world.act({ do: 'point', name: null, why: 'rollback' })
  if (failed.exit.error !== null) expect(failed.exit.error).toMatch(/no space left.*free some disk space/is)
  else world.take(failed)
  await free()
  await goBack(point, 'log')
}, 300_000)
