import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { connectLocal, EngineGoneError } from './api/localClient.ts'
import { serveLocal } from './api/localServer.ts'
import { eventually } from './api/pages/testing/eventually.ts'
import { fakeCenter } from './api/testing/fakeCenter.ts'
import { type EngineWays, type Hosting, openEngineLink } from './hosting.ts'

/**
 * The real socket with made-up engines behind it: who holds the folder's lock is a variable shared by all that play a
 * process here.
 */
let dir: string
let holder: number | undefined
let links: Hosting[]
let ends: { host: number; stopAgents: boolean }[]

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'amphi-'))
  vi.stubEnv('XDG_RUNTIME_DIR', dir)
  holder = undefined
  links = []
  ends = []
})
afterEach(async () => {
  for (const link of links) await link.close()
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true })
})

function ways(id: number): EngineWays {
  return {
    connect: connectLocal,
    serve: serveLocal,
    async openHost() {
      if (holder !== undefined) return { ok: false, holder: { pid: holder } }
      holder = id
      return {
        ok: true,
        host: {
          center: fakeCenter(),
          async close({ stopAgents = false } = {}) {
            ends.push({ host: id, stopAgents })
            holder = undefined
          },
        },
      }
    },
  }
}

async function open(id: number, options: { host?: boolean; ways?: EngineWays } = {}): Promise<Hosting> {
  const link = await openEngineLink({
    dataDir: dir,
    ways: options.ways ?? ways(id),
    host: options.host ?? true,
    log: () => undefined,
  })
  links.push(link)
  return link
}

test('the first hosts, the rest are its clients, and one takes over when it goes', async () => {
  const first = await open(1)
  const second = await open(2)
  const third = await open(3)
  expect([first, second, third].map((link) => link.host !== undefined)).toEqual([true, false, false])
  for (const link of [first, second, third]) expect(link.status.status).toBe('connected')
  const told: string[] = []
  second.onChange(({ status }) => told.push(status))
  await first.close()
  expect(ends).toEqual([{ host: 1, stopAgents: false }])
  await eventually(() => {
    expect([second, third].map(({ status }) => status.status)).toEqual(['connected', 'connected'])
    expect([second, third].filter((link) => link.host !== undefined)).toHaveLength(1)
  })
  expect(told[0]).toBe('lost')
  const { status } = third
  if (status.status === 'connected') expect(await status.center.snapshot()).toMatchObject({ seq: 7 })
})

test('whoever only looks is told how an engine is started, and finds it', async () => {
  const looker = await open(9, { host: false })
  expect(looker.status).toMatchObject({ status: 'lost', remedy: expect.stringContaining('amphi serve') })
  await open(1)
  await eventually(() => expect(looker.status.status).toBe('connected'))
  expect(looker.host).toBeUndefined()
})

test('agents are stopped only when that is wished', async () => {
  const link = await open(1)
  await link.close({ stopAgents: true })
  await link.close()
  expect(ends).toEqual([{ host: 1, stopAgents: true }])
  expect(link.host).toBeUndefined()
})

test('a process that is just ending is waited for', async () => {
  holder = 77
  const opening = open(1)
  setImmediate(() => {
    holder = undefined
  })
  expect((await opening).host).toBeDefined()
})

test('a folder whose engine cannot be opened is an error at the start', async () => {
  const broken = { ...ways(1), openHost: () => Promise.reject(new Error('newer than this program')) }
  await expect(open(1, { ways: broken })).rejects.toThrow('newer than this program')
})

test('an engine nobody else can reach still works', async () => {
  const alone = { ...ways(1), serve: () => Promise.reject(new Error('no folder for the socket')) }
  const link = await open(1, { ways: alone })
  expect(link.status.status).toBe('connected')
})

test('one that hangs keeps its folder, and is named with what to do', async () => {
  holder = 77
  const silent = {
    ...ways(1),
    connect: () => Promise.reject(new EngineGoneError('The engine does not answer.')),
  }
  let now = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
    now += 10_000
    return now
  })
  await expect(open(1, { ways: silent })).rejects.toMatchObject({
    message: `Process 77 holds ${dir}. The engine does not answer.`,
    remedy: expect.stringContaining('end it'),
  })
  clock.mockRestore()
})

test('the folder of one that died without a word is taken over', async () => {
  const silent = {
    ...ways(1),
    connect: () => Promise.reject(new EngineGoneError('The engine does not answer.')),
  }
  expect((await open(1, { ways: silent })).host).toBeDefined()
})
