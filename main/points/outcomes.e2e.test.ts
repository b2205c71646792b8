import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { projectId } from '../domain/ids.ts'
import type { RollbackPoint } from '../domain/points/point.ts'
import type { TargetSpec, TaskAction } from '../domain/targets/target.ts'
import { connectDocker } from '../runners/docker/client.ts'
import { buildApp, removeApps } from '../targets/testing/app.ts'
import { createTargetBench, type TargetBench } from '../targets/testing/bench.ts'
import { type DockerGate, dockerGate } from '../targets/testing/dockerGate.ts'
import { atSteps } from '../targets/testing/moments.ts'
import { DUMP, folderOf } from './pointFolder.ts'
import { type Rolling, startRolling } from './testing/rolling.ts'
import { expectKnown, outage, pauseNewest, type SmallDisk, smallDisk, unpause } from './testing/trouble.ts'

/**
 * What comes of it when Docker is away, the target hangs, the disk is full, or a snapshot cannot be read, at every step
 * of a deployment and of a rollback: always a state that is known, with words that name the next step, and from it one
 * can go on. Engines that are killed and databases that hang have tests of their own (docs/testing.md has the table).
 */
const { docker, close } = connectDocker()
const images: string[] = []
let [v1, v2] = ['', '']
let folder: string
const ending: (() => Promise<void>)[] = []
/** Every step in the long form (`npm run soak outcomes`), else every second one. */
const STRIDE = process.env.AMPHITHEATRE_SOAK === '1' ? 1 : 2

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'amphi-o-'))
  v1 = await buildApp(docker, 'outcome-1', { SLOW_MS: '6' })
  v2 = await buildApp(docker, 'outcome-2', { SLOW_MS: '6' })
  images.push(v1, v2)
}, 240_000)
afterEach(async () => {
  const ended = []
  for (const end of ending.splice(0).toReversed()) ended.push(...(await Promise.allSettled([end()])))
  expect(ended.filter(({ status }) => status === 'rejected')).toEqual([])
}, 60_000)
afterAll(async () => {
  await removeApps(images)
  close()
  rmSync(folder, { recursive: true, force: true })
})

const deploy = (image: string): TaskAction => ({
  do: 'deploy',
  from: { image },
  version: image === v1 ? 'v1' : 'v2',
})

async function benchWith(more: { readonly socketPath?: string } = {}): Promise<TargetBench> {
  const bench = await createTargetBench({}, undefined, more.socketPath)
  ending.push(() => bench.dispose())
  expect((await bench.act(bench.spec(deploy(v1)))).exit.error).toBeNull()
  return bench
}

/** What does not answer is given up soon. */
function impatient(target: TargetSpec): TargetSpec {
  const { place } = target
  if (place.kind !== 'docker') throw new Error('it is in Docker')
  const health = { path: '/health', intervalMs: 50, timeoutMs: 1_000, withinMs: 6_000 }
  return { ...target, place: { ...place, service: { ...place.service, health } } }
}

test('Docker goes away at every step of a deployment, and comes back: it is done, once', async () => {
  const gate = await gateHere()
  const bench = await benchWith(gate)
  let last = 0
  const acted = await atSteps(
    bench,
    bench.spec(deploy(v2)),
    (step, of) => {
      last = of
      expect(step).toBeLessThanOrEqual(of)
      outage(gate)
    },
    () => gate.open(),
  )
  expect([acted.exit.code, acted.exit.error]).toEqual([0, null])
  expect(last).toBeGreaterThanOrEqual(8)
  expect(await bench.get('/')).toBe('200 outcome-2')
}, 120_000)

test('the target hangs at any step of a deployment: what answers is known, and the next one goes through', async () => {
  const bench = await benchWith()
  const hasty = impatient(bench.target)
  let current = v1
  for (let [step, of] = [1, 99]; step <= of; step += STRIDE) {
    const next = current === v1 ? v2 : v1
    const acted = await atSteps(bench, bench.spec(deploy(next), { target: hasty }), async (now, all) => {
      of = all
      if (now === step) await pauseNewest(docker, bench.install)
    })
    expectKnown(acted, `hanging at step ${step}`)
    await unpause(docker, bench.install)
    if (acted.exit.code === 0) current = next
    if (acted.outputs.state === undefined || acted.exit.code === 0)
      expect(await bench.get('/'), `step ${step}`).toBe(`200 ${current === v1 ? 'outcome-1' : 'outcome-2'}`)
  }
  const again = await bench.act(bench.spec(deploy(current === v1 ? v2 : v1)))
  expect(again.exit.error).toBeNull()
}, 300_000)

test('the disk is full at any step of a deployment: the version before answers, and the next one goes through', async () => {
  const disk = diskHere()
  const bench = await benchWith()
  for (let [step, of] = [1, 99]; step <= of; step += STRIDE) {
    const acted = await atSteps(bench, bench.spec(deploy(v2)), (now, all) => {
      of = all
      if (now === step) disk.fillForAWhile()
    })
    expectKnown(acted, `disk full at step ${step}`)
    disk.free()
    const answers = await bench.get('/')
    expect(answers, `step ${step}`).toBe(acted.exit.code === 0 ? '200 outcome-2' : '200 outcome-1')
    if (acted.exit.code === 0) expect((await bench.act(bench.spec(deploy(v1)))).exit.error).toBeNull()
  }
  expect((await bench.act(bench.spec(deploy(v2)))).exit.error).toBeNull()
}, 300_000)

const BACK = ['point', 'scratch', 'hold', 'database', 'environment', 'image', 'verify'] as const

test('Docker goes away at every step of a rollback, and comes back: it is done', async () => {
  const gate = await gateHere()
  const { world, point } = await broken(gate)
  for (const name of BACK) {
    const acted = world.take(
      await atSteps(
        world.bench,
        world.spec(action(name, point), 'back'),
        () => outage(gate),
        () => gate.open(),
      ),
    )
    await gate.open()
    expect([name, acted.exit.error]).toEqual([name, null])
  }
  await isBack(world)
}, 240_000)

test('the target hangs at every step of a rollback: the step is told, and done again when it does not', async () => {
  const { world, point } = await broken()
  const { install, target } = world.bench
  for (const name of BACK) {
    const spec = world.spec(action(name, point), 'back')
    const hasty = { ...spec, action: { ...spec.action, target: impatient(target) } }
    const acted = world.take(await atSteps(world.bench, hasty, () => pauseNewest(docker, install)))
    expectKnown(acted, `hanging at ${name}`)
    await unpause(docker, install)
    if (acted.exit.code !== 0)
      expect([name, (await world.act(action(name, point), 'back')).exit.error]).toEqual([name, null])
  }
  await isBack(world)
}, 240_000)

test('the disk is full at any step of a rollback: the step is told, and done again when there is room', async () => {
  const disk = diskHere()
  const { world, point } = await broken()
  for (const name of BACK) {
    const acted = await atSteps(world.bench, world.spec(action(name, point), 'back'), disk.fillForAWhile)
    expectKnown(acted, `disk full at ${name}`)
    disk.free()
    if (acted.exit.code === 0) world.take(acted)
    else expect([name, (await world.act(action(name, point), 'back')).exit.error]).toEqual([name, null])
  }
  await isBack(world)
}, 240_000)

test('a snapshot that becomes unreadable at any step of a rollback: nothing is lost, and it goes on when it is mended', async () => {
  const { world, point } = await broken()
  const file = join(folderOf(world.bench.folder, projectId('shop'), point.key), DUMP)
  const whole = readFileSync(file)
  for (const name of BACK) {
    truncateSync(file, Math.floor(whole.length / 2))
    const acted = await world.act(action(name, point), 'back')
    expectKnown(acted, `unreadable at ${name}`)
    writeFileSync(file, whole)
    if (acted.exit.code === 0) continue
    expect(acted.exit.error).toMatch(/bytes and not|Choose another point/)
    expect(await world.sql('select count(*) from users'), name).toBe('2')
    expect([name, (await world.act(action(name, point), 'back')).exit.error]).toEqual([name, null])
  }
  await isBack(world)
}, 240_000)

/** v2 is there, with a migration since v1 that lost a column, and a row since. */
async function broken(
  gate?: DockerGate,
): Promise<{ readonly world: Rolling; readonly point: RollbackPoint }> {
  const world = await startRolling({}, gate?.socketPath)
  ending.push(() => world.dispose())
  const done = async (what: TaskAction): Promise<void> => {
    expect((await world.act(what)).exit.error).toBeNull()
  }
  await done({
    do: 'migrate',
    run: 'psql -qc "create table users (id int, name text); insert into users values (1, \'ann\')"',
  })
  await done(deploy(v1))
  await done({ do: 'migrate', run: 'psql -qc "alter table users drop column name"' })
  const point = world.points.at(-1)!
  await done(deploy(v2))
  await world.sql('insert into users values (2)')
  return { world, point }
}

async function isBack(world: Rolling): Promise<void> {
  expect(await world.bench.get('/')).toBe('200 outcome-1')
  expect(await world.sql('select id, name from users')).toBe('1|ann')
}

function action(name: (typeof BACK)[number], { id: point, key }: RollbackPoint): TaskAction {
  switch (name) {
    case 'point':
      return { do: 'point', name: null, why: 'rollback' }
    case 'scratch':
      return { do: 'scratch', point, key }
    case 'hold':
    case 'verify':
      return { do: name }
    default:
      return { do: 'restore', point, key, part: name }
  }
}

async function gateHere(): Promise<DockerGate> {
  const gate = await dockerGate(join(folder, `d${ending.length}.sock`))
  ending.push(gate.dispose)
  return gate
}

function diskHere(): SmallDisk {
  const disk = smallDisk(folder)
  ending.push(disk.dispose)
  return disk
}
