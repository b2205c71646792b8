import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectId } from '../domain/ids.ts'
import type { RollbackPoint } from '../domain/points/point.ts'
import { LABELS, withLabels } from '../runners/docker/labels.ts'
import { dockerPlace } from '../targets/docker/place.ts'
import { buildApp, removeApps } from '../targets/testing/app.ts'
import { type Rolling, startRolling } from './testing/rolling.ts'
import { backTo } from './testing/steps.ts'

/** A target is taken down and comes back: by deploying anew, and by the point that was made before. */
let world: Rolling
let v1: string
beforeAll(async () => {
  world = await startRolling()
  v1 = await buildApp(world.bench.docker, 'v1', { SLOW_MS: '9' })
  await done({ do: 'deploy', from: { image: v1 }, version: 'v1' })
  await world.sql("create table users (id int, name text); insert into users values (1, 'ann')")
}, 300_000)
afterAll(async () => {
  await world.dispose()
  await removeApps([v1])
})

const done: Rolling['done'] = (action, run) => world.done(action, run)

async function left() {
  const { docker, install } = world.bench
  const filters = withLabels({ [LABELS.install]: install, [LABELS.target]: 'staging' })
  const containers = await docker.listContainers({ all: true, filters })
  const networks = await docker.listNetworks({ filters })
  const { Volumes } = await docker.listVolumes({ filters })
  return [containers.length, networks.length, Volumes.length]
}
const folder = () => dockerPlace(world.bench.tools, projectId('shop'), world.bench.target)!.folder

async function back(point: RollbackPoint, run: string) {
  for (const action of [...backTo(point, 'database', 'image'), { do: 'verify' } as const])
    await done(action, run)
}

test('nothing runs any more, the data are kept, and a deployment finds them again', async () => {
  const { outputs } = await done({ do: 'take-down', withData: false })
  expect(outputs).toMatchObject({ 'taken-down': '', point: expect.stringContaining('"hand"') })
  expect(await left()).toEqual([0, 0, 1])
  await expect(world.bench.get('/')).rejects.toThrow()
  // Done again, it finds nothing to do.
  await done({ do: 'take-down', withData: false })
  await done({ do: 'deploy', from: { image: v1 }, version: 'v1' })
  expect(await world.bench.get('/')).toBe('200 v1')
  expect(await world.sql('select name from users')).toBe('ann')
}, 300_000)

test('with its data nothing is left but the point, which brings all of it back', async () => {
  await done({ do: 'take-down', withData: true })
  const point = world.points.at(-1)!
  expect(point).toMatchObject({
    why: 'hand',
    release: { version: 'v1' },
    database: { rows: { 'public.users': 1 } },
  })
  expect([await left(), existsSync(folder())]).toEqual([[0, 0, 0], false])
  await back(point, 'back')
  expect(await world.bench.get('/')).toBe('200 v1')
  expect(await world.sql('select name from users')).toBe('ann')
}, 300_000)
