import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import type { ProjectRecord } from '../main/domain/state.ts'
import { openPassive } from '../main/headless.ts'
import { connectDocker } from '../main/runners/docker/client.ts'
import { openSqliteStore } from '../main/store/sqliteStore.ts'
import { appFiles, removeApps } from '../main/targets/testing/app.ts'
import { freePort, removeAll } from '../main/targets/testing/bench.ts'
import { journaled } from '../main/targets/testing/journals.ts'
import { load } from '../main/targets/testing/load.ts'
import { killed } from './support/processes.ts'
import { commitAll, type Playground, playground, writeFiles } from './support/repository.ts'

let place: Playground
let port: number
const images = new Set<string>()
const { docker, close } = connectDocker()
/** At work while a test looks on. */
let host: ChildProcess | undefined

beforeEach(async () => {
  port = await freePort()
  place = playground({ 'amphitheatre.yaml': projectFile(), ...app('v1') })
})
afterEach(async () => {
  await killed(host)
  await removeAll(docker, await install())
  place.remove()
})

async function install(): Promise<string> {
  const store = await openSqliteStore({ file: join(place.data, 'amphitheatre.db') })
  const id = await store.getMeta('install')
  await store.close()
  return id!
}

afterAll(async () => {
  await removeApps(images)
  close()
})

function app(version: string): Readonly<Record<string, string>> {
  const files = appFiles(version)
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`app/${name}`, text]))
}

function projectFile(): string {
  return `version: 1
agents:
  - {name: DeployCommander, role: Deployment, skills: [deploy]}
  - {name: Looker, role: Looking, skills: [look]}
targets:
  staging:
    docker:
      port: ${port}
      service: {port: 3000, health: {path: /health, interval: 50ms, within: 30s}}
    database: {kind: postgres, name: shop}
    verify: {paths: [/], timeout: 2s}
epics:
  ship:
    phases:
      - name: Ship
        sequential:
          - {id: migrate, kind: migrate, target: staging, agent: DeployCommander, image: amphitheatre/postgres, run: 'psql -v ON_ERROR_STOP=1 -qc "create table if not exists runs (at int); insert into runs values (1)"'}
          - {id: deploy, kind: deploy, target: staging, agent: DeployCommander, image: {build: app}}
  release:
    phases:
      - name: Release
        sequential:
          - {id: deploy, kind: deploy, target: staging, agent: DeployCommander, image: {build: app}}
  look:
    phases:
      - name: Look
        tasks:
          - {id: read, kind: check, target: staging, agent: Looker, workspace: none, image: amphitheatre/postgres, run: 'env; psql -Atc "select count(*) from runs"; psql -c "drop table runs"; curl -s $AMPHITHEATRE_TARGET_URL/'}
          - {id: verify, kind: check, target: staging, agent: Looker}
          - {id: deploys, do: recent-deploys, target: staging, agent: Looker}
          - {id: health, do: health, target: staging, agent: Looker}
          - {id: restart, do: restart, target: staging, agent: Looker, needs: [read, verify]}
  migrate:
    phases:
      - name: Migrate
        sequential:
          - {id: migrate, kind: migrate, target: staging, agent: DeployCommander, image: amphitheatre/postgres, run: 'psql -v ON_ERROR_STOP=1 -qc "create table if not exists runs (at int); insert into runs values (1)"; sleep 1'}
  beside:
    phases:
      - name: Beside
        tasks:
          - {id: uses, agent: Looker, workspace: none, image: amphitheatre/postgres, services: {db: postgres}, run: 'PGPASSWORD=postgres psql -h db -U postgres -Atc "select 6*7"'}
`
}

/** Runs an epic to its end; its host is killed whenever `kill` says so, and started again. */
async function run(epic: string, id: string, kill: () => boolean = () => false): Promise<number> {
  for (let kills = 0; ; kills++) {
    const args = [join(import.meta.dirname, 'support/host.ts'), place.data, place.root, id, 'docker', epic]
    const program = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    host = program
    const over = once(program, 'exit')
    let ended = false
    void over.then(() => {
      ended = true
    })
    while (!ended && !kill()) await Promise.race([over, delay(2)])
    if (ended) {
      expect([program.exitCode, program.signalCode]).toEqual([0, null])
      return kills
    }
    program.kill('SIGKILL')
    await over
  }
}

async function ended(id: string): Promise<Readonly<Record<string, string | null>>> {
  const center = await openPassive({ dataDir: place.data })
  const rows = await center.tasks(id as Parameters<typeof center.tasks>[0])
  return Object.fromEntries(rows.map(({ task, outcome, attempts }) => [task, `${outcome} ${attempts}`]))
}

async function record(): Promise<ProjectRecord> {
  const center = await openPassive({ dataDir: place.data })
  return (await center.snapshot()).projects[0]!
}

async function outputOf(attempt: string): Promise<string> {
  const center = await openPassive({ dataDir: place.data })
  let text = ''
  const request = { attempt, from: 0, follow: false } as Parameters<typeof center.terminal>[0]
  for await (const { data } of center.terminal(request, AbortSignal.timeout(5_000)))
    text += Buffer.from(data).toString()
  return text
}

const get = async (path: string): Promise<string> => (await fetch(`http://127.0.0.1:${port}${path}`)).text()

it('migrates, deploys from the code of the run, looks at it with an agent that can only read, and restarts it', async () => {
  await run('ship', 'r1')
  expect(await ended('r1')).toEqual({ migrate: 'succeeded 1', deploy: 'succeeded 1' })
  expect(await get('/')).toBe('v1')
  const released = (await record()).targets.staging!
  expect(released).toMatchObject({
    state: 'healthy',
    busy: null,
    current: { by: 'r1/deploy#1', verified: true },
  })
  expect(released.current?.release.version).toBe(released.current?.release.commit?.slice(0, 12))
  images.add(released.current!.release.image!)

  await run('look', 'r2')
  expect(await ended('r2')).toEqual({
    read: 'succeeded 1',
    verify: 'succeeded 1',
    deploys: 'succeeded 1',
    health: 'succeeded 1',
    restart: 'succeeded 1',
  })
  const read = await outputOf('r2/read#1')
  expect(read).toMatch(/\r?\n1\r?\n/)
  expect(read).toMatch(/must be owner|read-only transaction/)
  expect(read).toMatch(/v1$/)
  expect(read).not.toMatch(/PGPASSWORD/)
  expect(await outputOf('r2/deploys#1')).toMatch(/recent-deploy: .*verified/)
  expect(await outputOf('r2/health#1')).toMatch(/healthy: \/health answers/)
  expect((await record()).targets.staging?.history).toHaveLength(2)

  await run('beside', 'r3')
  expect(await outputOf('r3/uses#1')).toMatch(/42/)
  const left = await docker.listContainers({ all: true, filters: { label: ['amphitheatre.beside'] } })
  expect(left.filter(({ Labels }) => Labels['amphitheatre.beside']?.startsWith('r3/'))).toEqual([])
}, 300_000)

it('is killed after every line of its journal, and deploys once, without a failed request', async () => {
  await run('release', 'r1')
  images.add((await record()).targets.staging!.current!.release.image!)
  writeFiles(place.root, app('v2'))
  commitAll(place.root, 'second')
  const loading = load(port, 50)
  let seen = 0
  const kills = await run('release', 'r2', () => {
    const now = journaled(place.data)
    const more = now > seen
    if (more) seen = now
    return more
  })
  await loading.answered(5)
  const result = await loading.end()
  expect(kills).toBeGreaterThanOrEqual(10)
  expect(result.failed).toEqual([])
  expect(result.bodies.at(-1)).toBe('v2')
  expect(await ended('r2')).toEqual({ deploy: 'succeeded 1' })
  const { current, history, busy } = (await record()).targets.staging!
  images.add(current!.release.image!)
  expect(history).toHaveLength(2)
  expect(busy).toBeNull()
  const services = await docker.listContainers({
    all: true,
    filters: { label: ['amphitheatre.part=service', `amphitheatre.install=${await install()}`] },
  })
  expect(services.map(({ State }) => State).toSorted()).toEqual(['exited', 'running'])
}, 300_000)

it('is killed after every line of its journal, and migrates once', async () => {
  let seen = 0
  const kills = await run('migrate', 'r1', () => {
    const now = journaled(place.data)
    const more = now > seen
    if (more) seen = now
    return more
  })
  expect(kills).toBeGreaterThanOrEqual(5)
  expect(await ended('r1')).toEqual({ migrate: 'succeeded 1' })
  await run('look', 'r2').catch(() => undefined)
  expect(await outputOf('r2/read#1')).toMatch(/\r?\n1\r?\n/)
}, 300_000)
