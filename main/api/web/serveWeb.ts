import { existsSync } from 'node:fs'
import { join } from 'node:path'
import cookies from '@fastify/cookie'
import files from '@fastify/static'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { WIRE_PROTOCOL } from '../../../preload/wire.ts'
import { addHooks, HOOKS_PATH } from '../hooks/addHooks.ts'
import { dataFolderHash } from '../localAddress.ts'
import { PAGE_HEADERS } from '../pages/contentPolicy.ts'
import { addMetrics, METRICS_PATH } from './addMetrics.ts'
import { Entrance } from './entrance.ts'
import { authority, isLoopback } from './guard.ts'
import { NOTES, type NoteName, notePage, noteText } from './notes.ts'
import { MAX_PAYLOAD_BYTES, PageSocket, type SocketParts } from './pageSocket.ts'
import { loadSecrets } from './secrets.ts'
import { WebError } from './webError.ts'

export const DEFAULT_PORT = 7410
const DEFAULT_HOST = '127.0.0.1'

export interface WebOptions extends SocketParts {
  readonly dataDir: string
  /** The built pages: a folder with index.html. */
  readonly pages: string
  /** A name of this machine for itself; anything else is refused. Default DEFAULT_HOST. */
  readonly address?: string
  /** Taken or an error; left out, DEFAULT_PORT or a free one. */
  readonly port?: number
  /** Never sees a secret. */
  readonly log?: (line: string) => void
}

export interface WebServer {
  readonly port: number
  /** Without the token. */
  readonly url: string
  /** Lets whoever opens it in. */
  readonly invitation: string
  /** Pages that are open now. */
  readonly open: number
  /** Ends the pages' sessions and gives the port back. */
  close(): Promise<void>
}

/** Pages open at once. */
const MAX_PAGES = 64
/**
 * Connections at once, pages' WebSockets included. Anybody on the machine can open some: they must not use up the file
 * descriptors, which are the engine's, too.
 */
export const MAX_CONNECTIONS = 1_000
/** How long a request may take to arrive, ms. */
const REQUEST_MS = 30_000
/** How long a page may take to say goodbye, ms. */
const GOODBYE_MS = 500

/** Throws WebError for what cannot be served whatever the engine does; worth asking before one is started. */
export function checkWeb({ address = DEFAULT_HOST, pages }: Pick<WebOptions, 'address' | 'pages'>): void {
  if (!isLoopback(address)) {
    throw new WebError(
      `${address} can be reached from other machines, and pages are served to this one only.`,
      `Leave --host and API_HOST out, and reach it from another machine by a tunnel: ssh -L ${DEFAULT_PORT}:127.0.0.1:${DEFAULT_PORT} <this machine>.`,
    )
  }
  if (!existsSync(join(pages, 'index.html'))) {
    throw new WebError(`The pages have not been built: ${pages} has no index.html.`, BUILD)
  }
}

/** Serves the pages to browsers of this machine. Throws WebError for what a person can mend. */
export async function serveWeb(options: WebOptions): Promise<WebServer> {
  checkWeb(options)
  const address = options.address ?? DEFAULT_HOST
  const secrets = loadSecrets(options.dataDir)
  const server = Fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: 1_024,
    // Whole by then; a WebSocket is one request, and over when it is one.
    requestTimeout: REQUEST_MS,
    // Addresses that are none come here and nowhere else.
    frameworkErrors: (_, request, reply) => void sendNote(request, withHeaders(reply), 'not-found'),
  })
  server.server.maxConnections = MAX_CONNECTIONS
  const entrance = new Entrance(secrets, `amphitheatre-${dataFolderHash(options.dataDir)}`)
  await compose(server, entrance, options)
  const port = await listen(server, address, options.port)
  entrance.opened(port)
  const url = `http://${authority(address, port)}/`
  return {
    port,
    url,
    invitation: `${url}?token=${secrets.token}`,
    get open() {
      return server.websocketServer.clients.size
    },
    close: () => server.close(),
  }
}

const BUILD = 'Run `npm run build` in the program’s folder.'

async function compose(server: FastifyInstance, entrance: Entrance, options: WebOptions): Promise<void> {
  await server.register(cookies)
  await server.register(websocket, {
    options: {
      maxPayload: MAX_PAYLOAD_BYTES,
      // The key beside it is not said back.
      handleProtocols: (names) => (names.has(WIRE_PROTOCOL) ? WIRE_PROTOCOL : false),
    },
    errorHandler: (_, socket) => socket.terminate(),
    preClose: closeSockets,
  })
  server.addHook('onRequest', async (request, reply) => {
    withHeaders(reply)
    if (isHook(request) || isScrape(request))
      return entrance.isOurs(request) ? undefined : sendNote(request, reply, 'wrong-host')
    const upgrade = request.ws || request.headers.upgrade !== undefined
    const answer = entrance.meet(request, upgrade, server.websocketServer.clients.size >= MAX_PAGES)
    switch (answer.do) {
      case 'go-on':
        return
      case 'enter':
        entrance.giveCookie(reply)
        if (answer.byStep) return reply.type(HTML).send(notePage(STEP, answer.to))
        return reply.redirect(answer.to, 303)
      case 'refuse':
        return sendNote(request, reply, answer.note)
    }
  })
  server.setNotFoundHandler((request, reply) => sendNote(request, reply, 'not-found'))
  server.setErrorHandler((error, request, reply) => {
    // Names of files that are none: out of the folder, hidden, or not to be read as text.
    const { statusCode } = error as { readonly statusCode?: number }
    if (statusCode !== undefined && statusCode < 500) return sendNote(request, reply, 'not-found')
    const [path] = request.url.split('?')
    options.log?.(`pages: ${path}: ${error instanceof Error ? error.message : String(error)}`)
    return sendNote(request, reply, 'broken')
  })
  server.route({
    method: 'GET',
    url: '/pages',
    handler: (request, reply) => sendNote(request, reply, 'needs-upgrade'),
    wsHandler: (socket) => void new PageSocket(socket, options),
  })
  await addHooks(server, options)
  addMetrics(server, options)
  await serveFiles(server, options.pages)
}

/** What the bundler names by content never changes; the page that names them always may. */
async function serveFiles(server: FastifyInstance, root: string): Promise<void> {
  const assets = join(root, 'assets')
  await server.register(files, {
    root,
    index: ['index.html'],
    dotfiles: 'deny',
    cacheControl: false,
    setHeaders(reply, path) {
      if (!path.startsWith(assets)) return
      reply.header('cache-control', 'private, max-age=31536000, immutable')
    },
  })
}

/** Alerts from outside have tokens of their own, and nothing of the pages. */
function isHook({ method, url }: FastifyRequest): boolean {
  return method === 'POST' && url.startsWith(HOOKS_PATH)
}

/** Prometheus has a token of its own, too; browsers have no part in it. */
function isScrape({ method, url, headers }: FastifyRequest): boolean {
  const isBrowser = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined
  return method === 'GET' && url.split('?', 1)[0] === METRICS_PATH && !isBrowser
}

const HTML = 'text/html; charset=utf-8'
const STEP = { title: 'Opening the control center', text: '<a href="/">Go on</a> if it does not open.' }

function withHeaders(reply: FastifyReply): FastifyReply {
  return reply.headers(PAGE_HEADERS).header('x-frame-options', 'DENY').header('cache-control', 'no-store')
}

function sendNote(request: FastifyRequest, reply: FastifyReply, name: NoteName): FastifyReply {
  const note = NOTES[name]
  reply.code(note.status).header('cache-control', 'no-store')
  if (note.status === 429) reply.header('retry-after', '60')
  if (request.headers.accept?.includes('text/html') === true) return reply.type(HTML).send(notePage(note))
  return reply.type('text/plain; charset=utf-8').send(noteText(note))
}

async function listen(server: FastifyInstance, host: string, port: number | undefined): Promise<number> {
  try {
    await server.listen({ host, port: port ?? DEFAULT_PORT })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (port === undefined && code === 'EADDRINUSE') await server.listen({ host, port: 0 })
    else throw cannotListen(host, port ?? DEFAULT_PORT, error)
  }
  return (server.server.address() as { readonly port: number }).port
}

function cannotListen(host: string, port: number, cause: unknown): unknown {
  const where = authority(host, port)
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new WebError(
        `Something else listens at ${where} already.`,
        'Choose another --port, or leave it out to get a free one.',
        { cause },
      )
    case 'EACCES':
      return new WebError(`This user may not listen at ${where}.`, 'Choose a --port above 1023.', { cause })
    case 'EADDRNOTAVAIL':
      return new WebError(`This machine has no address ${host}.`, 'Leave --host out.', { cause })
    default:
      return cause
  }
}

/** Pages are told; those that do not go are cut off. */
function closeSockets(this: FastifyInstance, done: () => void): void {
  const { clients } = this.websocketServer
  for (const client of clients) client.close(1001, 'the program ends')
  const cut = setTimeout(() => {
    for (const client of clients) client.terminate()
  }, GOODBYE_MS)
  this.websocketServer.close(() => {
    clearTimeout(cut)
    done()
  })
}
