import type { IncomingMessage } from 'node:http'

const LARGEST_BODY = 64 * 1024

export type BodyResult =
  | { readonly status: 'read'; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly status: 'refused'; readonly code: 400 | 413 | 415; readonly reason: string }

const refused = (code: 400 | 413 | 415, reason: string): BodyResult => ({ status: 'refused', code, reason })

/** Reads a form or a JSON object; anything else, and anything over 64 KiB, is refused. */
export async function readBody(request: IncomingMessage): Promise<BodyResult> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > LARGEST_BODY) return refused(413, 'That is more than 64 KiB.')
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks).toString('utf8')
  const type = (request.headers['content-type'] ?? '').split(';')[0]
  if (type === 'application/x-www-form-urlencoded')
    return { status: 'read', fields: Object.fromEntries(new URLSearchParams(body)) }
  if (type === 'application/json') return parseObject(body)
  return body === '' ? { status: 'read', fields: {} } : refused(415, 'Send a form or JSON.')
}

function parseObject(body: string): BodyResult {
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { status: 'read', fields: value as Record<string, unknown> }
  } catch {
    // Falls through to the same answer: what was sent is no JSON object.
  }
  return refused(400, 'Send one JSON object.')
}
