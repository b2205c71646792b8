import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProjectRecord } from '../main/domain/state.ts'
import { openPassive } from '../main/headless.ts'
import { AGENT_IMAGE, ensureAgentImage } from '../main/runners/docker/agentImage.ts'
import { connectDocker } from '../main/runners/docker/client.ts'
import { ensurePostgresImage, POSTGRES_IMAGE } from '../main/runners/docker/postgresImage.ts'
import { createTestDaemon, type TestDaemon } from '../main/runners/docker/testDaemon.ts'
import { appFiles } from '../main/targets/testing/app.ts'
import { PROJECT_ROOT } from './support/amphi.ts'
import { commitAll, git, type Playground, playground, writeFiles } from './support/repository.ts'

/**
 * A Docker daemon of the test's own is killed and stopped in the middle of the work, and started again: agents,
 * deployments and rollbacks come to the right end, once. The program runs where the daemon's containers publish ports.
 */
const PORT = 18_080
const isRoot = process.getuid?.() === 0
let daemon: TestDaemon
let place: Playground

function app(version: string): Readonly<Record<string, string>> {
  const files = Object.entries(appFiles(version, { SLOW_MS: '8' }))
  return Object.fromEntries(files.map(([name, text]) => [`app/${name}`, text]))
}

const psql = (sql: string): string => `'psql -v ON_ERROR_STOP=1 -qc "${sql}"'`
const migrate = (sql: string): string =>
  `{id: migrate, kind: migrate, target: staging, agent: DeployCommander, image: amphitheatre/postgres, run: ${psql(sql)}}`
const deploy = (version: string): string =>
  `{id: deploy, kind: deploy, target: staging, agent: DeployCommander, image: {build: app}, version: ${version}}`

const PROJECT = `version: 1
name: shop
agents:
  - {name: DeployCommander, role: Deployment, skills: [deploy]}
targets:
  staging:
    docker:
      port: ${PORT}
      service: {port: 3000, health: {path: /health, interval: 50ms, within: 60s}}
    database: {kind: postgres, name: shop}
    verify: {paths: [/], run: 'curl -fs $AMPHITHEATRE_TARGET_URL/', timeout: 60s}
epics:
  first:
    phases:
      - name: First
        sequential:
          - ${migrate('create table users (id int, name text)')}
          - ${deploy('v1')}
  second:
    phases:
      - name: Second
        sequential:
          - ${migrate('alter table users drop column name')}
          - ${deploy('v2')}
  third: {phases: [{name: Third, tasks: [${deploy('v3')}]}]}
`

beforeAll(async () => {
  if (!isRoot) return
  const machine = connectDocker()
  await ensureAgentImage(machine.docker, () => undefined)
  await ensurePostgresImage(machine.docker, () => undefined)
  machine.close()
  daemon = await createTestDaemon([], [AGENT_IMAGE, POSTGRES_IMAGE])
  place = playground({ 'amphitheatre.yaml': PROJECT, ...app('v1') })
}, 180_000)
afterAll(async () => {
  if (!isRoot) return
  await daemon.dispose()
  place.remove()
}, 120_000)

interface Ended {
  readonly code: number | null
  readonly output: string
}

/** A command where the daemon's containers publish their ports. */
function begin(command: string, args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const [enter, ...inside] = daemon.inside
  const child = spawn(enter!, [...inside, command, ...args], {
    cwd: place.root,
    env: { ...process.env, NO_COLOR: '1', DOCKER_HOST: `unix://${daemon.socketPath}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => {
      output += data.toString()
    })
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, output })) }
}

const amphi = (...args: readonly string[]) =>
  begin(join(PROJECT_ROOT, 'amphi'), [...args, '--data', place.data])

async function done(...args: readonly string[]): Promise<string> {
  const { code, output } = await amphi(...args).ended
  expect(code, `${args.join(' ')}: ${output}`).toBe(0)
  return output
}

async function get(path: string): Promise<string> {
  const ask = [
    '-sS',
    '--retry',
    '40',
    '--retry-delay',
    '1',
    '--retry-all-errors',
    '-m',
    '10',
    '-w',
    ' %{http_code}',
  ]
  return (await begin('curl', [...ask, `http://127.0.0.1:${PORT}${path}`]).ended).output
}

async function sql(statements: string): Promise<string> {
  const { id } = (await containers('database'))[0]!
  const args = [
    'exec',
    id,
    'psql',
    '-X',
    '-q',
    '-A',
    '-t',
    '-v',
    'ON_ERROR_STOP=1',
    '-d',
    'shop',
    '-c',
    statements,
  ]
  const { code, output } = await begin('docker', args).ended
  expect(code, output).toBe(0)
  return output.trim()
}

async function containers(part: string): Promise<readonly { readonly id: string; readonly state: string }[]> {
  const { docker, close } = connectDocker(daemon.socketPath)
  const found = await docker.listContainers({ all: true, filters: { label: [`amphitheatre.part=${part}`] } })
  close()
  return found.map(({ Id: id, State: state }) => ({ id, state }))
}

async function record(): Promise<ProjectRecord> {
  const center = await openPassive({ dataDir: place.data })
  return (await center.snapshot()).projects[0]!
}

/** Steps that were begun, of all actions that are there. */
function begunSteps(): number {
  const root = join(place.data, 'targets/actions')
  if (!existsSync(root)) return 0
  return readdirSync(root).reduce((sum, name) => {
    const path = join(root, name, 'journal.jsonl')
    return sum + (existsSync(path) ? readFileSync(path, 'utf8').split('"is":"begun"').length - 1 : 0)
  }, 0)
}

const SIGNALS = ['SIGKILL', 'SIGTERM'] as const

/** Carries a command out; with every step that is begun the daemon is ended, each way in turn, and started again. */
async function throughRestarts(first: 0 | 1, ...args: readonly string[]): Promise<number> {
  const { child, ended } = amphi(...args)
  let seen = begunSteps()
  let restarts = 0
  while (child.exitCode === null) {
    const now = begunSteps()
    if (now > seen) {
      await daemon.end(SIGNALS[(first + restarts) % 2]!)
      await daemon.start()
      restarts++
    }
    seen = now
    await delay(5)
  }
  const { code, output } = await ended
  expect(code, output).toBe(0)
  return restarts
}

/** Every task of the newest run came to its end with one attempt. */
async function expectOnce(): Promise<void> {
  const center = await openPassive({ dataDir: place.data })
  const [run] = (await center.runs({})).toSorted((a, b) => b.startedAt - a.startedAt)
  for (const { task, outcome, attempts } of await center.tasks(run!.run))
    expect([task, outcome, attempts]).toEqual([task, 'succeeded', 1])
}

async function expectReleased(version: string): Promise<void> {
  expect(await get('/')).toBe(`${version} 200`)
  expect((await record()).targets.staging).toMatchObject({
    state: 'healthy',
    busy: null,
    current: { verified: true, release: { version } },
  })
  expect((await containers('service')).filter(({ state }) => state === 'running')).toHaveLength(1)
}

describe.skipIf(!isRoot)('when the Docker daemon is killed and stopped at every step', () => {
  it('deployments go on and are done once', async () => {
    await done('run', 'first')
    await sql(`insert into users values (1, 'ann')`)
    writeFiles(place.root, app('v2'))
    commitAll(place.root, 'second')
    expect(await throughRestarts(0, 'run', 'second')).toBeGreaterThanOrEqual(12)
    await expectOnce()
    await expectReleased('v2')
    await sql('insert into users values (2)')
  }, 400_000)

  it('a rollback goes on, with code, image and data', async () => {
    expect(await throughRestarts(1, 'rollback', '--yes')).toBeGreaterThanOrEqual(12)
    await expectOnce()
    await expectReleased('v1')
    expect(await sql('select id, name from users')).toBe('1|ann')
    expect(git(place.root, 'log', '-1', '--format=%s').trim()).toBe('first')
  }, 400_000)
})
