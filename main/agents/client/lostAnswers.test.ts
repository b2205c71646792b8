import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Ran, runClient, waysOf } from './shells.ts'

/** The client where answers get lost, and what it sends, byte by byte. */

const folder = mkdtempSync(join(tmpdir(), 'amphi-lost-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const all = waysOf(folder)
const ways = all.filter(({ name }) => !name.includes('files'))
const byFiles = all.filter((way) => !ways.includes(way))

interface Seen {
  readonly id: string
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

describe.each(ways)('amphi-agent, $name', (way) => {
  let server: Server
  let seen: Seen[]
  /** One for each try; the last one serves all that come after. */
  let answers: ((response: ServerResponse, request: Seen) => void)[]
  let door: string

  beforeEach(() => {
    seen = []
    door = join(folder, `${Math.random()}`)
    mkdirSync(door)
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const { method = '', url = '', headers } = request
      const one: Seen = {
        id: String(headers['request-id']),
        method,
        url,
        headers,
        body: Buffer.concat(chunks).toString(),
      }
      seen.push(one)
      answers[Math.min(seen.length, answers.length) - 1]!(response, one)
    })
  })
  afterEach(async () => {
    server.closeAllConnections()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  })

  const listen = async (): Promise<void> => {
    server.listen(join(door, 'door.sock'))
    await once(server, 'listening')
  }
  const env = (): Record<string, string> => ({
    AMPHITHEATRE_DOOR: join(door, 'door.sock'),
    AMPHITHEATRE_DOOR_FOLDER: door,
    AMPHITHEATRE_RETRY_SECONDS: '15',
  })
  const run = (args: readonly string[], stdin = '', more: Record<string, string> = {}): Promise<Ran> =>
    runClient(way, args, { env: { ...env(), ...more }, stdin })
  const say =
    (status: number, text: string) =>
    (response: ServerResponse): void => {
      response.writeHead(status).end(text)
    }

  it('says it again with the same id until it is heard', async () => {
    answers = [
      say(503, 'busy\nAgain.\n'),
      (response) => response.destroy(),
      (response) => {
        response.writeHead(200, { 'content-length': 1000 })
        response.write('cut off')
        setTimeout(() => response.destroy(), 20)
      },
      say(200, 'm1 to b\n'),
    ]
    // Nobody listens yet.
    const running = run(['send', 'b', 'x'])
    await delay(300)
    await listen()
    expect(await running).toEqual({ code: 0, out: 'm1 to b\n', err: '' })
    expect(seen).toHaveLength(4)
    expect(new Set(seen.map(({ id }) => id)).size).toBe(1)
    expect(seen[0]!.id).toMatch(/^[A-Za-z0-9_-]{16,64}$/)
    expect(new Set(seen.map(({ body }) => body)).size).toBe(1)
  })

  it('takes no for an answer', async () => {
    await listen()
    for (const status of [400, 403, 404, 409, 410, 413, 429, 500]) {
      answers = [say(status, 'that is so\nDo this.\n')]
      seen = []
      const ran = await run(['vote', 'v1', 'x'])
      expect(ran).toEqual({ code: 1, out: '', err: 'amphi-agent: refused: that is so\nDo this.\n' })
      expect(seen).toHaveLength(1)
    }
    answers = [say(409, '{"ok":false}')]
    expect(await run(['--json', 'vote', 'v1', 'x'])).toMatchObject({ code: 1, out: '{"ok":false}\n' })
  })

  it('gives up after a while', async () => {
    const ran = await run(['progress', '1'], '', { AMPHITHEATRE_RETRY_SECONDS: '1' })
    expect([ran.code, ran.out]).toEqual([3, ''])
    expect(ran.err).toMatch(/does not answer at .*\n/)
  })

  it('waits as long for an engine that goes while it holds the call', async () => {
    await listen()
    const held = (response: ServerResponse) => void setTimeout(() => response.destroy(), 2_100)
    answers = [held, held, say(200, 'm1 UPDATE P2 from a\n')]
    const ran = await run(['inbox', '--wait', '5'], '', { AMPHITHEATRE_RETRY_SECONDS: '1' })
    expect(ran).toMatchObject({ code: 0, out: 'm1 UPDATE P2 from a\n' })
    expect(new Set(seen.map(({ id }) => id)).size).toBe(1)
  })

  it('goes to the newest address with its token, and by no proxy', async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    writeFileSync(join(door, 'address'), `http://127.0.0.1:${port}\n`)
    writeFileSync(join(door, 'token'), 'ab'.repeat(32))
    answers = [say(200, 'fine\n')]
    const more = { AMPHITHEATRE_DOOR: 'http://127.0.0.1:9', http_proxy: 'http://127.0.0.1:9' }
    expect(await run(['join', '#c'], '', more)).toMatchObject({ code: 0, out: 'fine\n' })
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/v1/join', body: '{"channel":"#c"}' })
    expect(seen[0]!.headers).toMatchObject({
      authorization: `Bearer ${'ab'.repeat(32)}`,
      accept: 'text/plain',
    })
  })

  // Where there is Node, its bridge does that.
  if (!way.name.includes('node'))
    it('passes MCP on, a message to a line', async () => {
      await listen()
      answers = [
        (response, { body }) => {
          const { id } = JSON.parse(body) as { id?: number }
          if (id === undefined) response.writeHead(202).end()
          else if (id === 3) {
            response.writeHead(200, { 'content-type': 'text/event-stream' })
            response.end(`event: message\r\nid: 1\r\ndata: {"id":3,"say":"é \\n"}\r\n\r\n`)
          } else response.writeHead(200).end(JSON.stringify({ id, ok: true }))
        },
      ]
      const lines = ['{"id":1,"method":"a \\\\ b"}', '', '{"method":"note"}', ' {"id":2}', '{"id":3}']
      const ran = await run(['mcp'], lines.join('\n'))
      expect(ran).toEqual({
        code: 0,
        out: '{"id":1,"ok":true}\n{"id":2,"ok":true}\n{"id":3,"say":"é \\n"}\n',
        err: '',
      })
      expect(seen.map(({ url }) => url)).toEqual(['/mcp', '/mcp', '/mcp', '/mcp'])
      expect(seen[0]!.body).toBe(lines[0])
      expect(seen[0]!.headers.accept).toBe('application/json, text/event-stream')
      expect(new Set(seen.map(({ id }) => id)).size).toBe(4)
    })
})

describe.each(byFiles)('amphi-agent, $name', (way) => {
  const inbox = (place: string): Promise<Ran> => {
    for (const name of ['requests', 'replies']) mkdirSync(join(place, name), { recursive: true })
    const env = {
      AMPHITHEATRE_DOOR_FOLDER: place,
      AMPHITHEATRE_OUTPUT: join(place, 'output'),
      AMPHITHEATRE_RETRY_SECONDS: '1',
    }
    return runClient(way, ['inbox', '--wait', '3'], { env, stdin: '' })
  }

  it('waits out what an engine that was started again begins anew', async () => {
    const place = join(folder, 'late')
    const running = inbox(place)
    await delay(5_000)
    const id = readdirSync(join(place, 'requests'))[0]?.replace('.json', '')
    writeFileSync(join(place, 'replies', `${id}.txt`), '200\nm1 UPDATE P2 from a\n')
    expect(await running).toMatchObject({ code: 0, out: 'm1 UPDATE P2 from a\n' })
  })

  it('gives up after a while', async () => {
    expect((await inbox(join(folder, 'never'))).code).toBe(3)
  })
})
