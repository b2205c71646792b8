import { createReadStream } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { DoorReply } from './door.ts'

/** Writes a reply as HTTP. Every connection carries one call: whoever holds many holds no place that others need. */
export async function sendReply(
  response: ServerResponse,
  reply: DoorReply,
  /** Sent in place of JSON. */
  words?: string,
): Promise<void> {
  if (response.headersSent || response.destroyed) return
  const { file, retryAfter } = reply
  const headers: Record<string, string | number> = {
    connection: 'close',
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  }
  if (file === undefined) {
    const text = words ?? `${JSON.stringify(reply.body)}\n`
    response.writeHead(reply.status, {
      ...headers,
      'content-type': words === undefined ? 'application/json' : 'text/plain; charset=utf-8',
      'content-length': Buffer.byteLength(text),
    })
    response.end(text)
    return
  }
  response.writeHead(reply.status, {
    ...headers,
    'content-type': 'application/octet-stream',
    'content-length': file.bytes,
    'x-artifact-sha256': file.hash,
  })
  // A reader that goes, or bytes that are gone, end the connection before its length is reached: it shows.
  await pipeline(createReadStream(file.path), response).catch(() => response.destroy())
}

/** A whole answer for a connection nobody has read anything from. */
export function bareReply(reply: DoorReply): string {
  const text = `${JSON.stringify(reply.body)}\n`
  const head = [
    `HTTP/1.1 ${reply.status} ${reply.status === 503 ? 'Service Unavailable' : 'Bad Request'}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
    ...(reply.retryAfter === undefined ? [] : [`Retry-After: ${reply.retryAfter}`]),
    'Connection: close',
  ]
  return `${head.join('\r\n')}\r\n\r\n${text}`
}
