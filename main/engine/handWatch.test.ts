import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ClientCommand } from '../domain/commands.ts'
import { commandId, projectId } from '../domain/ids.ts'
import {
  LEASE_MS,
  type ProcessRef,
  RENEW_MS,
  type Registered,
  type Signal,
} from '../domain/registered/registered.ts'
import { adding } from '../domain/testing/registered.ts'
import { openMemoryStore } from '../store/memoryStore.ts'
import type { AgentFiles } from './ports/agentFiles.ts'
import type { Store } from './ports/store.ts'
import type { Workspaces } from './ports/workspaces.ts'
import { type RunningEngine, startEngine } from './startEngine.ts'

const PROJECT = projectId('p')
const HAND: ProcessRef = { pid: 77, start: '1', boot: 'b' }

let now: number
/** Timers, with when they are due. */
let due: { readonly at: number; readonly run: () => void }[]
let alive: boolean
let sent: Signal[]
let store: Store
let engine: RunningEngine
let ids: number

beforeEach(async () => {
  now = 1_000
  due = []
  alive = true
  sent = []
  ids = 0
  store = openMemoryStore()
  engine = await open()
  await send({ type: 'project.register', project: PROJECT, root: '/p', name: 'p' })
  await send({ ...adding('a', ['src/**'], { process: HAND }), project: PROJECT })
})
afterEach(() => engine.close())

/** `watching`: false for one that ends before it sends anything. */
function open(watching = true): Promise<RunningEngine> {
  return startEngine({
    store,
    scheduling: {
      now: () => now,
      immediate: setImmediate,
      after: (ms, run) => {
        const timer = { at: now + ms, run }
        due.push(timer)
        return () => {
          due = due.filter((other) => other !== timer)
        }
      },
    },
    runners: new Map(),
    workspaces: { list: async () => [] } as Partial<Workspaces> as Workspaces,
    files: {} as AgentFiles,
    ...(watching
      ? { handProcesses: { isAlive: () => alive, signal: (_, signal) => void sent.push(signal) } }
      : {}),
    wall: () => now,
    freeBytes: async () => null,
    log: () => undefined,
    onSample: () => undefined,
    boot: 'b',
    pid: 1,
    version: '0',
    idPrefix: `e${now}`,
  })
}

async function send(command: ClientCommand): Promise<void> {
  expect(await engine.dispatch(command, 'person:ann', commandId(`c${++ids}`))).toMatchObject({ ok: true })
}

/** Lets time pass, in steps that no timer is longer than. */
async function pass(ms: number): Promise<void> {
  for (const until = now + ms; now < until; ) {
    now = Math.min(until, now + 5_000)
    const ready = due.filter(({ at }) => at <= now)
    due = due.filter((timer) => !ready.includes(timer))
    for (const { run } of ready) run()
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  }
}

const agent = (): Registered => engine.state.projects.get(PROJECT)!.registered['agent-1']!

test('while its process lives it keeps its files, with a sign of life a minute at most', async () => {
  await pass(2 * LEASE_MS)
  expect(agent()).toMatchObject({ state: 'RUNNING' })
  const events = await store.read({ after: 0 })
  const signs = events.filter(({ type }) => type === 'registered.renewed').length
  expect(signs).toBeGreaterThan(10)
  expect(signs).toBeLessThanOrEqual((2 * LEASE_MS) / RENEW_MS)
})

test('when its process is gone it is over, also where that was while no engine ran', async () => {
  await engine.close()
  alive = false
  engine = await open()
  await engine.whenState(() => agent().state === 'TERMINATED')
  expect(agent()).toMatchObject({ cause: 'lost', signal: null })
  expect(sent).toEqual([])
})

test('what its process is to be sent is sent once, after a crash too', async () => {
  await engine.close()
  engine = await open(false)
  await send({ type: 'registered.stop', project: PROJECT, agent: 'agent-1', force: true })
  expect([agent().signal, sent]).toEqual(['SIGKILL', []])
  for (let start = 0; start < 2; start++) {
    await engine.close()
    engine = await open()
    await engine.whenState(() => agent().signal === null)
    expect(sent).toEqual(['SIGKILL'])
  }
})
