import { type DoorReply, refuse } from './door.ts'
import { parseJson } from './json.ts'
import { DOOR_LIMITS } from './limits.ts'
import { wantsPlain } from './plain.ts'
import { type OpenedFile, readAll, type SpoolFolder } from './spoolFolder.ts'

/**
 * One request: `{"verb", "args", "accept"}`, or `{"upload": {"name", "type"}, "accept"}` with its bytes in
 * `<id>.data`. `accept` as in HTTP.
 */
export type SpoolRequest =
  | { readonly verb: string; readonly args: unknown; readonly plain: boolean }
  | { readonly upload: { readonly name: string; readonly type: string | null }; readonly plain: boolean }

/** Undefined where there is none any more. `admit` is asked before one is read that counts as further calls. */
export async function readRequest(
  folder: SpoolFolder,
  id: string,
  admit: (calls: number) => DoorReply | undefined,
): Promise<SpoolRequest | { readonly reply: DoorReply } | undefined> {
  const opened = await folder.file(`${id}.json`)
  if (!opened.ok) {
    if (opened.why === 'gone') return undefined
    return bad(`the request cannot be taken: ${opened.reason}`, 'Write a plain file of your own.')
  }
  let bytes: Buffer | undefined
  try {
    const reply = sizeProblem(opened.bytes, admit)
    if (reply !== undefined) return { reply }
    bytes = await readAll(opened.file, opened.bytes)
  } finally {
    await opened.file.close()
  }
  if (bytes === undefined) return bad('the request grew while it was read', WRITE_WHOLE)
  const parsed = parseJson(bytes, DOOR_LIMITS)
  if (!parsed.ok) return bad(parsed.reason.replace('body', 'request'), WRITE_WHOLE)
  return requestOf(parsed.value)
}

function sizeProblem(bytes: number, admit: (calls: number) => DoorReply | undefined): DoorReply | undefined {
  const { bodyBytes, bytesPerCall } = DOOR_LIMITS
  if (bytes > bodyBytes)
    return refuse(
      'too-large',
      `the request is larger than ${bodyBytes} bytes`,
      'Publish large things as artifacts.',
    )
  return bytes < bytesPerCall ? undefined : admit(Math.floor(bytes / bytesPerCall))
}

function requestOf(value: unknown): SpoolRequest | { readonly reply: DoorReply } {
  const given =
    typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  const { verb, args = {}, accept, upload } = given
  const plain = typeof accept === 'string' && wantsPlain(accept)
  if (typeof verb === 'string') return { verb, args, plain }
  const { name, type = null } = (upload ?? {}) as { readonly name?: unknown; readonly type?: unknown }
  if (typeof name === 'string' && (type === null || typeof type === 'string'))
    return { upload: { name, type }, plain }
  return bad('the request has neither a verb nor an upload', 'Write {"verb": "hello", "args": {}}.')
}

const WRITE_WHOLE = 'Write it under another name, then rename it.'

function bad(reason: string, remedy: string): { readonly reply: DoorReply } {
  return { reply: refuse('bad-request', reason, remedy) }
}

export function oddData(data: Exclude<OpenedFile, { readonly ok: true }>): DoorReply {
  const reason = data.why === 'gone' ? 'there is none' : data.reason
  return refuse(
    'bad-request',
    `the bytes of the upload cannot be taken: ${reason}`,
    'Write them to <id>.data.',
  )
}
