import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { KEY_HEADER, KEY_PROTOCOL, WIRE_PROTOCOL } from '../../../../preload/wire.ts'
import {
  type BrowserBridge,
  type BrowserPlace,
  browserBridge,
  type PageSocket,
} from '../../../../renderer/src/bridge/browserBridge.ts'
import { fakeDesk } from '../../pages/testing/fakeDesk.ts'
import { FakeLink } from '../../pages/testing/fakeLink.ts'
import { fakeCenter } from '../../testing/fakeCenter.ts'
import type { SocketParts } from '../pageSocket.ts'
import { serveWeb, type WebOptions, type WebServer } from '../serveWeb.ts'

/** A data folder and built pages, in a temporary place. */
export class WebFixture {
  readonly dir = mkdtempSync(join(tmpdir(), 'amphi-web-'))
  readonly dataDir = join(this.dir, 'data')
  readonly pages = join(this.dir, 'pages')
  readonly logged: string[] = []
  readonly #servers: WebServer[] = []

  constructor() {
    mkdirSync(this.dataDir, { mode: 0o700 })
    mkdirSync(join(this.pages, 'assets'), { recursive: true })
    writeFileSync(join(this.pages, 'index.html'), '<!doctype html><title>Amphitheatre</title>')
    writeFileSync(join(this.pages, 'assets', 'index-B1.js'), 'export {}\n')
    writeFileSync(join(this.pages, '.hidden'), 'hidden')
  }

  /** At a free port, unless told. */
  async serve(options: Partial<WebOptions> = {}): Promise<WebServer> {
    const { dataDir, pages } = this
    const log = (line: string): void => void this.logged.push(line)
    const server = await serveWeb({ ...parts(), dataDir, pages, log, port: 0, ...options })
    this.#servers.push(server)
    return server
  }

  async remove(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()))
    rmSync(this.dir, { recursive: true })
  }
}

export function parts(): SocketParts {
  const host = {
    host: 'browser',
    version: '1.2.3',
    platform: 'linux',
    dataDir: '/d',
    home: '/h',
    person: 'ann',
    open: null,
  } as const
  return { link: new FakeLink(fakeCenter()), desk: fakeDesk(), host }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Says exactly what it is told, as no browser would; `path` goes out as it is. */
export function ask(
  server: Pick<WebServer, 'port'>,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = server
    const request = httpRequest({ host: '127.0.0.1', port, path, headers, method, agent: false })
    request.on('error', reject)
    request.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }))
    })
    request.end()
  })
}

/** What a browser has once it was let in. */
export interface Visitor {
  readonly cookie: string
  readonly key: string
}

/** Opens the address that was printed. */
export async function enter(server: WebServer): Promise<Visitor> {
  const { pathname, search } = new URL(server.invitation)
  const { headers } = await ask(server, pathname + search)
  const cookie = headers['set-cookie']![0]!.split(';')[0]!
  return { cookie, key: headers.location!.replace('/#key=', '') }
}

export interface SocketOptions extends Partial<Visitor> {
  readonly headers?: Readonly<Record<string, string>>
}

/** A WebSocket such as a page of ours opens; `headers` come on top. */
export function openSocket(server: Pick<WebServer, 'port'>, options: SocketOptions): WebSocket {
  const authority = `127.0.0.1:${server.port}`
  const protocols = [WIRE_PROTOCOL, `${KEY_PROTOCOL}${options.key ?? 'none'}`]
  const cookie = options.cookie === undefined ? {} : { cookie: options.cookie }
  const headers = { origin: `http://${authority}`, ...cookie, ...options.headers }
  return new WebSocket(`ws://${authority}/pages`, protocols, { headers })
}

/** A page's bridge as it is in a browser that was let in; `sockets` are all it has opened. */
export function openBridge(
  server: Pick<WebServer, 'port'>,
  visitor: Visitor,
): BrowserBridge & { readonly sockets: readonly WebSocket[]; wake(): void } {
  const sockets: WebSocket[] = []
  let wake: () => void = () => undefined
  const place: BrowserPlace = {
    openSocket() {
      const socket = openSocket(server, visitor)
      socket.on('error', () => undefined)
      sockets.push(socket)
      return socket as unknown as PageSocket
    },
    async isAllowed() {
      const headers = { cookie: visitor.cookie, [KEY_HEADER]: visitor.key }
      return (await ask(server, '/pages', headers)).status !== 401
    },
    onWake(listener) {
      wake = listener
      return () => undefined
    },
  }
  return Object.assign(browserBridge(place), { sockets, wake: () => wake() })
}
