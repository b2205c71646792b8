import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { DomainEvent } from '../main/domain/events.ts'
import type { ProjectRecord } from '../main/domain/state.ts'
import { openHost, openPassive } from '../main/headless.ts'
import { DUMP, folderOf } from '../main/points/pointFolder.ts'
import { notesFiles } from '../main/points/testing/notes.ts'
import { removeApps } from '../main/targets/testing/app.ts'
import { freePort } from '../main/targets/testing/bench.ts'
import { type AmphiResult, amphi } from './support/amphi.ts'
import { type Playground, playground } from './support/repository.ts'
import { removeTargets } from './support/targets.ts'

/** A service with a SQLite file, whose points are tried every minute by the engine's own schedules. */
let place: Playground
let port: number
const images = new Set<string>()

beforeEach(async () => {
  port = await freePort()
  const app = Object.entries(notesFiles('v1', 'mood')).map(([name, text]) => [`app/${name}`, text])
  place = playground({ 'amphitheatre.yaml': projectFile(), ...Object.fromEntries(app) })
})
afterEach(async () => {
  await removeTargets(place.data)
  place.remove()
  await removeApps(images)
})

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
    database: sqlite
    verify: {paths: [/], timeout: 5s}
    points: {test: "* * * * *"}
epics:
  first:
    phases:
      - name: First
        sequential:
          - {id: deploy, kind: deploy, target: staging, agent: DeployCommander, image: {build: app}, version: v1}
`
}

async function done(...args: readonly string[]): Promise<AmphiResult> {
  const result = await amphi([...args, '--data', place.data], { cwd: place.root })
  expect(result.code, `${args.join(' ')}: ${result.stdout}${result.stderr}`).toBe(0)
  return result
}

async function record(): Promise<ProjectRecord> {
  const center = await openPassive({ dataDir: place.data })
  return (await center.snapshot()).projects[0]!
}

/** An engine stays until something has happened. */
async function until(holds: (event: DomainEvent) => boolean): Promise<void> {
  const opened = await openHost({ dataDir: place.data })
  if (!opened.ok) throw new Error('another host has the data folder')
  const { center, close } = opened.host
  try {
    const from = (await center.snapshot()).seq
    for await (const { data } of center.events(from, AbortSignal.timeout(180_000))) if (holds(data)) return
    throw new Error('it did not happen')
  } finally {
    await close()
  }
}

it('is due, tried beside the present file, and seen; one that cannot be restored is an incident', async () => {
  await done('run', 'first')
  await fetch(`http://127.0.0.1:${port}/?ann`, { method: 'POST' })
  await done('points', 'make', '--target', 'staging')
  await until((event) => event.type === 'point.tested')
  const { id, points, incidents, targets } = await record()
  images.add(targets['staging']!.current!.release.image!)
  const point = points.at(-1)!
  expect(point).toMatchObject({
    good: true,
    tested: { ok: true, detail: expect.stringContaining('all equal') },
  })
  expect(incidents).toEqual([])
  expect((await done('points', 'list')).stdout).toMatch(/last good, tested/)
  expect((await done('schedules')).stdout).toContain('test-points-sta')
  expect((await done('health')).stdout).toContain(`staging: ${point.id} was restored at`)

  const file = join(folderOf(place.data, id, point.key), DUMP)
  const whole = readFileSync(file)
  truncateSync(file, whole.length - 100)
  await until((event) => event.type === 'incident.opened')
  expect((await record()).incidents).toMatchObject([
    { severity: 'P2', title: `${point.id} of staging cannot be restored`, state: 'open', target: null },
  ])
  expect((await done('points', 'list')).stdout).toContain('CANNOT BE RESTORED')
  expect((await done('health')).stdout).toContain(`${point.id} of staging cannot be restored`)
  // Its exit code says that somebody is waited for.
  const told = await amphi(['incident', '--data', place.data], { cwd: place.root })
  expect([told.code, told.stdout]).toEqual([3, expect.stringContaining(`${point.id} of staging`)])

  writeFileSync(file, whole)
  await done('points', 'test', point.id)
  expect((await record()).incidents).toMatchObject([{ state: 'closed' }])
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('v1 ann')
  await done('targets', 'remove', 'staging', '--with-data', '--yes')
  expect((await record()).targets).toEqual({})
}, 600_000)
