import { once } from 'node:events'
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { tasks } from '../../domain/testing/plan.ts'
import { House } from './testing/house.ts'
import { say } from './testing/say.ts'

let house: House
beforeEach(async () => {
  house = await House.open({ plan: tasks(['a', 'b', 'c']) })
})
afterEach(() => house.close())

async function* zeros(megabytes: number): AsyncGenerator<Uint8Array> {
  const piece = Buffer.alloc(1024 * 1024, 0x20)
  for (let i = 0; i < megabytes; i++) yield piece
}

/** The connection as bytes: what comes back until it ends. */
function raw(task: string, text: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(house.socket(task))
    let said = ''
    socket.on('data', (data) => {
      said += data.toString()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(said))
    socket.write(text)
  })
}

test('a body over the limit is refused by its length before it is sent, and while it comes', async () => {
  const announced = await say(
    {
      socketPath: house.socket('a'),
      path: '/v1/send',
      headers: { 'content-length': '104857600', expect: '100-continue' },
    },
    '',
  )
  expect([announced.status, announced.body['code']]).toEqual([413, 'too-large'])
  const poured = await say({ socketPath: house.socket('a'), path: '/v1/send' }, zeros(100)).catch(
    (error: NodeJS.ErrnoException) => ({ status: error.code }),
  )
  // A sender that does not stop to listen may miss the answer.
  expect([413, 'EPIPE', 'ECONNRESET']).toContain(poured.status)
  expect((await house.call('a', 'hello')).status).toBe(200)
})

test('an upload over the limit is refused and nothing of it is kept', async () => {
  const where = {
    socketPath: house.socket('a'),
    path: '/v1/artifacts/big',
    method: 'PUT',
    headers: { 'request-id': 'u' },
  }
  const said = await say(where, zeros(65)).catch((error: NodeJS.ErrnoException) => ({ status: error.code }))
  expect([413, 'EPIPE', 'ECONNRESET']).toContain(said.status)
  expect(house.run.talk.artifacts).toEqual([])
})

test.each([
  ['no JSON', '{"to":', 400],
  ['no UTF-8', Buffer.from([0x22, 0xfe, 0x22]), 400],
  ['a million brackets', '['.repeat(1_000_000), 400],
  ['a list', '[]', 400],
  ['a text', '"x"', 400],
  ['null', 'null', 400],
  ['numbers beyond all bounds', '{"percent":1e999}', 400],
  ['a key of prototypes', '{"__proto__":{"x":1}}', 400],
  ['another key of prototypes', '{"constructor":{"prototype":{"x":1}}}', 400],
  ['fields nobody knows', '{"percnt":4}', 400],
])('a body with %s is refused with a reason', async (_, body, status) => {
  const said = await say(
    { socketPath: house.socket('a'), path: '/v1/progress', headers: { 'request-id': 'x' } },
    body,
  )
  expect(said.status).toBe(status)
  expect(said.body).toMatchObject({ ok: false, reason: expect.any(String), remedy: expect.any(String) })
  expect(({} as { x?: number }).x).toBeUndefined()
  expect(house.logged).toEqual([])
})

test.each([
  ['/v1/nothing', 404, 'inbox'],
  ['/v1/__proto__', 404, 'inbox'],
  ['/v1/constructor', 404, 'inbox'],
  ['/v1/%00', 404, 'inbox'],
  ['/v1/%zz', 404, '/v1/<verb>'],
  ['/v2/hello', 404, '/v1/<verb>'],
  ['/', 404, '/v1/<verb>'],
  ['/mcp', 404, '/v1/<verb>'],
])('%s is not there, and what is is told', async (path, status, remedy) => {
  const said = await say({ socketPath: house.socket('a'), path }, '{}')
  expect(said.status).toBe(status)
  expect(said.body['remedy']).toContain(remedy)
})

test('what changes something needs a Request-Id of the right kind', async () => {
  expect((await house.call('a', 'progress', { percent: 1 }, { id: null })).status).toBe(400)
  for (const id of ['a b', 'x'.repeat(65), 'a/b', ''])
    expect((await house.call('a', 'progress', { percent: 1 }, { id })).status).toBe(400)
})

test('no other agent’s name, number or hand-off is of any use', async () => {
  expect((await house.call('a', 'send', { from: 'Worker/b#1', to: 'c', type: 'UPDATE' })).status).toBe(403)
  expect((await house.call('a', 'send', { from: 'b', to: 'c', type: 'error', payload: 1 })).status).toBe(403)
  expect(
    (await house.call('a', 'send', { to: 'c', type: 'UPDATE', run: 'r', task: 1, attempt: 1 })).status,
  ).toBe(400)
  expect((await house.call('a', 'progress', { percent: 1, task: 1 })).status).toBe(400)
  expect((await house.call('a', 'handled', { messages: [Number.MAX_SAFE_INTEGER] })).status).toBe(404)
  expect((await house.call('a', 'accept', { handoff: 'h1' })).status).toBe(404)
  expect((await house.call('a', 'vote', { ballot: 'v1', option: 'x' })).status).toBe(404)
  // The same Request-Id of two agents names two calls.
  await house.call('a', 'progress', { percent: 10 }, { id: 'same' })
  await house.call('b', 'progress', { percent: 20 }, { id: 'same' })
  expect(house.run.tasks.get(1)!.current!.progress!.percent).toBe(20)
})

test('paths stay in their folders', async () => {
  const { context } = house.spec('a').door!
  mkdirSync(join(context, 'agents'))
  writeFileSync(join(house.root, 'secret'), 'secret')
  symlinkSync(join(house.root, 'secret'), join(context, 'link'))
  symlinkSync(house.root, join(context, 'agents', 'up'))
  for (const path of ['../../../secret', '/etc/passwd', 'agents/../../secret', 'a\0b', '..\\secret'])
    expect((await house.call('a', 'context', { path })).status).toBe(400)
  for (const path of ['link', 'agents', 'agents/up/secret', 'none'])
    expect((await house.call('a', 'context', { path })).status).toBe(404)
  expect((await house.call('a', 'context')).body['files']).toEqual([])
  for (const name of ['..%2f..%2fx', '/etc/passwd', 'a/../b', '%00', '']) {
    const where = {
      socketPath: house.socket('a'),
      path: `/v1/artifacts/${name}`,
      method: 'PUT',
      headers: { 'request-id': 'u' },
    }
    expect((await say(where, 'x')).status).toBe(400)
  }
})

test('what is no HTTP, or pretends to be two calls, ends its own connection only', async () => {
  expect(await raw('a', '\x16\x03\x01 hello\r\n\r\n')).toContain('400')
  expect(await raw('a', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`)).toContain('400')
  const call = 'POST /v1/hello HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}'
  const answers = await raw('a', call.repeat(50))
  expect(answers.split('HTTP/1.1 200').length - 1).toBeLessThanOrEqual(1)
  expect(
    await raw('a', `${call.replace('Content-Length: 2', 'Content-Length: 2\r\nTransfer-Encoding: chunked')}`),
  ).toContain('400')
  expect((await house.call('a', 'hello')).status).toBe(200)
})

test('of 1,000 connections all over the limit are told so, and other agents are answered', async () => {
  const sockets: Socket[] = []
  let told = 0
  let closed = 0
  await Promise.all(
    Array.from(
      { length: 1_000 },
      () =>
        new Promise<void>((resolve) => {
          const socket = connect(house.socket('a'))
          sockets.push(socket)
          socket.once('connect', resolve)
          socket.once('data', (data) => {
            if (data.toString().includes('503')) told++
          })
          socket.on('error', () => undefined)
          socket.on('close', () => {
            closed++
            resolve()
          })
        }),
    ),
  )
  for (let i = 0; i < 20; i++) expect((await house.call('b', 'hello')).status).toBe(200)
  while (closed < 984) await new Promise((resolve) => setImmediate(resolve))
  console.log(`1,000 connections: ${told} told why, ${closed} closed`)
  expect(told).toBeGreaterThan(500)
  for (const socket of sockets) socket.destroy()
  while ((await house.call('a', 'hello').catch(() => undefined))?.status !== 200);
})

const MEASURED = 40
/** Keeps the one that measures below its own rate, ms. */
const PACE_MS = 25

async function latencies(task: string): Promise<readonly number[]> {
  const times: number[] = []
  for (let i = 0; i < MEASURED; i++) {
    const start = performance.now()
    const { status } = await house.call(task, 'inbox', { after: 1_000_000 })
    expect(status).toBe(200)
    times.push(performance.now() - start)
    await new Promise((resolve) => setTimeout(resolve, PACE_MS))
  }
  return times.sort((x, y) => x - y)
}

function inMs(times: readonly number[]): string {
  const at = (share: number): string => times[Math.floor(times.length * share)]!.toFixed(1)
  return `median ${at(0.5)}, 95 % ${at(0.95)}, worst ${times.at(-1)!.toFixed(1)} ms`
}

test.each([
  ['calls', '429'],
  ['connections', '503'],
])('two agents flood with %s and are slowed down; a third is answered all the same', async (how, refusal) => {
  const calm = await latencies('c')
  const sockets = [house.socket('a'), house.socket('b')]
  const worker = new Worker(new URL('./testing/flooder.ts', import.meta.url), {
    workerData: { sockets, how },
  })
  await once(worker, 'message')
  const busy = await latencies('c')
  const [ended, exited] = [once(worker, 'message'), once(worker, 'exit')]
  // A slow machine takes longer to get over the limit.
  worker.postMessage(refusal)
  const [seen] = (await ended) as [Readonly<Record<string, number>>]
  await exited
  console.log(`${how}: alone ${inMs(calm)}; beside the flood ${inMs(busy)}; who flooded got`, seen)
  expect(seen[refusal]).toBeGreaterThan(0)
})

test('who waits on more than four calls is told', async () => {
  const waits = Array.from({ length: 6 }, () => house.call('a', 'inbox', { wait: 50 }))
  const first = await Promise.race(waits)
  expect(first).toMatchObject({ status: 429, body: { reason: expect.stringContaining('waiting') } })
  await house.call('b', 'send', { to: 'a', type: 'UPDATE', content: 'x' })
  const statuses = (await Promise.all(waits)).map(({ status }) => status)
  expect(statuses.toSorted()).toEqual([200, 200, 200, 200, 429, 429])
})

test('the socket is its agent’s alone', () => {
  const { mode } = statSync(house.socket('a'))
  expect(mode & 0o777).toBe(0o600)
  expect(statSync(house.spec('a').door!.folder).mode & 0o777).toBe(0o755)
})
