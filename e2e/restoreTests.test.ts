import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { DomainEvent } from '../main/domain/events.ts'
import { openHost } from '../main/headless.ts'
import { DUMP, folderOf } from '../main/points/pointFolder.ts'
import { notesFiles } from '../main/points/testing/notes.ts'
import { removeApps } from '../main/targets/testing/app.ts'
import { inApp, type Shop, shop } from './support/shop.ts'

/** A service with a SQLite file, whose points are tried every minute by the engine's own schedules. */
let own: Shop
/** Noted on the way: a target that was removed has no record of them. */
const images = new Set<string>()

beforeEach(async () => {
  const target = ['database: sqlite', 'verify: {paths: [/], timeout: 5s}', 'points: {test: "* * * * *"}']
  own = await shop({ target, epics: EPICS }, inApp(notesFiles('v1', 'mood')))
})
afterEach(async () => {
  for (const image of await own.remove()) images.add(image)
  await removeApps(images)
})

const EPICS = `  first:
    phases:
      - name: First
        sequential:
          - {id: deploy, kind: deploy, target: staging, agent: DeployCommander, image: {build: app}, version: v1}
`

/** An engine stays until something has happened. */
async function until(holds: (event: DomainEvent) => boolean): Promise<void> {
  const opened = await openHost({ dataDir: own.place.data })
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
  await own.done('run', 'first')
  await fetch(`http://127.0.0.1:${own.port}/?ann`, { method: 'POST' })
  await own.done('points', 'make', '--target', 'staging')
  await until((event) => event.type === 'point.tested')
  const { id, points, incidents, targets } = await own.record()
  images.add(targets['staging']!.current!.release.image!)
  const point = points.at(-1)!
  expect(point).toMatchObject({
    good: true,
    tested: { ok: true, detail: expect.stringContaining('all equal') },
  })
  expect(incidents).toEqual([])
  expect((await own.done('points', 'list')).stdout).toMatch(/last good, tested/)
  expect((await own.done('schedules')).stdout).toContain('test-points-sta')
  expect((await own.done('health')).stdout).toContain(`staging: ${point.id} was restored at`)

  const file = join(folderOf(own.place.data, id, point.key), DUMP)
  const whole = readFileSync(file)
  truncateSync(file, whole.length - 100)
  await until((event) => event.type === 'incident.opened')
  expect((await own.record()).incidents).toMatchObject([
    { severity: 'P2', title: `${point.id} of staging cannot be restored`, state: 'open', target: null },
  ])
  expect((await own.done('points', 'list')).stdout).toContain('CANNOT BE RESTORED')
  expect((await own.done('health')).stdout).toContain(`${point.id} of staging cannot be restored`)
  // Its exit code says that somebody is waited for.
  const told = await own.here('incident')
  expect([told.code, told.stdout]).toEqual([3, expect.stringContaining(`${point.id} of staging`)])

  writeFileSync(file, whole)
  await own.done('points', 'test', point.id)
  expect((await own.record()).incidents).toMatchObject([{ state: 'closed' }])
  expect(await own.get('/')).toBe('v1 ann')
  await own.done('targets', 'remove', 'staging', '--with-data', '--yes')
  expect((await own.record()).targets).toEqual({})
}, 600_000)
