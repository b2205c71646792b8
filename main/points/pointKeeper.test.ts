import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Outcome } from '../domain/commands.ts'
import type { ProjectId } from '../domain/ids.ts'
import { Driver, PROJECT } from '../domain/testing/driver.ts'
import { tasks } from '../domain/testing/plan.ts'
import { at, exited, start } from '../domain/testing/steps.ts'
import { addPoint, pointContent, project, targetSpec, withTarget } from '../domain/testing/targets.ts'
import type { PointCommits } from '../engine/ports/pointCommits.ts'
import { beginPoint, DUMP, finishPoint, folderOf } from './pointFolder.ts'
import { PointKeeper } from './pointKeeper.ts'
import type { RemoteStore } from './remote.ts'

const OTHER = 'other' as ProjectId
/** Nothing here is in Docker. */
const PLACE = {
  kind: 'ssh',
  host: 'h',
  url: null,
  commands: { deploy: 'd', rollback: null, restart: null, health: null },
} as const
const POINTS = { keep: 9, maxAgeMs: null, test: null, remote: 'far:shop' }
const SPEC = targetSpec('shop', { place: PLACE, points: POINTS })

let dataDir: string
let keeper: PointKeeper | undefined
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'amphitheatre-keeper-'))
})
afterEach(async () => {
  await keeper?.close()
  keeper = undefined
  rmSync(dataDir, { recursive: true })
})

async function makeFiles(key: string, of: ProjectId = PROJECT): Promise<void> {
  const aside = await beginPoint(dataDir, of, key)
  writeFileSync(join(aside, DUMP), 'rows')
  const content = pointContent(key) as never
  await finishPoint(dataDir, of, aside, { version: 1, content, measure: null, files: [] })
}

const isThere = (key: string, of: ProjectId = PROJECT): boolean => existsSync(folderOf(dataDir, of, key))

/** A second project with the points of the first, as far as they are named. */
function withOther(driver: Driver, keys: readonly string[]): void {
  const projects = new Map(driver.state.projects)
  const points = keys.map((key, i) => ({
    ...project(driver).points[0]!,
    id: `p${i + 1}`,
    key,
    copiedTo: null,
  }))
  projects.set(OTHER, { ...project(driver), id: OTHER, points, targets: {} })
  driver.state = { ...driver.state, projects }
}

/** A store that stands still over the first copy it is to remove. */
class SlowStore implements RemoteStore {
  readonly asked = Promise.withResolvers<void>()
  readonly goOn = Promise.withResolvers<void>()
  copy(): Promise<void> {
    return Promise.resolve()
  }
  async remove(): Promise<void> {
    this.asked.resolve()
    await this.goOn.promise
  }
}

/** Commits that are kept, by project and key; looked at and let go as the hub does it. */
class Commits implements Pick<PointCommits, 'releaseCommits'> {
  readonly kept = new Set<string>()
  async releaseCommits(of: ProjectId, keep: () => readonly string[] | null): Promise<void> {
    const listed = [...this.kept].filter((name) => name.startsWith(`${of} `))
    await Promise.resolve()
    const keys = keep()
    if (keys === null) return
    for (const name of listed) if (!keys.includes(name.slice(of.length + 1))) this.kept.delete(name)
  }
}

function follow(
  driver: Driver,
  commits: Commits,
  remote: RemoteStore = new SlowStore(),
): () => Promise<void> {
  let listener: (events: never[]) => void = () => undefined
  const source = {
    get state() {
      return driver.state
    },
    onPublish: (one: typeof listener) => {
      listener = one
      return () => undefined
    },
    dispatch: async (command: Parameters<Driver['send']>[0]): Promise<Outcome> => {
      const rejection = driver.send(command)
      return rejection === undefined ? { ok: true, seq: 0 } : { ok: false, ...rejection }
    },
  }
  const images = { docker: undefined as never, install: 'none' }
  keeper = new PointKeeper({ dataDir, commits: commits as unknown as PointCommits, images, remote })
  keeper.follow(source as never, () => undefined)
  return async () => {
    listener([{ data: { type: 'point.pinned' } } as never])
    await keeper!.settled()
  }
}

test('what is made while a store elsewhere takes its time is not let go', async () => {
  const driver = new Driver()
  withTarget(driver, { spec: SPEC })
  const commits = new Commits()
  for (const key of ['r1/a#1', 'r1/b#1']) {
    await makeFiles(key)
    addPoint(driver, key)
    commits.kept.add(`${PROJECT} ${key}`)
  }
  withOther(driver, [])
  driver.must({ type: 'point.remove', project: PROJECT, point: 'p1' })
  const store = new SlowStore()
  follow(driver, commits, store)
  await store.asked.promise
  await makeFiles('r2/new#1')
  addPoint(driver, 'r2/new#1')
  await makeFiles('r3/new#1', OTHER)
  withOther(driver, ['r3/new#1'])
  for (const name of [`${PROJECT} r2/new#1`, `${OTHER} r3/new#1`]) commits.kept.add(name)
  store.goOn.resolve()
  await keeper!.settled()
  expect([isThere('r1/a#1'), isThere('r1/b#1'), isThere('r2/new#1'), isThere('r3/new#1', OTHER)]).toEqual([
    false,
    true,
    true,
    true,
  ])
  expect([...commits.kept].toSorted()).toEqual(
    [`${OTHER} r3/new#1`, `${PROJECT} r1/b#1`, `${PROJECT} r2/new#1`].toSorted(),
  )
})

test('what an action at work has made and not told of yet stays; what nobody names goes once it is over', async () => {
  const driver = new Driver()
  withTarget(driver, { spec: { ...SPEC, points: { ...POINTS, remote: null } } })
  driver.start(tasks(['save'], { with: { save: { action: { do: 'point', name: null } } } }))
  start(driver, 'save')
  await makeFiles('run/save#1')
  const commits = new Commits()
  commits.kept.add(`${PROJECT} run/save#1`)
  const round = follow(driver, commits)
  await round()
  expect([isThere('run/save#1'), commits.kept.size]).toEqual([true, 1])
  driver.must(exited(at(driver, 'save'), 1))
  await round()
  expect([isThere('run/save#1'), commits.kept.size]).toEqual([false, 0])
})
