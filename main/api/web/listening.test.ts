import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { eventually } from '../pages/testing/eventually.ts'
import { DEFAULT_PORT, MAX_CONNECTIONS, serveWeb, type WebServer } from './serveWeb.ts'
import { ask, enter, openSocket, parts, type Visitor, WebFixture } from './testing/webFixture.ts'

let fixture: WebFixture
let server: WebServer
let visitor: Visitor

beforeEach(async () => {
  fixture = new WebFixture()
  server = await fixture.serve()
  visitor = await enter(server)
})
afterEach(() => fixture.remove())

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

test('more connections than it takes are not taken, and room comes back', async () => {
  const sockets: Socket[] = []
  let cut = 0
  while (sockets.length < MAX_CONNECTIONS + 20) {
    const socket = connect(server.port, '127.0.0.1')
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      cut += 1
    })
    socket.resume()
    // Not faster than the system queues them.
    if (sockets.length % 50 === 0) await once(socket, 'connect')
  }
  await eventually(() => expect(cut).toBeGreaterThanOrEqual(20))
  for (const socket of sockets) socket.destroy()
  await vi.waitFor(
    async () => expect((await ask(server, '/', { cookie: visitor.cookie })).status).toBe(200),
    { timeout: 30_000, interval: 5 },
  )
})
