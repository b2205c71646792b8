import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import type { ProjectRecord } from '../main/domain/state.ts'
import { openPassive } from '../main/headless.ts'
import { connectDocker } from '../main/runners/docker/client.ts'
import { openSqliteStore } from '../main/store/sqliteStore.ts'
import { dockerPlace } from '../main/targets/docker/place.ts'
import { psql } from '../main/targets/docker/postgres.ts'
import { appFiles, removeApps } from '../main/targets/testing/app.ts'
import { freePort, removeAll } from '../main/targets/testing/bench.ts'
import { journaled, journals } from '../main/targets/testing/journals.ts'
import { type AmphiResult, amphi, jsonLines, PROJECT_ROOT } from './support/amphi.ts'
import { killed } from './support/processes.ts'
import { commitAll, git, type Playground, playground, writeFiles } from './support/repository.ts'

/** The whole way by the command line: v1, then a bad v2 with a migration, then back with one word. */
let place: Playground
let port: number
const { docker, close } = connectDocker()
const images = new Set<string>()
/** At work while a test looks on. */
let child: ChildProcess | undefined

beforeEach(async () => {
  port = await freePort()
  place = playground({ 'amphitheatre.yaml': projectFile(), '.gitignore': '.env\n', ...app('v1') })
  writeFiles(place.root, { '.env': 'LEVEL=1\n' })
})
afterEach(async () => {
  await killed(child)
  for (const { release } of (await record()).targets.staging?.history ?? [])
    if (release.image !== null) images.add(release.image)
  await removeAll(docker, await install())
  place.remove()
})
afterAll(async () => {
  await removeApps(images)
  close()
})

function app(version: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(appFiles(version, { SLOW_MS: '7' })).map(([name, text]) => [`app/${name}`, text]),
  )
}

function projectFile(): string {
  return `version: 1
name: shop
agents:
  - {name: DeployCommander, role: Deployment, skills: [deploy]}
targets:
  staging:
    docker:
      port: ${port}
      service: {port: 3000, health: {path: /health, interval: 50ms, within: 30s}}
    database: {kind: postgres, name: shop}
    verify: {paths: [/], timeout: 2s}
    env_files: [.env]
epics:
  first:
    phases:
      - name: First
        sequential:
          - {id: migrate, kind: migrate, target: staging, agent: DeployCommander, image: amphitheatre/postgres, run: 'psql -v ON_ERROR_STOP=1 -qc "create table users (id int, name text)"'}
          - {id: deploy, kind: deploy, target: staging, agent: DeployCommander, image: {build: app}, version: v1}
  second:
    phases:
      - name: Second
        sequential:
          - {id: migrate, title: Drop a column, kind: migrate, target: staging, agent: DeployCommander, image: amphitheatre/postgres, run: 'psql -v ON_ERROR_STOP=1 -qc "alter table users drop column name"'}
          - {id: deploy, kind: deploy, target: staging, agent: DeployCommander, image: {build: app}, version: v2}
          - {id: mail, agent: DeployCommander, workspace: none, irreversible: mails every customer, run: 'true'}
  work:
    phases:
      - name: Work
        tasks:
          - {id: write, agent: DeployCommander, writes: ['notes/**'], run: 'mkdir -p notes && echo new > notes/new'}
`
}

const here = (...args: readonly string[]): Promise<AmphiResult> =>
  amphi([...args, '--data', place.data], { cwd: place.root })

async function done(...args: readonly string[]): Promise<AmphiResult> {
  const result = await here(...args)
  expect(result.code, `${args.join(' ')}: ${result.stdout}${result.stderr}`).toBe(0)
  return result
}

async function install(): Promise<string> {
  const store = await openSqliteStore({ file: join(place.data, 'amphitheatre.db') })
  const id = await store.getMeta('install')
  await store.close()
  return id!
}

async function record(): Promise<ProjectRecord> {
  const center = await openPassive({ dataDir: place.data })
  return (await center.snapshot()).projects[0]!
}

async function sql(statements: string, database = 'shop'): Promise<string> {
  const { id, targets } = await record()
  const tools = { docker, install: await install(), dataDir: place.data, uid: 1, gid: 1, cpus: async () => 1 }
  const target = dockerPlace(tools, id, targets.staging!.spec)!
  return psql(target, database, statements, AbortSignal.timeout(60_000))
}

const get = async (path: string): Promise<string> => (await fetch(`http://127.0.0.1:${port}${path}`)).text()
const head = (): string => git(place.root, 'rev-parse', 'main').trim()

/** v1 with two users, then v2, which lost their names, and a third one since. Resolves to the commit of v1. */
async function breakIt(): Promise<string> {
  await done('run', 'first')
  const good = head()
  await sql("insert into users values (1, 'ann'), (2, 'bob')")
  writeFiles(place.root, app('v2'))
  commitAll(place.root, 'second')
  await done('run', 'second')
  writeFiles(place.root, { '.env': 'LEVEL=2\n' })
  await sql('insert into users values (3)')
  expect(await get('/')).toBe('v2')
  return good
}

async function isBack(good: string): Promise<void> {
  expect(await get('/')).toBe('v1')
  expect(await sql('select id, name from users order by 1')).toBe('1|ann\n2|bob')
  const kept = (await sql("select datname from pg_database where datname like 'shop_since_%'")).split('\n')
  expect(kept).toHaveLength(1)
  expect(await sql('select id from users order by 1', kept[0])).toBe('1\n2\n3')
  expect(head()).toBe(good)
  expect(git(place.root, 'status', '--porcelain')).toBe('')
  expect(git(place.root, 'log', '-1', '--format=%s', 'rollback/v2').trim()).toBe('second')
  expect(readFileSync(join(place.root, '.env'), 'utf8')).toBe('LEVEL=1\n')
  expect((await record()).targets.staging).toMatchObject({
    state: 'healthy',
    busy: null,
    current: { release: { version: 'v1' } },
  })
}

it('goes back with code, image and data by one command, and forward again', async () => {
  const good = await breakIt()
  const [plan] = jsonLines((await done('rollback', '--plan', '--json')).stdout)
  expect(plan).toMatchObject({
    point: { why: 'migrate', release: { version: 'v1' }, good: true },
    parts: ['database', 'image', 'environment', 'branch'],
    cannot: [expect.stringContaining('mails every customer')],
    facts: { rows: { 'public.users': 3 }, settings: ['.env'], commits: [{ subject: 'second' }], unknown: [] },
  })
  const words = (await done('rollback', '--plan')).stdout
  expect(words).toContain('public.users: 3 rows, 2 then')
  expect(words).toContain('migrated: Drop a column')
  // Nobody said yes: nothing is done.
  const asked = await here('rollback')
  expect([asked.code, asked.stderr]).toEqual([3, expect.stringContaining('--yes')])
  await done('incident', 'open', 'Names are lost', '--severity', 'P2', '--target', 'staging')
  expect((await here('rollback', '--incident', 'i2', '--plan')).stderr).toContain('There is no incident i2.')
  await done('rollback', '--yes', '--why', 'v2 lost the names', '--incident', 'i1')
  await isBack(good)
  expect((await record()).incidents).toMatchObject([
    { id: 'i1', state: 'resolved', decision: { choice: 'rollback' }, remedy: { ok: true } },
  ])
  const list = jsonLines((await done('points', 'list', '--json')).stdout)
  expect(list.map(({ why }) => why)).toContain('rollback')
  // A rollback is rolled back by the point of its first step.
  const saved = list.find(({ why }) => why === 'rollback')!
  await done('rollback', '--to', saved.id as string, '--only', 'database,image', '--yes')
  expect(await get('/')).toBe('v2')
  expect(await sql('select id from users order by 1')).toBe('1\n2\n3')
}, 600_000)

it('is killed after every line of its journals, and is back all the same, once', async () => {
  const good = await breakIt()
  let seen = journaled(place.data)
  let kills = 0
  for (let args = ['rollback', '--yes']; ; args = ['resume']) {
    const program = spawn(join(PROJECT_ROOT, 'amphi'), [...args, '--data', place.data], {
      cwd: place.root,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child = program
    let said = ''
    program.stdout.on('data', (piece: Buffer) => {
      said = (said + piece.toString()).slice(-4_000)
    })
    let ended = false
    const over = once(program, 'exit').then(() => {
      ended = true
    })
    while (!ended && journaled(place.data) === seen) await Promise.race([over, delay(2)])
    if (ended) {
      expect([program.exitCode, program.signalCode], `after ${kills} kills: ${said}\n${lastLines()}`).toEqual(
        [0, null],
      )
      break
    }
    seen = journaled(place.data)
    program.kill('SIGKILL')
    await over
    // Each start comes further in the journals than the one before, or there is no end to it.
    expect(++kills, lastLines()).toBeLessThan(150)
  }
  expect(kills).toBeGreaterThanOrEqual(10)
  await isBack(good)
  const center = await openPassive({ dataDir: place.data })
  const back = (await center.runs({})).find(({ epic }) => epic === 'rollback')!
  for (const { task, attempts, outcome } of await center.tasks(back.run))
    expect([task, outcome, attempts]).toEqual([task, 'succeeded', 1])
}, 600_000)

it('a snapshot that was cut: nothing is changed, what went wrong and how to go on is told', async () => {
  await breakIt()
  const { id, points } = await record()
  const point = points.findLast(({ good }) => good)!
  const { DUMP, folderOf } = await import('../main/points/pointFolder.ts')
  const { truncateSync } = await import('node:fs')
  truncateSync(join(folderOf(place.data, id, point.key), DUMP), 100)
  const failed = await here('rollback', '--yes')
  expect([failed.code, failed.stdout + failed.stderr]).toEqual([1, expect.stringContaining('bytes and not')])
  expect(failed.stdout + failed.stderr).toContain('Nothing after it was begun')
  expect(await get('/')).toBe('v2')
  expect(await sql('select count(*) from users')).toBe('3')
  const tested = await here('points', 'test', point.id)
  expect(tested.code).toBe(1)
  const [shown] = jsonLines((await done('points', 'show', point.id, '--json')).stdout)
  expect(shown).toMatchObject({ tested: { ok: false } })
}, 600_000)

it('an apply is taken back without a target', async () => {
  const before = head()
  await done('run', 'work')
  await done('apply', 'latest')
  expect(existsSync(join(place.root, 'notes/new'))).toBe(true)
  const [point] = jsonLines((await done('points', 'list', '--json')).stdout)
  expect(point).toMatchObject({
    id: 'p1',
    why: 'apply',
    target: null,
    git: { branch: 'main', commit: before },
  })
  await done('rollback', '--yes')
  expect([head(), existsSync(join(place.root, 'notes/new'))]).toEqual([before, false])
  expect(git(place.root, 'log', '-1', '--format=%s', 'rollback/p1').trim()).toContain('DeployCommander')
}, 300_000)

const lastLines = (): string =>
  journals(place.data)
    .map((lines) => lines.slice(-5).join('\n'))
    .join('\n\n')
