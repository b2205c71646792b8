import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectId } from '../domain/ids.ts'
import type { RollbackPoint } from '../domain/points/point.ts'
import { buildApp, removeApps } from '../targets/testing/app.ts'
import { createPointCommits } from '../workspaces/pointCommits.ts'
import { asideSight } from './aside.ts'
import { createPointTools } from './createPoints.ts'
import { type Rolling, startRolling } from './testing/rolling.ts'
import { backTo } from './testing/steps.ts'

/** What rollbacks put aside is seen, kept while it is needed, and let go by policy and by hand. */
let world: Rolling
let v1: string
let point: RollbackPoint
beforeAll(async () => {
  world = await startRolling({
    points: { keep: 9, maxAgeMs: null, test: null, remote: null, aside: { keep: 1, maxAgeMs: 3_600_000 } },
  })
  v1 = await buildApp(world.bench.docker, 'v1', { SLOW_MS: '11' })
  await done({ do: 'deploy', from: { image: v1 }, version: 'v1' })
  await world.sql('create table users (id int); insert into users values (1)')
  await done({ do: 'point', name: null, why: 'hand' })
  point = world.points.at(-1)!
}, 300_000)
afterAll(async () => {
  await world.dispose()
  await removeApps([v1])
})

const done: Rolling['done'] = (action, run) => world.done(action, run)

async function back(run: string): Promise<void> {
  await done({ do: 'point', name: null, why: 'rollback' }, run)
  for (const action of [...backTo(point, 'database'), { do: 'open' } as const]) await done(action, run)
}

const seen = () => {
  const { tools, target } = world.bench
  const commits = createPointCommits({ dataDir: tools.dataDir })
  return asideSight(
    createPointTools({ dataDir: tools.dataDir, commits }, tools),
    projectId('shop'),
    target,
    world.points,
  )
}
const names = async () => (await seen()).map(({ name }) => name).toSorted()
/** As if the policy had let the points of earlier rollbacks go. */
const forgetSaves = () => {
  for (const one of world.points.filter(({ why }) => why === 'rollback'))
    world.points.splice(world.points.indexOf(one), 1)
}

test('they are seen with their sizes, and with the point that could not be gone back to whole without them', async () => {
  await back('a')
  const saved = world.points.at(-1)!
  expect(await seen()).toEqual([
    {
      name: 'shop_since_1435',
      bytes: expect.any(Number),
      at: expect.any(Number),
      completes: saved.id,
      outdated: false,
    },
  ])
  expect((await seen())[0]!.bytes).toBeGreaterThan(1_000_000)
}, 300_000)

test('the owner of a database cannot have it taken for one', async () => {
  await world.sql("comment on database shop is 'amphitheatre: put aside 0123456789ab at 1'")
  expect(await names()).toEqual(['shop_since_1435'])
  const failed = await done({ do: 'drop-aside', names: ['shop'], anyway: true })
  expect(failed.said).toContain('shop is not there')
  expect(await world.sql('select id from users')).toBe('1')
}, 120_000)

test('one that is needed is dropped by nobody who does not say so', async () => {
  const [one] = await names()
  const refused = await world.act({ do: 'drop-aside', names: [one!], anyway: false })
  expect(refused.exit.error).toMatch(/has what was written after p\d+ was made and before the hold/)
  await back('b')
  expect(await names()).toEqual(['shop_since_1435', 'shop_since_1435_2'])
  await done({ do: 'drop-aside', names: [one!], anyway: true })
  expect(await names()).toEqual(['shop_since_1435_2'])
  // Done already, nothing is to be done.
  expect((await done({ do: 'drop-aside', names: [one!], anyway: false })).said).toContain(
    'not there (any more)',
  )
}, 300_000)

test('what nothing needs goes by the policy with the next point; scratch databases are none', async () => {
  await back('c')
  forgetSaves()
  const before = await seen()
  expect(before.map(({ outdated }) => outdated)).toEqual([false, true])
  const { said } = await done({ do: 'point', name: null, why: 'hand' })
  expect(said).toContain(`${before[1]!.name} (`)
  expect(await names()).toEqual([before[0]!.name])
}, 300_000)
