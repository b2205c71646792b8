import { rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { KEY_HEADER } from '../../../preload/wire.ts'
import { eventually } from '../pages/testing/eventually.ts'
import type { WebServer } from './serveWeb.ts'
import { ask, enter, openSocket, type SocketOptions, type Visitor, WebFixture } from './testing/webFixture.ts'

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
    for (const path of ['/', '/assets/index-B1.js', '/nothing', '/%']) {
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

  test('an address that is none is told nothing, not even itself', async () => {
    const { status, text } = await ask(server, `/%?token=${tokenOf(server)}`)
    expect(status).toBe(404)
    expect(text).not.toContain('%')
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
