import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { KEY_HEADER } from '../../../preload/wire.ts'
import { eventually } from '../pages/testing/eventually.ts'
import { DEFAULT_PORT, serveWeb, type WebServer } from './serveWeb.ts'
import {
  ask,
  enter,
  openSocket,
  parts,
  type SocketOptions,
  type Visitor,
  WebFixture,
} from './testing/webFixture.ts'

let fixture: WebFixture
let server: WebServer
let visitor: Visitor

beforeEach(async () => {
  fixture = new WebFixture()
  server = await fixture.serve()
  visitor = await enter(server)
})
afterEach(() => fixture.remove())

const HTML = { accept: 'text/html' }
const tokenOf = (of: WebServer): string => new URL(of.invitation).searchParams.get('token')!

/** What becomes of a WebSocket: its status if it was refused, else 101. */
function statusOf(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => {
    socket.on('unexpected-response', (_, response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    socket.on('open', () => {
      socket.terminate()
      resolve(101)
    })
    socket.on('error', () => undefined)
  })
}

describe('the way in', () => {
  test('the printed address gives a cookie and leads to the first page without the token', async () => {
    const { pathname, search } = new URL(server.invitation)
    const { status, headers, text } = await ask(server, pathname + search, HTML)
    expect(status).toBe(303)
    expect(headers.location).toMatch(/^\/#key=[\w-]{43}$/)
    const [cookie] = headers['set-cookie']!
    expect(cookie).toMatch(
      /^amphitheatre-[0-9a-f]{16}=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    expect(JSON.stringify(headers) + text).not.toContain(tokenOf(server))
    expect((await ask(server, '/', { cookie: visitor.cookie })).text).toContain('<title>Amphitheatre</title>')
    // Every browser that opens it is let in.
    expect(await enter(server)).toEqual(visitor)
  })

  test('a link on another page leads in by a step of ours, which the browser sends the cookie from', async () => {
    const { pathname, search } = new URL(server.invitation)
    const link = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    }
    const { status, headers, text } = await ask(server, pathname + search, link)
    expect([status, headers['set-cookie']?.length]).toEqual([200, 1])
    expect(text).toMatch(/http-equiv="refresh" content="0;url=\/#key=[\w-]{43}"/)
  })

  test.each([
    ['a page', '/'],
    ['a file of it', '/assets/index-B1.js'],
    ['the WebSocket’s place', '/pages'],
    ['what is not there', '/nothing'],
  ])('%s without a cookie is refused with a page that says how to get in', async (_, path) => {
    const { status, headers, text } = await ask(server, path, HTML)
    expect(status).toBe(401)
    expect(headers['content-type']).toMatch(/text\/html/)
    expect(headers['cache-control']).toBe('no-store')
    expect(text).toMatch(/amphi serve --open/)
    expect(headers['set-cookie']).toBeUndefined()
    const plain = await ask(server, path)
    expect([plain.status, plain.headers['content-type']]).toEqual([401, 'text/plain; charset=utf-8'])
    expect(plain.text).not.toContain('<')
  })

  test.each([
    ['a token that is none', '/?token=x'],
    ['an empty token', '/?token='],
    ['two tokens', '/?token=x&token=y'],
    ['a token at another place', '/index.html?token=x'],
  ])('%s is refused', async (_, path) => {
    const { status, headers } = await ask(server, path)
    expect([status, headers['set-cookie']]).toEqual([401, undefined])
  })

  test('wrong tokens are answered ten times a minute; the right one always', async () => {
    const wrong = `/?token=${'A'.repeat(43)}`
    const statuses: number[] = []
    for (let i = 0; i < 12; i++) statuses.push((await ask(server, wrong)).status)
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429])
    expect((await ask(server, wrong)).headers['retry-after']).toBe('60')
    expect(await enter(server)).toEqual(visitor)
  })

  test('a cookie of another program, or one that was made up, lets nobody in', async () => {
    const [name] = visitor.cookie.split('=')
    for (const value of ['', 'x', tokenOf(server), visitor.key]) {
      expect((await ask(server, '/', { cookie: `${name}=${value}` })).status).toBe(401)
    }
    const { WebFixture: Another } = await import('./testing/webFixture.ts')
    const other = new Another()
    try {
      expect((await ask(await other.serve(), '/', { cookie: visitor.cookie })).status).toBe(401)
    } finally {
      await other.remove()
    }
  })

  test('no secret is logged, whatever goes wrong', async () => {
    rmSync(fixture.pages, { recursive: true })
    await ask(server, '/', { cookie: visitor.cookie })
    await ask(server, `/%?token=${tokenOf(server)}`, { cookie: visitor.cookie })
    expect(fixture.logged.join('\n')).not.toContain(tokenOf(server))
  })
})

describe('who may ask', () => {
  test.each([
    ['another name', 'evil.example:PORT'],
    ['a name that begins like ours', '127.0.0.1.evil.example:PORT'],
    ['another port', '127.0.0.1:1'],
    ['no port', '127.0.0.1'],
    ['the address of every interface', '0.0.0.0:PORT'],
  ])('%s in the Host header is misdirected, even with all secrets', async (_, host) => {
    const forged = host.replace('PORT', String(server.port))
    const headers = { ...HTML, host: forged, cookie: visitor.cookie, [KEY_HEADER]: visitor.key }
    for (const path of ['/', '/assets/index-B1.js', '/pages', `/?token=${tokenOf(server)}`]) {
      const answer = await ask(server, path, headers)
      expect([answer.status, answer.headers['set-cookie']]).toEqual([421, undefined])
    }
    const socket = openSocket(server, { ...visitor, headers: { host: forged, origin: `http://${forged}` } })
    expect(await statusOf(socket)).toBe(421)
  })

  test.each(['127.0.0.1', 'localhost', '[::1]'])('%s is a name of this machine', async (name) => {
    const headers = { host: `${name}:${server.port}`, cookie: visitor.cookie }
    expect((await ask(server, '/', headers)).status).toBe(200)
  })

  test.each<[string, Record<string, string>]>([
    ['a script of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['another port of this machine', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }],
    [
      'a frame in another page',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    ],
    ['a page with another origin', { origin: 'http://127.0.0.1:3000' }],
    ['a page without one', { origin: 'null' }],
  ])('%s gets nothing, even with all secrets', async (_, headers) => {
    const all = { ...headers, cookie: visitor.cookie, [KEY_HEADER]: visitor.key }
    for (const path of ['/', '/assets/index-B1.js', '/pages', `/?token=${tokenOf(server)}`]) {
      const answer = await ask(server, path, all)
      expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined])
    }
  })

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is refused', async (method) => {
    expect((await ask(server, '/', { cookie: visitor.cookie }, method)).status).toBe(405)
  })

  test.each<[string, (mine: Visitor) => SocketOptions, number]>([
    ['our own page', (mine) => mine, 101],
    ['no cookie', ({ key }) => ({ key }), 401],
    ['no key', ({ cookie }) => ({ cookie }), 401],
    ['another key', ({ cookie }) => ({ cookie, key: 'A'.repeat(43) }), 401],
    ['the cookie for a key', ({ cookie }) => ({ cookie, key: cookie.split('=')[1]! }), 401],
    ['another origin', (mine) => ({ ...mine, headers: { origin: 'http://evil.example' } }), 403],
    ['an origin of another port', (mine) => ({ ...mine, headers: { origin: 'http://127.0.0.1:3000' } }), 403],
    ['another name of ours', (mine) => ({ ...mine, headers: { origin: 'http://localhost:PORT' } }), 403],
    ['no origin', (mine) => ({ ...mine, headers: { origin: '' } }), 403],
  ])('a WebSocket from %s', async (_, options, status) => {
    const { headers, ...rest } = options(visitor)
    const origin = headers?.['origin']?.replace('PORT', String(server.port))
    const socket = openSocket(server, origin === undefined ? rest : { ...rest, headers: { origin } })
    expect(await statusOf(socket)).toBe(status)
    await eventually(() => expect(server.open).toBe(0))
  })

  test('a WebSocket is to be had at its own place only', async () => {
    const headers = {
      cookie: visitor.cookie,
      origin: `http://127.0.0.1:${server.port}`,
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': Buffer.alloc(16).toString('base64'),
    }
    expect((await ask(server, '/', headers)).status).toBe(404)
    expect((await ask(server, '/assets/index-B1.js', headers)).status).toBe(404)
  })
})

describe('what is served', () => {
  test('every answer says what may be done with it', async () => {
    for (const path of ['/', '/assets/index-B1.js', '/nothing']) {
      for (const cookie of [visitor.cookie, 'none=1']) {
        const { headers } = await ask(server, path, { cookie })
        expect(headers).toMatchObject({
          'content-security-policy': expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/),
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
          'referrer-policy': 'no-referrer',
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-resource-policy': 'same-origin',
        })
        expect(headers['access-control-allow-origin']).toBeUndefined()
        expect(headers['server']).toBeUndefined()
      }
    }
  })

  test('named by content: for ever; all else: never kept', async () => {
    const { cookie } = visitor
    const of = async (path: string) => (await ask(server, path, { cookie })).headers['cache-control']
    expect(await of('/assets/index-B1.js')).toBe('private, max-age=31536000, immutable')
    expect(await of('/')).toBe('no-store')
    expect(await of('/index.html')).toBe('no-store')
    expect(await of('/nothing')).toBe('no-store')
  })

  test.each([
    '/../data/serve.token',
    '/assets/../../data/serve.token',
    '/%2e%2e/data/serve.token',
    '/..%2fdata%2fserve.token',
    '/..%5cdata%5cserve.token',
    '/%252e%252e/data/serve.token',
    '//../data/serve.token',
    '/assets/%00',
    '/.hidden',
    '/assets',
    '/%',
  ])('%s gives no file', async (path) => {
    const { status, text } = await ask(server, path, { cookie: visitor.cookie })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
    expect(text).not.toContain(tokenOf(server))
    expect(text).not.toContain('hidden')
  })

  test('what is too long, binary or no request ends that page and no other', async () => {
    for (const [data, code] of [
      ['x'.repeat(9_000_000), 1009],
      [Buffer.from('{}'), 1003],
      ['hello', 1008],
      ['{"id":"1","name":"host"}', 1008],
      ['null', 1008],
    ] as const) {
      const socket = openSocket(server, visitor)
      socket.on('error', () => undefined)
      const closed = new Promise<number>((resolve) => socket.on('close', resolve))
      socket.on('open', () => socket.send(data))
      expect(await closed).toBe(code)
    }
    expect((await ask(server, '/', { cookie: visitor.cookie })).status).toBe(200)
  })
})

describe('where it listens', () => {
  const blockers: Server[] = []
  afterEach(() => {
    for (const blocker of blockers.splice(0)) blocker.close()
  })

  function take(port: number): Promise<number> {
    return new Promise((resolve) => {
      const blocker = createServer()
      blockers.push(blocker)
      // Somebody else having it is as good.
      blocker.once('error', () => resolve(port))
      blocker.listen(port, '127.0.0.1', () => resolve((blocker.address() as { port: number }).port))
    })
  }

  test('a port that was asked for and is taken is an error with a remedy', async () => {
    const port = await take(0)
    await expect(fixture.serve({ port })).rejects.toMatchObject({
      name: 'WebError',
      message: `Something else listens at 127.0.0.1:${port} already.`,
      remedy: expect.stringContaining('--port'),
    })
  })

  test('without one a free port is found', async () => {
    await take(DEFAULT_PORT)
    const { pages, dataDir } = fixture
    const other = await serveWeb({ ...parts(), pages, dataDir })
    try {
      expect(other.port).not.toBe(DEFAULT_PORT)
      expect(await enter(other)).toEqual(visitor)
    } finally {
      await other.close()
    }
  })

  test.each(['0.0.0.0', '::', '192.168.1.7', 'example.org'])('%s is refused', async (address) => {
    await expect(fixture.serve({ address })).rejects.toMatchObject({
      remedy: expect.stringContaining('ssh -L'),
    })
  })

  test('::1 is an address, too', async () => {
    const six = await fixture.serve({ address: '::1' }).catch((error: unknown) => error as Error)
    // A machine without IPv6 has none.
    if (six instanceof Error) expect(six.message).toMatch(/no address/)
    else expect(six.url).toBe(`http://[::1]:${six.port}/`)
  })

  test('pages that were not built are an error with a remedy', async () => {
    await expect(fixture.serve({ pages: join(fixture.dir, 'none') })).rejects.toMatchObject({
      remedy: expect.stringContaining('npm run build'),
    })
  })

  test('closing says goodbye to the pages and gives the port back', async () => {
    const socket = openSocket(server, visitor)
    const closed = new Promise((resolve) => socket.on('close', resolve))
    await new Promise((resolve) => socket.on('open', resolve))
    await server.close()
    expect(await closed).toBe(1001)
    await expect(ask(server, '/')).rejects.toThrow(/ECONNREFUSED/)
  })
})

test('a token that others may read is not used', async () => {
  const file = join(fixture.dataDir, 'serve.token')
  expect(existsSync(file)).toBe(true)
  chmodSync(file, 0o644)
  await expect(fixture.serve()).rejects.toMatchObject({
    message: expect.stringContaining('other users'),
    remedy: expect.stringContaining('Remove it'),
  })
  rmSync(file)
  mkdirSync(file)
  await expect(fixture.serve()).rejects.toThrow(/not a file/)
  rmSync(file, { recursive: true })
  symlinkSync(join(fixture.pages, 'index.html'), file)
  await expect(fixture.serve()).rejects.toThrow(/is a link/)
})
