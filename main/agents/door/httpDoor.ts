import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { lengthProblem, readJson } from './bodies.ts'
import { type Door, type DoorMcp, type DoorReply, type DoorService, refuse } from './door.ts'
import { DOOR_LIMITS } from './limits.ts'
import { plainReply, wantsPlain } from './plain.ts'
import { bareReply, sendReply } from './replies.ts'

/**
 * The door's HTTP. Two routes, so node's own server with a switch: a web framework would have to be set up once for
 * each agent's socket, with a router and compiled schemas each, and would bring nothing that is used here.
 */
export interface HttpDoorOptions {
  readonly service: DoorService
  readonly mcp?: DoorMcp
  /** Whose call it is; a reply where it is nobody's. Over a unix socket it is always the same. */
  readonly doorOf: (request: IncomingMessage) => Door | DoorReply
  /** Connections at once; more are told so and closed. */
  readonly connections: number
  /** Agents share these: who has said nothing yet goes when somebody else comes, so that nobody holds them all. */
  readonly shared?: boolean
  /** Too many came; whoever listens may stop listening for a while. */
  readonly onFlood?: () => void
}

const NOT_FOUND = refuse(
  'unknown',
  'there is nothing at this address',
  'Call POST /v1/<verb>, PUT /v1/artifacts/<name> or POST /mcp.',
)
const TOO_MANY = refuse(
  'unavailable',
  `more than ${DOOR_LIMITS.connections} calls at once`,
  'Wait until one of them is answered.',
  1,
)
const TOO_MANY_CONNECTIONS = bareReply(TOO_MANY)
const TOO_SLOW = bareReply(refuse('bad-request', 'the request did not come in time', 'Send it whole.'))
const BAD_HTTP = bareReply(refuse('bad-request', 'that is no HTTP request', 'See docs/agents.md.'))

export function createHttpDoor(options: HttpDoorOptions): Server {
  const { headersMs, uploadMs, headerBytes } = DOOR_LIMITS
  const busy = new WeakMap<Door, number>()
  /** Connections nothing whole was heard of yet, the oldest first. */
  const unheard = new Set<Socket>()
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    unheard.delete(request.socket)
    void respond(options, busy, request, response).catch(() => response.destroy())
  }
  const server = createServer(
    {
      headersTimeout: headersMs,
      requestTimeout: uploadMs,
      connectionsCheckingInterval: 2_000,
      maxHeaderSize: headerBytes,
      keepAlive: false,
    },
    listener,
  )
  server.maxRequestsPerSocket = 1
  server.maxHeadersCount = 64
  // `Expect: 100-continue`: what is too large is refused before it is sent.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    const most = request.method === 'PUT' ? DOOR_LIMITS.artifactBytes : DOOR_LIMITS.bodyBytes
    if (lengthProblem(request, most) === null) response.writeContinue()
    listener(request, response)
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (socket.writable) socket.end(error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? TOO_SLOW : BAD_HTTP)
    else socket.destroy()
  })
  // A second request on the same connection, sent before the first was answered.
  server.on('dropRequest', (_request, socket) => socket.destroy())
  bound(server, options, unheard)
  return server
}

/** Counts connections; those over the limit get an answer without being read. */
function bound(
  server: Server,
  { connections, shared = false, onFlood }: HttpDoorOptions,
  unheard: Set<Socket>,
): void {
  let open = 0
  let knocks = 0
  let since = 0
  let telling = 0
  const tellAndClose = (socket: Socket): void => {
    socket.end(TOO_MANY_CONNECTIONS)
    if (telling >= DOOR_LIMITS.connections) {
      socket.destroySoon()
      return
    }
    // Who still sends its request would break off without having read why; a few are given the time.
    telling++
    const late = setTimeout(() => socket.destroy(), DOOR_LIMITS.lingerMs)
    socket.once('close', () => {
      telling--
      clearTimeout(late)
    })
    socket.resume()
  }
  const [serve] = server.listeners('connection') as ((socket: Socket) => void)[]
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => socket.destroy())
    const now = performance.now()
    if (now - since > 1_000) {
      since = now
      knocks = 0
    }
    if (++knocks > DOOR_LIMITS.knocksPerSecond) onFlood?.()
    const silent = shared && open >= connections ? unheard.values().next().value : undefined
    if (open < connections || silent !== undefined) {
      if (silent !== undefined) unheard.delete(silent.destroy())
      open++
      unheard.add(socket)
      socket.once('close', () => {
        open--
        unheard.delete(socket)
      })
      serve!.call(server, socket)
      return
    }
    tellAndClose(socket)
  })
}

async function respond(
  options: HttpDoorOptions,
  busy: WeakMap<Door, number>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  request.on('error', () => undefined)
  response.on('error', () => undefined)
  response.on('close', () => gone.abort())
  const door = options.doorOf(request)
  if (!('of' in door)) return sendReply(response, door)
  // Over TCP connections are counted for all agents together; calls are for each.
  const calls = busy.get(door) ?? 0
  if (calls >= DOOR_LIMITS.connections) return sendReply(response, TOO_MANY)
  busy.set(door, calls + 1)
  try {
    const reply = await route(options, door, request, response, gone.signal)
    if (reply === undefined) return
    if (reply.status === 429) await pause(DOOR_LIMITS.tooManyDelayMs, gone.signal)
    const { headers, url = '' } = request
    const words = wantsPlain(headers.accept) ? plainReply(verbOf(url), reply) : undefined
    await sendReply(response, reply, words)
  } finally {
    busy.set(door, (busy.get(door) ?? 1) - 1)
  }
}

/** For the words of an answer; an upload is answered like a published artifact. */
function verbOf(url: string): string {
  return url.startsWith('/v1/artifacts/') ? 'artifact' : (/^\/v1\/([a-z-]+)/.exec(url)?.[1] ?? '')
}

/** Undefined where the answer has been given already. */
async function route(
  { service, mcp }: HttpDoorOptions,
  door: Door,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<DoorReply | undefined> {
  const url = splitUrl(request.url ?? '')
  if (url === undefined) return NOT_FOUND
  const { path, query } = url
  const requestId = idOf(request)
  if (request.method === 'POST') {
    const verb = /^\/v1\/([^/]*)$/.exec(path)?.[1]
    if (verb === undefined && (path !== '/mcp' || mcp === undefined)) return NOT_FOUND
    const body = await readJson(request, (calls) => service.admit(door, calls))
    if (!body.ok) return body.reply
    if (verb !== undefined) return service.call(door, { verb, args: body.value, requestId, signal })
    const tooMany = service.admit(door)
    if (tooMany !== undefined) return tooMany
    await mcp!(door, service, request, response, body.value)
    return undefined
  }
  if (request.method === 'PUT' && path.startsWith('/v1/artifacts/')) {
    const early = lengthProblem(request, DOOR_LIMITS.artifactBytes)
    if (early !== null) return early
    const name = path.slice('/v1/artifacts/'.length)
    const data = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>
    return service.upload(door, { name, type: query.get('type'), data, requestId, signal })
  }
  // Clients of MCP ask for a stream, or end a session: there are none, which they take from this status.
  if (path === '/mcp') {
    response.writeHead(405, { Allow: 'POST', 'Content-Length': '0', Connection: 'close' }).end()
    return undefined
  }
  return NOT_FOUND
}

/** Undefined for an address that cannot be read. */
function splitUrl(url: string): { readonly path: string; readonly query: URLSearchParams } | undefined {
  const [path = '', query = ''] = url.split('?', 2)
  try {
    return { path: decodeURIComponent(path), query: new URLSearchParams(query) }
  } catch {
    return undefined
  }
}

function idOf(request: IncomingMessage): string | null {
  const id = request.headers['request-id']
  return typeof id === 'string' ? id : null
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
