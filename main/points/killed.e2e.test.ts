import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { RollbackPoint } from '../domain/points/point.ts'
import type { TaskAction } from '../domain/targets/target.ts'
import type { ActionSpec } from '../targets/actions.ts'
import { buildApp, removeApps } from '../targets/testing/app.ts'
import type { Acted } from '../targets/testing/bench.ts'
import { journals } from '../targets/testing/journals.ts'
import { type Rolling, startRolling } from './testing/rolling.ts'

/**
 * The program is killed where it hurts most, and started again each time: while it puts back what failed, and in the
 * middle of steps. `e2e/targets.test.ts` and `e2e/rollback.test.ts` do the same to the whole engine while all goes well.
 */
let world: Rolling
let point: RollbackPoint
let [v1, v2, bad] = ['', '', '']
/** At work while a test looks on. */
let program: ChildProcess | undefined
/** Each life of a program that is killed in the middle of things is so much longer than the one before. */
const GROWTH = process.env.AMPHITHEATRE_SOAK === '1' ? 1.1 : 1.7
const FIRST_LIFE_MS = 40
const MANY = 150

beforeAll(async () => {
  world = await startRolling()
  const { docker } = world.bench
  v1 = await buildApp(docker, 'killed-1', { SLOW_MS: '15' })
  v2 = await buildApp(docker, 'killed-2', { SLOW_MS: '15' })
  bad = await buildApp(docker, 'killed-3', { SLOW_MS: '15', ROOT: '500' })
  await done({ do: 'deploy', from: { image: v1 }, version: 'v1' })
  await world.sql("create table users (id int, name text); insert into users values (1, 'ann')")
  await done({ do: 'point', name: null, why: 'hand' })
  point = world.points.at(-1)!
}, 300_000)
afterEach(() => {
  program?.kill('SIGKILL')
})
afterAll(async () => {
  await world.dispose()
  await removeApps([v1, v2, bad])
})

async function done(action: TaskAction): Promise<void> {
  expect([action.do, (await world.act(action)).exit.error]).toEqual([action.do, null])
}

/** v2 is there, whose migration lost a column, and a row since. */
async function breakIt(): Promise<void> {
  await done({ do: 'deploy', from: { image: v2 }, version: 'v2' })
  await world.sql('alter table users drop column name; insert into users values (2)')
}

/** Carried out by programs of its own that are killed when `due` says so. It is asked with how long each is at work. */
async function killing(spec: ActionSpec, due: (start: number, livedMs: number) => boolean): Promise<Acted> {
  const { folder, install, tools } = world.bench
  const file = join(folder, 'spec.json')
  writeFileSync(file, JSON.stringify(spec))
  const path = join(import.meta.dirname, 'testing/carryOut.ts')
  for (let start = 1; ; start++) {
    expect(start, lines(folder).slice(-8).join('\n')).toBeLessThan(MANY)
    const child = spawn(process.execPath, [path, folder, install, String(tools.uid), file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    program = child
    let ended = false
    const over = once(child, 'exit').then(() => {
      ended = true
    })
    await Promise.race([once(child.stdout!, 'data'), over])
    const begun = performance.now()
    while (!ended && !due(start, performance.now() - begun)) await Promise.race([over, delay(2)])
    if (ended) {
      expect([child.exitCode, child.signalCode]).toEqual([0, null])
      return world.take(await world.bench.ended(spec))
    }
    child.kill('SIGKILL')
    await over
  }
}

/** After every line of its journal. */
async function atLines(action: TaskAction, change: (spec: ActionSpec) => ActionSpec = (spec) => spec) {
  const { folder } = world.bench
  let [seen, kills] = [lines(folder).length, 0]
  const acted = await killing(change(world.spec(action, 'lines')), () => {
    const now = lines(folder).length
    if (now === seen) return false
    seen = now
    kills++
    return true
  })
  return { ...acted, kills }
}

/** In the middle of whatever it does. */
const inTheMiddle = (action: TaskAction): Promise<Acted> =>
  killing(world.spec(action, 'middle'), (start, livedMs) => livedMs > FIRST_LIFE_MS * GROWTH ** (start - 1))

const lines = (folder: string): readonly string[] => journals(folder).flat()

const restore = (part: 'database' | 'image'): TaskAction => ({
  ...{ do: 'restore', point: point.id, key: point.key },
  part,
})
const back = (): readonly TaskAction[] => [
  { do: 'point', name: null, why: 'rollback' },
  { do: 'scratch', point: point.id, key: point.key },
  { do: 'hold' },
  restore('database'),
]

async function isBack(): Promise<void> {
  expect(await world.bench.get('/')).toBe('200 killed-1')
  expect(await world.sql('select id, name from users')).toBe('1|ann')
}

test('a deployment that does not verify is put back however often the program dies meanwhile', async () => {
  await breakIt()
  const { kills, ...acted } = await atLines({ do: 'deploy', from: { image: bad }, version: 'v3' })
  expect(acted.exit.error).toContain('does not verify')
  expect(kills).toBeGreaterThanOrEqual(15)
  expect(acted.outputs.state ?? 'as before').not.toBe('half')
  expect(await world.bench.get('/')).toBe('200 killed-2')
  expect(await world.sql('select count(*) from users')).toBe('2')
}, 300_000)

test('a rollback whose image is gone ends refusing, told as half, however often the program dies meanwhile', async () => {
  let kills = 0
  for (const action of back()) {
    const acted = await atLines(action)
    expect([action.do, acted.exit.error]).toEqual([action.do, null])
    kills += acted.kills
  }
  const gone = { ...point, release: { ...point.release!, image: `sha256:${'0'.repeat(64)}` } }
  const acted = await atLines(restore('image'), (spec) => ({
    ...spec,
    action: { ...spec.action, points: spec.action.points.map((one) => (one.id === gone.id ? gone : one)) },
  }))
  expect(acted.exit.error).toContain('is not there any more')
  expect(acted.outputs).toMatchObject({
    state: 'half',
    reason: expect.stringMatching(/refused \(503\)\. Retry the step, or go back with amphi rollback/),
  })
  expect(kills + acted.kills).toBeGreaterThanOrEqual(12)
  expect(await world.bench.get('/')).toMatch(/^503/)
  // From there it goes on: the step is done again, as soon as its image is there.
  expect((await atLines(restore('image'))).exit.error).toBeNull()
  await isBack()
}, 300_000)

/** What it has done, and how often. */
const RAN = 'psql -v ON_ERROR_STOP=1 -qc "insert into runs values (1)"'
const runs = (): Promise<string> => world.sql('select count(*) from runs')

test('a migration that fails halfway is told as half, ran once, and is gone back from, however often the program dies', async () => {
  await world.sql(
    'create table runs (at int); alter table runs owner to owner; alter table users owner to owner',
  )
  const half = `${RAN} && psql -v ON_ERROR_STOP=1 -qc "alter table users drop column name" && psql -v ON_ERROR_STOP=1 -qc "select 1/0"`
  const { kills, ...acted } = await atLines({ do: 'migrate', run: half })
  expect(acted.exit.error).toMatch(/ended with code \d.*division by zero/)
  expect(acted.outputs).toMatchObject({
    state: 'half',
    reason: expect.stringMatching(/still there. Go back with: amphi rollback\.$/),
  })
  expect(kills).toBeGreaterThanOrEqual(8)
  expect(await runs()).toBe('1')
  const before = world.points.at(-1)!
  expect(before).toMatchObject({
    why: 'migrate',
    database: { rows: { 'public.users': 1, 'public.runs': 0 } },
  })
  for (const action of [
    { do: 'scratch', point: before.id, key: before.key },
    { do: 'hold' },
    { do: 'restore', point: before.id, key: before.key, part: 'database' },
    { do: 'open' },
  ] as const)
    await done(action)
  expect(await world.sql('select id, name from users')).toBe('1|ann')
  expect(await runs()).toBe('0')
}, 300_000)

test('killed in the middle of a migration and of a backup: it ran once, and the point is whole', async () => {
  const slow = `${RAN} && psql -qc "select pg_sleep(1)" && ${RAN}`
  const { exit, outputs } = await inTheMiddle({ do: 'migrate', run: slow })
  expect([exit.error, outputs.state, await runs()]).toEqual([null, undefined, '2'])
  expect((await inTheMiddle({ do: 'point', name: null, why: 'hand' })).exit.error).toBeNull()
  const { id, key, database } = world.points.at(-1)!
  expect(database?.rows).toMatchObject({ 'public.runs': 2 })
  const tested = await world.act({ do: 'test-point', point: id, key })
  expect(JSON.parse(tested.outputs.tested!)).toMatchObject({ ok: true })
}, 300_000)

test('killed in the middle of steps, a deployment and a rollback are through in the end, and nothing is done twice', async () => {
  const deployed = await inTheMiddle({ do: 'deploy', from: { image: v2 }, version: 'v2' })
  expect(deployed.exit.error).toBeNull()
  await world.sql('alter table users drop column name; insert into users values (2)')
  for (const action of [...back(), restore('image')])
    expect([action.do, (await inTheMiddle(action)).exit.error]).toEqual([action.do, null])
  await isBack()
  const kept = await world.sql("select datname from pg_database where datname like 'shop_since_%'")
  // One of each rollback, that of the migration too.
  expect(kept.split('\n')).toHaveLength(3)
}, 400_000)
