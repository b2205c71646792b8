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
  - {name: Worker, role: Work, capacity: 6}
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
  slow:
    phases:
      - name: Slow
        tasks:
          - {id: migrate, kind: migrate, target: staging, agent: DeployCommander, image: amphitheatre/postgres, run: 'psql -qc "create table slow (at int)"; sleep 60'}
  third: {phases: [{name: Third, tasks: [${deploy('v3')}]}]}
  agents:
    phases:
      - name: Agents
        tasks:
          - {id: work, count: 6, agent: Worker, workspace: none, retry: 3, on_lost: retry, run: 'echo begun; sleep 4; echo well'}
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
  const [enter, ...inside] = daemon.inside()
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

/** Right after a restart of Docker the proxy may be there before its service: what it says of that is not the answer. */
async function get(path: string): Promise<string> {
  const ask = [
    '-sf',
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
  const script = 'until pg_isready -q; do sleep 0.1; done; psql -XqAt -v ON_ERROR_STOP=1 -d shop -c "$1"'
  const args = ['exec', id, 'timeout', '60', 'sh', '-c', script, 'sh', statements]
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

/** Steps that were begun, of the actions that are there. */
function begunSteps(): readonly string[] {
  const root = join(place.data, 'targets/actions')
  if (!existsSync(root)) return []
  return readdirSync(root).flatMap((name) => {
    const path = join(root, name, 'journal.jsonl')
    if (!existsSync(path)) return []
    return [...readFileSync(path, 'utf8').matchAll(/"is":"begun","step":"(\w+)"/g)].map(
      ([, step]) => `${name} ${step}`,
    )
  })
}

/** Restarts in the long form (`npm run soak daemon`). */
const CYCLES = Number(process.env.AMPHITHEATRE_DAEMON_CYCLES ?? '0')
const SIGNALS = ['SIGKILL', 'SIGTERM'] as const

/** Carries a command out; with every step that is begun the daemon is ended, each way in turn, and started again. */
async function throughRestarts(first: 0 | 1, ...args: readonly string[]): Promise<number> {
  const { child, ended } = amphi(...args)
  const seen = new Set(begunSteps())
  let restarts = 0
  while (child.exitCode === null) {
    const fresh = begunSteps().filter((step) => !seen.has(step))
    for (const step of fresh) seen.add(step)
    // What a migration that is cut off has changed is for a person to judge.
    if (fresh.some((step) => !step.endsWith(' migrate'))) {
      await daemon.end(SIGNALS[(first + restarts) % 2]!)
      await daemon.start()
      restarts++
    }
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

/** Containers of agents that run. */
async function agentsAtWork(): Promise<number> {
  const { docker, close } = connectDocker(daemon.socketPath)
  const found = await docker.listContainers({ filters: { label: ['amphitheatre.attempt'] } })
  close()
  return found.length
}

describe.skipIf(!isRoot)('when the Docker daemon is killed, stopped, and started again', () => {
  it('agents it took along are tried again, and none is left', async () => {
    const { ended } = amphi('run', 'agents')
    for (const signal of SIGNALS) {
      await expect.poll(agentsAtWork, { timeout: 60_000 }).toBeGreaterThanOrEqual(2)
      await daemon.end(signal)
      await daemon.start()
    }
    const { code, output } = await ended
    expect(code, output).toBe(0)
    const center = await openPassive({ dataDir: place.data })
    const [run] = await center.runs({})
    const tasks = await center.tasks(run!.run)
    expect(tasks.map(({ outcome }) => outcome)).toEqual(Array(6).fill('succeeded'))
    expect(Math.max(...tasks.map(({ attempts }) => attempts))).toBeGreaterThanOrEqual(2)
    expect(await agentsAtWork()).toBe(0)
  }, 200_000)

  it('at every step of a deployment: it is done, once', async () => {
    await done('run', 'first')
    await sql(`insert into users values (1, 'ann')`)
    writeFiles(place.root, app('v2'))
    commitAll(place.root, 'second')
    expect(await throughRestarts(0, 'run', 'second')).toBeGreaterThanOrEqual(12)
    await expectOnce()
    await expectReleased('v2')
    await sql('insert into users values (2)')
  }, 400_000)

  it('at every step of a rollback: code, image and data are back, once', async () => {
    expect(await throughRestarts(1, 'rollback', '--yes')).toBeGreaterThanOrEqual(10)
    await expectOnce()
    await expectReleased('v1')
    expect(await sql('select id, name from users')).toBe('1|ann')
    expect(git(place.root, 'log', '-1', '--format=%s').trim()).toBe('first')
  }, 400_000)

  it('the machine loses its power: what is released answers again, with its data, and no program of ours runs', async () => {
    await daemon.losePower()
    await daemon.start()
    expect(await get('/')).toBe('v1 200')
    expect(await sql('select id, name from users')).toBe('1|ann')
    expect(await done('targets', 'show', 'staging')).toMatch(/now +healthy/)
    expect((await containers('service')).filter(({ state }) => state === 'running')).toHaveLength(1)
  }, 200_000)

  it('what does not come up is told, with a next step', async () => {
    const service = (await containers('service')).find(({ state }) => state === 'running')!
    await begin('docker', ['update', '--restart', 'no', service.id]).ended
    await daemon.end('SIGTERM')
    await daemon.start()
    expect(await done('targets', 'show', 'staging')).toMatch(
      /now +not healthy: .*its service does not run: docker start amphi-target-/,
    )
  }, 100_000)

  it('a migration that is cut off is not begun again: the target is half, with the ways on', async () => {
    const { ended } = amphi('run', 'slow')
    await expect
      .poll(async () => (await containers('task')).map(({ state }) => state), { timeout: 60_000 })
      .toEqual(['running'])
    await daemon.end('SIGKILL')
    await daemon.start()
    const { code, output } = await ended
    expect(code).toBe(1)
    expect(output).toMatch(
      /staging +half: (The migration ended with code|Docker was killed when).*amphi rollback/,
    )
    expect(output).not.toContain('already exists')
  }, 100_000)

  it.runIf(CYCLES > 0)(
    'at every step of deployments, again and again',
    async () => {
      writeFiles(place.root, app('v3'))
      commitAll(place.root, 'third')
      for (let restarts = 0; restarts < CYCLES; ) {
        restarts += await throughRestarts(restarts % 2 === 0 ? 0 : 1, 'run', 'third')
        await expectOnce()
        await expectReleased('v3')
      }
    },
    12 * 3_600_000,
  )
})
