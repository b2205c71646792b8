import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type AttemptId, projectId, type RunId } from '../domain/ids.ts'
import { alert } from '../domain/testing/incidents.ts'
import type { ControlCenter } from '../engine/controlCenter.ts'
import { StoreError } from '../engine/ports/store.ts'
import { AlertInbox } from './hooks/alertInbox.ts'
import { MAX_SOCKET_PATH_BYTES, socketAddresses } from './localAddress.ts'
import { connectLocal, type LocalClient } from './localClient.ts'
import { MAX_REQUEST_BYTES } from './localProtocol.ts'
import { type LocalServer, serveLocal } from './localServer.ts'
import { FakeLink } from './pages/testing/fakeLink.ts'
import { fakeCenter, manyEvents, sampleEvent } from './testing/fakeCenter.ts'

const run = 'r1' as RunId
const attempt = 'r1/a#1' as AttemptId
const never = new AbortController().signal

let dir: string
let servers: LocalServer[]
let clients: LocalClient[]

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'amphi-'))
  vi.stubEnv('XDG_RUNTIME_DIR', dir)
  servers = []
  clients = []
})

afterEach(async () => {
  for (const client of clients) client.close()
  for (const server of servers) await server.close()
  for (const server of servers) expect(existsSync(server.address)).toBe(false)
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true })
})

async function serve(center: ControlCenter): Promise<LocalServer> {
  const server = await serveLocal(center, dir)
  servers.push(server)
  return server
}

async function pair(center: ControlCenter): Promise<LocalClient> {
  await serve(center)
  const client = await connectLocal(dir)
  clients.push(client!)
  return client!
}

async function collect<T>(items: AsyncIterable<T>, most = Number.POSITIVE_INFINITY): Promise<T[]> {
  const out: T[] = []
  for await (const item of items) {
    out.push(item)
    if (out.length >= most) break
  }
  return out
}

test('every call comes through and back', async () => {
  const center = fakeCenter()
  const client = await pair(center)
  const request = { command: { type: 'run.stop', run, force: true }, actor: 'person:Ada' } as const
  expect(await client.dispatch(request)).toEqual({ ok: true, seq: 1 })
  expect(center.dispatched).toEqual([request])
  expect(await client.snapshot()).toEqual(await center.snapshot())
  expect(await client.history({ after: 3, limit: 9, run })).toEqual([sampleEvent(4), sampleEvent(9)])
  expect(await client.runs({ limit: 5 })).toMatchObject([{ number: 5 }])
  expect(await client.tasks(run)).toMatchObject([{ run, task: 'a' }])
  await client.input(attempt, new TextEncoder().encode('ls \u0003é'))
  expect(center.typed).toEqual([{ attempt, data: 'ls \u0003é' }])
  await client.resize(attempt, 80, 24)
  expect(center.sizes).toEqual([[attempt, 80, 24]])
  expect(await client.diff({ project: projectId('p'), run })).toBe('diff of p/r1\n')
  expect(await client.patch({ project: projectId('p'), hash: 'ab' })).toBe('patch of p/ab\n')
  expect(await client.health()).toEqual(await center.health())
})

test('alerts that another process takes in come through, told by whom', async () => {
  const center = fakeCenter()
  const inbox = new AlertInbox(new FakeLink(await pair(center)))
  expect(await inbox.take(projectId('p'), 'grafana', [alert('cpu')])).toEqual({ ok: true })
  expect(center.dispatched).toEqual([
    {
      command: { type: 'alerts.receive', project: 'p', from: 'grafana', alerts: [alert('cpu')] },
      actor: 'hook:grafana',
    },
  ])
})

test('an engine that is there and cannot take alerts has not gone away', async () => {
  const told: string[] = []
  const client = await pair(fakeCenter({ fails: new StoreError('unavailable', 'disk full', 'Free space.') }))
  const inbox = new AlertInbox(new FakeLink(client), (line) => told.push(line))
  expect(await inbox.take(projectId('p'), 'grafana', [alert('cpu')])).toEqual({
    ok: false,
    why: 'busy',
    reason: 'the engine could not take it now',
  })
  expect(told).toEqual(['hooks: the engine did not take alerts: disk full'])
})

test('a rejection is an outcome, not an error', async () => {
  const outcome = { ok: false, rejected: 'not-now', reason: 'run r1 is over' } as const
  const client = await pair(fakeCenter({ outcome }))
  expect(await client.dispatch({ command: { type: 'run.pause', run } })).toEqual(outcome)
})

test('an error keeps its kind and its remedy', async () => {
  const client = await pair(fakeCenter({ fails: new StoreError('unavailable', 'disk full', 'Free space.') }))
  await expect(client.dispatch({ command: { type: 'run.pause', run } })).rejects.toMatchObject({
    name: 'StoreError',
    message: 'disk full',
    kind: 'unavailable',
    remedy: 'Free space.',
  })
})

test('streams deliver in order and end when aborted', async () => {
  const center = fakeCenter({ events: manyEvents(5_000) })
  const client = await pair(center)
  const abort = new AbortController()
  const seen: number[] = []
  for await (const event of client.events(10, abort.signal)) {
    seen.push(event.seq)
    if (event.seq === 5_000) abort.abort()
  }
  expect(seen).toEqual(Array.from({ length: 4_990 }, (_, i) => i + 11))
  await vi.waitFor(() => expect(center.open()).toBe(0))
})

test('leaving a stream early closes it at the engine', async () => {
  const center = fakeCenter({ events: manyEvents(100) })
  const client = await pair(center)
  expect(await collect(client.events(0, never), 3)).toHaveLength(3)
  await vi.waitFor(() => expect(center.open()).toBe(0))
  expect(await client.snapshot()).toMatchObject({ seq: 7 })
})

test('terminal bytes survive whatever they are', async () => {
  const client = await pair(fakeCenter({ output: ['\u001b[31mred\n', '\0ÿ🎭'] }))
  const chunks = await collect(client.terminal({ attempt, from: 0, follow: false }, never))
  expect(chunks.map((c) => [c.offset, Buffer.from(c.data).toString('utf8')])).toEqual([
    [0, '\u001b[31mred\n'],
    [9, '\0ÿ🎭'],
  ])
})

test('a reader that stops reading holds the engine back', async () => {
  const center = fakeCenter({ events: manyEvents(20_000, 'x'.repeat(5_000)) })
  const client = await pair(center)
  const events = client.events(0, never)[Symbol.asyncIterator]()
  await events.next()
  await client.snapshot()
  let before = -1
  await vi.waitFor(() => {
    const now = center.produced()
    const still = now === before
    before = now
    expect(still).toBe(true)
  })
  // 100 MB were on offer; what was taken fits the buffers of the two sockets.
  expect(center.produced()).toBeLessThan(2_000)
  await events.return!(undefined)
})

test('an engine that ends says so to calls and streams', async () => {
  const server = await serve(fakeCenter({ events: manyEvents(1) }))
  const client = (await connectLocal(dir))!
  clients.push(client)
  const events = client.events(0, never)[Symbol.asyncIterator]()
  await events.next()
  const next = expect(events.next()).rejects.toMatchObject({ name: 'EngineGoneError' })
  await server.close()
  await next
  await expect(client.snapshot()).rejects.toMatchObject({
    name: 'EngineGoneError',
    remedy: expect.stringContaining('amphi resume'),
  })
})

test('nobody there is undefined', async () => {
  expect(await connectLocal(dir)).toBeUndefined()
})

async function raw(address: string): Promise<{ socket: Socket; ended: Promise<string> }> {
  const socket = connect(address)
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8')
  })
  socket.on('error', () => {})
  const ended = new Promise<string>((resolve) => socket.on('close', () => resolve(text)))
  await new Promise((resolve) => socket.once('connect', resolve))
  return { socket, ended }
}

const GARBAGE: readonly (readonly [string, string, RegExp])[] = [
  ['no JSON', 'hello', /not JSON/],
  ['no object', '[1]', /"id":0,"error"/],
  ['no id', '{"call":"snapshot","args":{}}', /"id":0,"error"/],
  ['an unknown call', '{"id":4,"call":"toString","args":{}}', /"id":4,"error".*no call/],
  ['a report', '{"id":5,"call":"dispatch","args":{"command":{"type":"schedule"}}}', /"id":5,"error"/],
  [
    'a hook that says more than alerts',
    '{"id":6,"call":"dispatch","args":{"command":{"type":"run.pause","run":"r"},"actor":"hook:grafana"}}',
    /"id":6,"error".*sends alerts only/,
  ],
  [
    'an actor that is no person',
    '{"id":6,"call":"dispatch","args":{"command":{"type":"run.pause","run":"r"},"actor":"engine"}}',
    /"id":6,"error".*person/,
  ],
  ['arguments of the wrong type', '{"id":7,"call":"events","args":{"from":-1}}', /"id":7,"error"/],
  ['unknown arguments', '{"id":8,"call":"health","args":{"x":1}}', /"id":8,"error"/],
  ['data that is not base64', '{"id":9,"call":"input","args":{"attempt":"a","data":"%"}}', /"id":9,"error"/],
]

test.each(GARBAGE)('%s is answered with an error and the connection goes on', async (_, line, answer) => {
  const center = fakeCenter()
  const { address } = await serve(center)
  const { socket, ended } = await raw(address)
  socket.end(`${line}\n{"id":99,"call":"snapshot","args":{}}\n`, () => {})
  await vi.waitFor(() => expect(socket.bytesRead).toBeGreaterThan(100))
  socket.destroy()
  const text = await ended
  expect(text).toMatch(answer)
  expect(center.dispatched).toEqual([])
})

test('a line of 10 MB is refused and its connection closed, others go on', async () => {
  const client = await pair(fakeCenter())
  const { socket, ended } = await raw(servers[0]!.address)
  socket.write('x'.repeat(10_000_000))
  expect(await ended).toContain(`longer than ${MAX_REQUEST_BYTES} bytes`)
  expect(await client.snapshot()).toMatchObject({ seq: 7 })
})

test('a client refuses to send what the engine would refuse', async () => {
  const client = await pair(fakeCenter())
  const task = 'x'.repeat(MAX_REQUEST_BYTES)
  await expect(client.dispatch({ command: { type: 'task.retry', run, task } })).rejects.toMatchObject({
    name: 'BadRequest',
    remedy: expect.any(String),
  })
})

test('a client that sends without reading is not read any further', async () => {
  const center = fakeCenter()
  const answered = vi.spyOn(center, 'history')
  answered.mockResolvedValue([sampleEvent(1, 'y'.repeat(1_000_000))])
  const { address } = await serve(center)
  const socket = connect(address)
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.pause()
  for (let id = 1; id <= 500; id++)
    socket.write(`{"id":${id},"call":"history","args":{"after":0,"limit":1}}\n`)
  let before = -1
  await vi.waitFor(() => {
    const still = answered.mock.calls.length === before
    before = answered.mock.calls.length
    expect(still && before > 0).toBe(true)
  })
  expect(answered.mock.calls.length).toBeLessThanOrEqual(20)
  socket.destroy()
})

test('the socket and its folder are only for their user', async () => {
  const { address } = await serve(fakeCenter())
  expect(Buffer.byteLength(address)).toBeLessThanOrEqual(MAX_SOCKET_PATH_BYTES)
  expect(statSync(address).mode & 0o777).toBe(0o600)
  expect(statSync(dirname(address)).mode & 0o777).toBe(0o700)
})

test('a folder that others may enter is closed to them', async () => {
  mkdirSync(join(dir, 'amphitheatre'))
  chmodSync(join(dir, 'amphitheatre'), 0o777)
  const { address } = await serve(fakeCenter())
  expect(statSync(dirname(address)).mode & 0o777).toBe(0o700)
})

test('a link in place of the folder is not followed', async () => {
  mkdirSync(join(dir, 'elsewhere'))
  symlinkSync(join(dir, 'elsewhere'), join(dir, 'amphitheatre'))
  const { address } = await serve(fakeCenter())
  expect(dirname(address)).not.toBe(join(dir, 'amphitheatre'))
})

test('the socket of a dead engine is replaced', async () => {
  const first = socketAddresses(dir)[0]!
  mkdirSync(dirname(first), { mode: 0o700 })
  const dead = createServer()
  await new Promise<void>((resolve) => dead.listen(join(dir, 'dead.sock'), resolve))
  // Closing unlinks the path it listened on; a hard link stays behind as a dead engine's socket does.
  const { linkSync } = await import('node:fs')
  linkSync(join(dir, 'dead.sock'), first)
  await new Promise((resolve) => dead.close(resolve))
  expect(existsSync(first)).toBe(true)
  expect(await connectLocal(dir)).toBeUndefined()
  const client = await pair(fakeCenter())
  expect(servers[0]!.address).toBe(first)
  expect(await client.snapshot()).toMatchObject({ seq: 7 })
})

test('the socket of a living engine and a file in the way are left alone', async () => {
  const { address } = await serve(fakeCenter())
  await expect(serveLocal(fakeCenter(), dir)).rejects.toThrow(/Another engine answers/)
  expect((await connectLocal(dir))?.close()).toBeUndefined()
  await servers.pop()!.close()
  writeFileSync(address, 'mine')
  await expect(serveLocal(fakeCenter(), dir)).rejects.toThrow(/is in the way/)
})

test('long runtime folders are passed over', () => {
  const long = join('/run', 'x'.repeat(90))
  for (const address of socketAddresses(dir, { XDG_RUNTIME_DIR: long })) {
    expect(Buffer.byteLength(address)).toBeLessThanOrEqual(MAX_SOCKET_PATH_BYTES)
    expect(address.startsWith(long)).toBe(false)
  }
})
