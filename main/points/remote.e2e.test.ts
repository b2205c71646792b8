import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Outcome } from '../domain/commands.ts'
import { Driver, PROJECT } from '../domain/testing/driver.ts'
import { addPoint, pointContent, project, targetSpec, withTarget } from '../domain/testing/targets.ts'
import { connectDocker } from '../runners/docker/client.ts'
import { freePort } from '../targets/testing/bench.ts'
import { createPointCommits } from '../workspaces/pointCommits.ts'
import { hostCommands } from './hostCommands.ts'
import { beginPoint, DUMP, finishPoint, folderOf, pointsFolder } from './pointFolder.ts'
import { PointKeeper } from './pointKeeper.ts'
import { rclone } from './remote.ts'

/** Copies by a real rclone: encrypted, over WebDAV, which a second one serves. */
let folder: string
let port: number
let server: ReturnType<typeof spawn> | undefined
const { docker, close } = connectDocker()

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'amphitheatre-remote-'))
  mkdirSync(join(folder, 'store'))
  port = await freePort()
})
afterEach(() => {
  server?.kill('SIGKILL')
  server = undefined
  rmSync(folder, { recursive: true })
  close()
})

async function serve(): Promise<void> {
  server = spawn('rclone', ['serve', 'webdav', '--addr', `127.0.0.1:${port}`, join(folder, 'store')], {
    stdio: 'ignore',
  })
  for (;;) {
    const up = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)
    if (up !== undefined) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const env = () => ({
  PATH: process.env.PATH,
  RCLONE_CONFIG: join(folder, 'none.conf'),
  RCLONE_CONFIG_DAV_TYPE: 'webdav',
  RCLONE_CONFIG_DAV_URL: `http://127.0.0.1:${port}`,
  RCLONE_CONFIG_DAV_VENDOR: 'other',
  RCLONE_CONFIG_SECRET_TYPE: 'crypt',
  RCLONE_CONFIG_SECRET_REMOTE: 'dav:',
  RCLONE_CONFIG_SECRET_PASSWORD: execFileSync('rclone', ['obscure', 'word'], { encoding: 'utf8' }).trim(),
})

async function makeFiles(key: string): Promise<void> {
  const aside = await beginPoint(folder, PROJECT, key)
  writeFileSync(join(aside, DUMP), 'rows')
  const content = pointContent(key)
  await finishPoint(folder, PROJECT, aside, {
    version: 1,
    content: content as never,
    measure: null,
    files: [],
  })
}

/** Follows a driver as it would follow an engine. */
function keeping(driver: Driver): { keeper: PointKeeper; round: () => Promise<void> } {
  let listener: (events: never[]) => void = () => undefined
  const options = {
    dataDir: folder,
    commits: createPointCommits({ dataDir: folder }),
    images: { docker, install: 'none' },
  }
  const keeper = new PointKeeper({ ...options, remote: rclone('rclone', hostCommands(spawn, env())) })
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
  keeper.follow(source as never, () => undefined)
  return {
    keeper,
    round: async () => {
      listener([{ data: { type: 'point.pinned' } } as never])
      await keeper.settled()
    },
  }
}

test('points are copied; what fails is told; what is removed is removed there, too', async () => {
  const driver = new Driver()
  const points = { keep: 3, maxAgeMs: null, test: null, remote: 'secret:points' }
  const place = {
    kind: 'ssh',
    host: 'h',
    url: null,
    commands: { deploy: 'd', rollback: null, restart: null, health: null },
  }
  withTarget(driver, { spec: targetSpec('shop', { points, place: place as never }) })
  await makeFiles('r1/a#1')
  await makeFiles('r1/b#1')
  await makeFiles('r0/nobody#1')
  addPoint(driver, 'r1/a#1')
  addPoint(driver, 'r1/b#1')
  const down = keeping(driver)
  await down.keeper.settled()
  expect(project(driver).points[0]).toMatchObject({
    copiedTo: null,
    copyTrouble: expect.stringContaining('rclone lsd'),
  })
  // What no point names is gone already: nothing of it is anywhere else.
  expect(existsSync(folderOf(folder, PROJECT, 'r0/nobody#1'))).toBe(false)
  await down.keeper.close()

  await serve()
  const up = keeping(driver)
  await up.keeper.settled()
  expect(project(driver).points.map(({ copiedTo, copyTrouble }) => [copiedTo, copyTrouble])).toEqual([
    ['secret:points/p/r1+a=1', null],
    ['secret:points/p/r1+b=1', null],
  ])
  const seen = execFileSync('rclone', ['cat', 'secret:points/p/r1+a=1/database.dump'], {
    env: env(),
    encoding: 'utf8',
  })
  expect(seen).toBe('rows')
  expect(readdirSync(join(folder, 'store')).join()).not.toContain('points')

  driver.must({ type: 'point.remove', project: PROJECT, point: 'p1' })
  await up.round()
  expect(readdirSync(pointsFolder(folder, PROJECT))).toEqual(['r1+b=1'])
  const list = execFileSync('rclone', ['lsf', 'secret:points/p'], { env: env(), encoding: 'utf8' })
  expect(list.trim()).toBe('r1+b=1/')
  expect(up.keeper.trouble()).toBeNull()
  await up.keeper.close()
}, 120_000)

test('a store that is away keeps nothing from being removed here, and is told of it later', async () => {
  const driver = new Driver()
  const points = { keep: 3, maxAgeMs: null, test: null, remote: 'secret:points' }
  const place = {
    kind: 'ssh',
    host: 'h',
    url: null,
    commands: { deploy: 'd', rollback: null, restart: null, health: null },
  }
  withTarget(driver, { spec: targetSpec('shop', { points, place: place as never }) })
  await makeFiles('r1/a#1')
  await serve()
  addPoint(driver, 'r1/a#1')
  addPoint(driver, 'r1/b#1')
  const one = keeping(driver)
  await one.keeper.settled()
  server!.kill('SIGKILL')
  await new Promise((resolve) => server!.once('exit', resolve))
  driver.must({ type: 'point.remove', project: PROJECT, point: 'p1' })
  await one.round()
  expect(existsSync(folderOf(folder, PROJECT, 'r1/a#1'))).toBe(false)
  expect(one.keeper.trouble()).toContain('could not be tidied up')
  await serve()
  await one.round()
  expect(one.keeper.trouble()).toBeNull()
  expect(readdirSync(pointsFolder(folder, PROJECT))).toEqual([])
  await one.keeper.close()
}, 120_000)
