import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  CLIENT_CAPABILITIES_META_KEY,
  createMcpHandler,
  isLegacyRequest,
  PROTOCOL_VERSION_META_KEY,
  ProtocolErrorCode,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import type { Door, DoorService } from '../door/door.ts'
import type { Caller } from './caller.ts'
import { serverFor } from './server.ts'

/**
 * MCP's Streamable HTTP behind the door, for both of its kinds: requests that each say their version (2026-07-28), and
 * the handshake of 2025-11-25 and before, without sessions. Answers are JSON, never a stream: the server says nothing
 * between a request and its answer. `body` is the request's JSON.
 */
export async function answerMcp(
  door: Door,
  service: DoorService,
  request: IncomingMessage,
  response: ServerResponse,
  body: unknown,
): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const requestId = single(request.headers['request-id'])
  const caller: Caller = {
    requestId,
    call: (verb, args, id) => service.call(door, { verb, args, requestId: id, signal: gone.signal }),
  }
  // Whoever has gone holds nothing up, not even where the package would give no answer.
  const left = new Promise<undefined>((resolve) =>
    gone.signal.addEventListener('abort', () => resolve(undefined)),
  )
  const answer = await Promise.race([respond(caller, request, body), left])
  if (answer !== undefined) await write(response, answer)
}

async function respond(caller: Caller, request: IncomingMessage, body: unknown): Promise<Response> {
  // Programs call here; a page in a browser, which says where it comes from, has no business with it.
  if (request.headers.origin !== undefined) return refusal(403, 'pages may not call')
  if (Array.isArray(body)) return refusal(400, 'a request holds one message; batches are gone from MCP')
  const asked = new Request('http://door/mcp', { method: 'POST', headers: headersOf(request, body) })
  if (!(await isLegacyRequest(asked, body))) {
    const modern = createMcpHandler(() => serverFor(caller), { legacy: 'reject', maxSubscriptions: 0 })
    return modern.fetch(asked, { parsedBody: body })
  }
  const server = serverFor(caller)
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
  await server.connect(transport)
  try {
    return await transport.handleRequest(asked, { parsedBody: body })
  } finally {
    await server.close()
  }
}

function refusal(status: number, reason: string): Response {
  const error = { code: ProtocolErrorCode.InvalidRequest, message: reason }
  return Response.json({ jsonrpc: '2.0', error, id: null }, { status })
}

/**
 * The headers MCP repeats its body in, for what stands between client and server to read. Nothing stands there here,
 * and `amphi-agent mcp` passes lines on without reading them: what is missing is taken from the body; what is there
 * has to agree with it.
 */
function headersOf({ headers: given }: IncomingMessage, body: unknown): Headers {
  const headers = new Headers({ accept: 'application/json, text/event-stream' })
  headers.set('content-type', given['content-type'] ?? 'application/json')
  const { method, params } = fields(body)
  const { name, uri, _meta: meta } = fields(params)
  const claimed = fields(meta)
  const isModern = PROTOCOL_VERSION_META_KEY in claimed || CLIENT_CAPABILITIES_META_KEY in claimed
  const fallback = {
    'mcp-protocol-version': isModern ? claimed[PROTOCOL_VERSION_META_KEY] : undefined,
    'mcp-method': isModern ? method : undefined,
    'mcp-name': isModern ? (name ?? uri) : undefined,
  }
  for (const [header, said] of Object.entries(fallback)) {
    const value = single(given[header]) ?? (typeof said === 'string' ? plain(said) : null)
    if (value !== null) headers.set(header, value)
  }
  return headers
}

/** What no header can hold goes as base64, in MCP's form. */
function plain(value: string): string {
  if (/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value) && !value.startsWith('=?')) return value
  return `=?base64?${Buffer.from(value).toString('base64')}?=`
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}

function single(value: string | string[] | undefined): string | null {
  return typeof value === 'string' ? value : null
}

async function write(response: ServerResponse, answer: Response): Promise<void> {
  const text = await answer.text()
  if (response.destroyed) return
  const type = answer.headers.get('content-type')
  response.writeHead(answer.status, {
    connection: 'close',
    'content-length': Buffer.byteLength(text),
    ...(type === null ? {} : { 'content-type': type }),
  })
  response.end(text)
}
