import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { projectId } from '../domain/ids.ts'
import type { TaskAction } from '../domain/targets/target.ts'
import { connectDocker } from '../runners/docker/client.ts'
import { dockerPlace } from '../targets/docker/place.ts'
import { databaseName } from '../targets/docker/postgres.ts'
import { buildApp, removeApps } from '../targets/testing/app.ts'
import type { Acted } from '../targets/testing/bench.ts'
import { type DockerGate, dockerGate } from '../targets/testing/dockerGate.ts'
import { atSteps } from '../targets/testing/moments.ts'
import { pointsFolder } from './pointFolder.ts'
import { type Rolling, startRolling } from './testing/rolling.ts'
import {
  expectKnown,
  outage,
  pause,
  pauseNewest,
  type SmallDisk,
  smallDisk,
  unpause,
} from './testing/trouble.ts'

/**
 * What comes of a migration and of a backup when Docker is away, the target or its database hangs, or the disk of the
 * data folder is full, at every step: what is told of them is what became of the data, and from it one goes on.
 * Of the database's own disk `fullDatabase.e2e.test.ts`, of killed engines `killed.e2e.test.ts`.
 */
const { docker, close } = connectDocker()
/** Every step in the long form (`npm run soak outcomes`), else every second one. */
const STRIDE = process.env.AMPHITHEATRE_SOAK === '1' ? 1 : 2
/** Of a migration: network, database, point, the command, its container. */
const STEPS = 5
const MIGRATE = 4
const POINT: TaskAction = { do: 'point', name: null, why: 'hand' }
const ANSWER_MS = 10_000
let folder: string
let gate: DockerGate
let disk: SmallDisk
let world: Rolling
let app: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'amphi-m-'))
  gate = await dockerGate(join(folder, 'd.sock'))
  app = await buildApp(docker, 'migrating-1', { SLOW_MS: '6' })
  disk = smallDisk(folder)
  world = await startRolling({}, gate.socketPath, ANSWER_MS)
  await done({ do: 'deploy', from: { image: app }, version: 'v1' })
  await done({
    do: 'migrate',
    run: `psql -qc "create table users (name text); insert into users values ('ann'); create table runs (at int)"`,
  })
}, 300_000)
afterEach(async () => {
  disk.free()
  await gate.open()
  await unpause(docker, world.bench.install)
  // Where a test ended before it came to that.
  await docker
    .getContainer(database())
    .unpause()
    .catch(() => undefined)
})
afterAll(async () => {
  await world?.dispose()
  await gate?.dispose()
  await disk?.dispose()
  rmSync(folder, { recursive: true, force: true })
  await removeApps([app])
  close()
})

async function done(action: TaskAction): Promise<Acted> {
  const acted = await world.act(action)
  expect([action.do, acted.exit.error]).toEqual([action.do, null])
  return acted
}

/** Its mark is one row. */
const migrate = (mark: number, rest = ''): TaskAction => ({
  do: 'migrate',
  run: `psql -v ON_ERROR_STOP=1 -qc "insert into runs values (${mark})"${rest}`,
})
const marks = (mark: number): Promise<string> => world.sql(`select count(*) from runs where at = ${mark}`)
const database = (): string =>
  databaseName(dockerPlace(world.bench.tools, projectId('shop'), world.bench.target)!)

/** What is told of it is so, and what was there before is there. */
async function expectTrue(acted: Acted, mark: number, moment: string): Promise<void> {
  expectKnown(acted, moment)
  if (acted.exit.code === 0) expect(await marks(mark), moment).toBe('1')
  else if (acted.outputs.state === undefined) expect(await marks(mark), moment).toBe('0')
  else expect(['0', '1'], moment).toContain(await marks(mark))
  expect(await world.sql('select name from users'), moment).toBe('ann')
  expect(await world.bench.get('/'), moment).toBe('200 migrating-1')
}

/** The newest can be restored, all of it. */
async function expectWhole(): Promise<void> {
  const { id, key } = world.points.at(-1)!
  const { outputs } = await done({ do: 'test-point', point: id, key })
  expect(JSON.parse(outputs.tested!)).toMatchObject({ ok: true })
}

test('Docker goes away at every step of a migration and in the middle of it, and the service hangs: it is done, once', async () => {
  await pauseNewest(docker, world.bench.install)
  let halfway = 0
  const spec = world.spec(migrate(1, ' && echo halfway && sleep 2'))
  const acted = await atSteps(
    world.bench,
    spec,
    (_, of) => {
      expect(of).toBe(STEPS)
      outage(gate)
    },
    async (words) => {
      if (words === 'halfway' && halfway++ === 0) outage(gate)
      else await gate.open()
    },
  )
  await unpause(docker, world.bench.install)
  expect([acted.exit.error, halfway > 0]).toEqual([null, true])
  await expectTrue(world.take(acted), 1, 'Docker away')
}, 120_000)

test('Docker goes away at the step of a backup, and breaks off in the middle of its data: the point is whole', async () => {
  await world.sql('create table many as select md5(n::text) from generate_series(1, 200000) n')
  const before = world.points.length
  const away = await atSteps(
    world.bench,
    world.spec(POINT),
    () => outage(gate),
    () => gate.open(),
  )
  expect(world.take(away).exit.error).toBeNull()
  const spec = world.spec(POINT)
  await world.bench.runner.start(spec)
  while (dumped() === 0 && (await world.bench.runner.find(spec.attempt))?.exit === null) await delay(1)
  gate.cut()
  expect(world.take(await world.bench.ended(spec)).exit.error).toBeNull()
  expect(world.points).toHaveLength(before + 2)
  await expectWhole()
  await world.sql('drop table many')
}, 120_000)

/** Bytes of what a point that is being made has of its data. */
function dumped(): number {
  const root = pointsFolder(world.bench.folder, projectId('shop'))
  const making = readdirSync(root).filter((name) => name.startsWith('.making-'))
  const sizes = making.map((name) => statSync(join(root, name, 'database.dump'), { throwIfNoEntry: false }))
  return sizes.reduce((sum, stats) => sum + (stats?.size ?? 0), 0)
}

test('the database stands still at any step of a migration: what is told is so, and the next one goes through', async () => {
  for (let step = MIGRATE; step > 0; step -= STRIDE === 1 ? 1 : MIGRATE) {
    const mark = 10 + step
    const acted = await atSteps(world.bench, world.spec(migrate(mark, ' && sleep 60')), async (now) => {
      if (now === step) while (!(await pause(docker, database()))) await delay(1)
    })
    expect(acted.exit.error, `standing still at step ${step}`).toMatch(/is paused.*docker unpause/)
    await docker.getContainer(database()).unpause()
    expect(acted.outputs.state).toBe(step === MIGRATE ? 'half' : undefined)
    await expectTrue(world.take(acted), mark, `standing still at step ${step}`)
    await done(migrate(mark + 10))
  }
}, 300_000)

test('the disk is full at any step of a migration or of a backup: nothing is half without a word, and it is done again', async () => {
  for (let step = 2; step <= STEPS; step += STRIDE) {
    const mark = 30 + step
    const acted = await atSteps(world.bench, world.spec(migrate(mark)), (now) => {
      if (now === step) disk.fillForAWhile()
    })
    disk.free()
    await expectTrue(world.take(acted), mark, `disk full at step ${step}`)
    if (acted.exit.code !== 0) await done(migrate(mark + 10))
  }
  const before = world.points.length
  const full = await atSteps(world.bench, world.spec(POINT), disk.fillForAWhile)
  disk.free()
  expect(full.exit.error).toMatch(/full|no space.*Free some/i)
  expect([full.outputs, dumped(), world.points.length]).toEqual([{}, 0, before])
  await done(POINT)
  await expectWhole()
}, 300_000)
