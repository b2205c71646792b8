import type { IncomingMessage } from 'node:http'
import { type DoorReply, refuse } from './door.ts'
import { parseJson } from './json.ts'
import { DOOR_LIMITS } from './limits.ts'

/** What a call brings, read with a limit on bytes and time. */

export type Body =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reply: DoorReply }

function fail(reply: DoorReply): Body {
  return { ok: false, reply }
}

/** A length that is announced and too large is refused before anything is read. */
export function lengthProblem(request: IncomingMessage, most: number): DoorReply | null {
  const length = Number(request.headers['content-length'] ?? 0)
  if (length <= most) return null
  return refuse('too-large', `the body is larger than ${most} bytes`, 'Publish large things as artifacts.')
}

/** `admit` is asked as it comes, of each further piece of `bytesPerCall`; what it refuses is not read on. */
export async function readJson(
  request: IncomingMessage,
  admit: (calls: number) => DoorReply | undefined,
): Promise<Body> {
  const { bodyBytes, bodyMs, bytesPerCall } = DOOR_LIMITS
  const early = lengthProblem(request, bodyBytes)
  if (early !== null) return fail(early)
  const chunks: Buffer[] = []
  let bytes = 0
  let admitted = 0
  const late = setTimeout(() => request.destroy(), bodyMs)
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length
      const calls = Math.floor(bytes / bytesPerCall) - admitted
      const refused = calls > 0 ? admit(calls) : undefined
      if (refused !== undefined) return fail(refused)
      admitted += calls
      if (bytes > bodyBytes)
        return fail(
          refuse(
            'too-large',
            `the body is larger than ${bodyBytes} bytes`,
            'Publish large things as artifacts.',
          ),
        )
      chunks.push(chunk)
    }
  } catch {
    return fail(refuse('bad-request', 'the body did not come whole', 'Send it again.'))
  } finally {
    clearTimeout(late)
  }
  const parsed = parseJson(Buffer.concat(chunks), DOOR_LIMITS)
  if (parsed.ok) return { ok: true, value: parsed.value }
  return fail(refuse('bad-request', parsed.reason, 'Send JSON in UTF-8, as docs/agents.md shows.'))
}
