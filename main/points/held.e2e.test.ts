import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Command, Outcome } from '../domain/commands.ts'
import { projectId } from '../domain/ids.ts'
import type { RollbackPoint } from '../domain/points/point.ts'
import { dockerPlace, nameOfPart } from '../targets/docker/place.ts'
import { currentOrders, order } from '../targets/docker/proxy.ts'
import { buildApp, removeApps } from '../targets/testing/app.ts'
import { createPointCommits } from '../workspaces/pointCommits.ts'
import { createPointTools } from './createPoints.ts'
import { readHeld } from './dockerHold.ts'
import { HoldKeeper } from './holdKeeper.ts'
import { DUMP, folderOf } from './pointFolder.ts'
import { type Rolling, startRolling } from './testing/rolling.ts'
import { backTo, restore, scratch } from './testing/steps.ts'

/** A rollback that does not come to its end leaves nobody waiting. */
let world: Rolling
let v1: string
let v2: string
let point: RollbackPoint
const SHOP = projectId('shop')

beforeAll(async () => {
  world = await startRolling()
  // Images of its own: those of other tests go when those end.
  v1 = await buildApp(world.bench.docker, 'v1', { SLOW_MS: '13' })
  v2 = await buildApp(world.bench.docker, 'v2', { SLOW_MS: '13' })
  await done({ do: 'deploy', from: { image: v1 }, version: 'v1' })
  await world.sql('create table users (id int); insert into users values (1)')
  await done({ do: 'point', name: null, why: 'hand' })
  point = world.points.at(-1)!
}, 300_000)
afterAll(async () => {
  await world.dispose()
  await removeApps([v1, v2])
})
beforeEach(async () => {
  await done({ do: 'deploy', from: { image: v2 }, version: 'v2' })
}, 120_000)

const done: Rolling['done'] = (action, run) => world.done(action, run)
const place = () => dockerPlace(world.bench.tools, SHOP, world.bench.target)!
const held = () => existsSync(join(place().folder, 'held.json'))
const now = () => AbortSignal.timeout(60_000)

/** As the engine's records would have it. */
function keeperOver(status: 'running' | 'stopped', run: string) {
  const told: Command[] = []
  const dispatch = async (command: Command): Promise<Outcome> => {
    told.push(command)
    return { ok: true, seq: 0 }
  }
  const targets = { staging: { spec: world.bench.target, busy: null } }
  const state = {
    projects: new Map([[SHOP, { id: SHOP, targets }]]),
    runs: new Map([[run, { id: run, status }]]),
  }
  const { tools } = world.bench
  const commits = createPointCommits({ dataDir: tools.dataDir })
  const keeper = new HoldKeeper(createPointTools({ dataDir: tools.dataDir, commits }, tools))
  keeper.follow({ state, dispatch, onPublish: () => () => undefined } as never, () => undefined)
  return { keeper, told }
}

test('data that cannot be put back: nothing was changed, and what answered before answers again', async () => {
  await done(scratch(point), 'a')
  await done({ do: 'hold' }, 'a')
  const waiting = world.bench.get('/')
  const dump = join(folderOf(world.bench.folder, SHOP, point.key), DUMP)
  const whole = readFileSync(dump)
  truncateSync(dump, whole.length - 1)
  const failed = await world.act(restore(point, 'database'), 'a')
  writeFileSync(dump, whole)
  expect(failed.exit.code).toBe(1)
  expect(failed.outputs).toMatchObject({
    state: 'unverified',
    reason: expect.stringMatching(/^Nothing was changed, v2 answers again\. .*bytes/),
  })
  expect(await waiting).toBe('200 v2')
  expect(held()).toBe(false)
  // Tried again, it is held anew, and goes through.
  await done(restore(point, 'database'), 'a')
  expect((await currentOrders(place())).upstream).toBeNull()
  await done({ do: 'open' }, 'a')
  expect(await world.bench.get('/')).toBe('200 v2')
}, 300_000)

test('an exchange that does not come off is taken back, with the hold', async () => {
  await done({ do: 'hold' }, 'b')
  // Nothing was restored beside: there is nothing to put in the place of the present data.
  const failed = await world.act(restore(point, 'database'), 'b')
  expect(failed.exit.error).toContain('is not there any more')
  expect(failed.outputs).toMatchObject({
    state: 'unverified',
    reason: expect.stringContaining('v2 answers again'),
  })
  expect(await world.bench.get('/')).toBe('200 v2')
}, 300_000)

test('after the exchange requests are refused at once, by a target that is half; going back from there works', async () => {
  await done({ do: 'point', name: null, why: 'rollback' }, 'c')
  const saved = world.points.at(-1)!
  await done(scratch(point), 'c')
  await done({ do: 'hold' }, 'c')
  await done(restore(point, 'database'), 'c')
  const waiting = world.bench.get('/')
  const gone = { ...point, release: { ...point.release!, image: `sha256:${'0'.repeat(64)}` } }
  world.points[world.points.indexOf(point)] = gone
  const failed = await world.act(restore(point, 'image'), 'c')
  world.points[world.points.indexOf(gone)] = point
  expect(failed.exit.error).toContain('is not there any more')
  expect(failed.outputs).toMatchObject({ state: 'half', reason: expect.stringContaining('refused (503)') })
  expect(await waiting).toMatch(/^503/)
  const answer = await fetch(`http://127.0.0.1:${world.bench.port}/`)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
  // The run ends: what answered before must not be let at data that are not its own.
  const { keeper, told } = keeperOver('stopped', 'c')
  await keeper.settled()
  expect(told).toEqual([])
  await keeper.close()
  for (const action of backTo(saved, 'database', 'image')) await done(action, 'd')
  expect(await world.bench.get('/')).toBe('200 v2')
  expect(held()).toBe(false)
}, 300_000)

test('a rollback that a person stopped between two steps: before the exchange v2 answers again', async () => {
  await done({ do: 'hold' }, 'e')
  const waiting = world.bench.get('/')
  const going = keeperOver('running', 'e')
  await going.keeper.settled()
  await going.keeper.close()
  expect([going.told, held()]).toEqual([[], true])
  const { keeper, told } = keeperOver('stopped', 'e')
  await keeper.settled()
  await keeper.close()
  expect(told).toEqual([
    {
      type: 'report.let-go',
      project: SHOP,
      target: 'staging',
      run: 'e',
      state: 'unverified',
      reason: 'Nothing was changed, v2 answers again.',
    },
  ])
  expect(await waiting).toBe('200 v2')
}, 300_000)

test('what cannot be let go is told, and let go as soon as it can be, though its run stands still', async () => {
  await done({ do: 'hold' }, 'g')
  const waiting = world.bench.get('/')
  const { docker } = world.bench
  const name = nameOfPart(place(), (await readHeld(place()))!.upstream.host)
  await docker.getContainer(name).rename({ name: `${name}-aside` })
  // Nothing is restored beside: the step fails, and cannot put back what was there.
  const failed = await world.act(restore(point, 'database'), 'g')
  expect(failed.outputs).toMatchObject({
    state: 'half',
    reason: expect.stringMatching(/staging is held.*started as soon as it can be.*Retry the step/),
  })
  const still = keeperOver('running', 'g')
  await still.keeper.settled()
  await still.keeper.close()
  expect(still.told).toMatchObject([
    { state: 'half', reason: expect.stringMatching(/could not be started yet: .* is gone.*amphi rollback/) },
  ])
  await docker.getContainer(`${name}-aside`).rename({ name })
  const { keeper, told } = keeperOver('running', 'g')
  await keeper.settled()
  await keeper.close()
  expect(told).toMatchObject([{ state: 'unverified', reason: 'Nothing was changed, v2 answers again.' }])
  expect(await waiting).toBe('200 v2')
}, 300_000)

test('after it: they are refused, and that is told', async () => {
  await done(scratch(point), 'f')
  await done({ do: 'hold' }, 'f')
  await done(restore(point, 'database'), 'f')
  const { keeper, told } = keeperOver('stopped', 'f')
  await keeper.settled()
  await keeper.close()
  expect(told).toMatchObject([{ state: 'half', reason: expect.stringContaining('refused (503)') }])
  expect(await world.bench.get('/')).toMatch(/^503/)
}, 300_000)

test('nobody waits longer than the hold lasts, though no engine is there to say so', async () => {
  await order(place(), { upstream: null, holdMs: 300 }, now())
  const { until } = await currentOrders(place())
  expect(await world.bench.get('/')).toMatch(/^503/)
  expect(Date.now()).toBeGreaterThanOrEqual(until!)
  // Who comes later does not begin to wait anew.
  const begun = performance.now()
  expect(await world.bench.get('/')).toMatch(/^503/)
  expect(await world.bench.get('/')).toMatch(/^503/)
  expect(performance.now() - begun).toBeLessThan(600)
}, 60_000)
