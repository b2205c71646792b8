import { ProtocolError, ProtocolErrorCode, ResourceNotFoundError } from '@modelcontextprotocol/server'
import { storedBytes, utf8 } from './artifacts.ts'
import { type Caller, refusalText } from './caller.ts'
import { HANDOFF_TEMPLATE } from './handoffTemplate.ts'

/** What an agent can read: the files of the project's context, its inbox, published files, the hand-off template. */

interface Resource {
  uri: string
  name: string
  title?: string
  description?: string
  mimeType: string
  size?: number
}

type Contents = { contents: ({ uri: string; mimeType: string } & ({ text: string } | { blob: string }))[] }

/** Resources that are a verb's answer as JSON. */
const ANSWERS: Readonly<Record<string, { readonly verb: string; readonly about: Resource }>> = {
  'amphitheatre://inbox': {
    verb: 'inbox',
    about: {
      uri: 'amphitheatre://inbox',
      name: 'inbox',
      title: 'Inbox',
      description: 'Messages you have not handled, oldest first.',
      mimeType: 'application/json',
    },
  },
  'amphitheatre://hand-offs': {
    verb: 'handoffs',
    about: {
      uri: 'amphitheatre://hand-offs',
      name: 'hand-offs',
      title: 'Hand-offs',
      description: 'Hand-offs you give or receive.',
      mimeType: 'application/json',
    },
  },
  'amphitheatre://checklist': {
    verb: 'checklist',
    about: {
      uri: 'amphitheatre://checklist',
      name: 'checklist',
      title: 'Start-up checklist',
      description: 'The steps of the start-up checklist and their status.',
      mimeType: 'application/json',
    },
  },
}

const TEMPLATE: Resource = {
  uri: 'amphitheatre://handoff-template',
  name: 'handoff-template',
  title: 'Hand-off template',
  description: 'The Markdown that hand_off takes, to fill in.',
  mimeType: 'text/markdown',
}

export const RESOURCE_TEMPLATES = [
  {
    uriTemplate: 'context://{+path}',
    name: 'context',
    title: 'Project context',
    description: 'A file of the project’s context, like context://global/project_state.yaml.',
  },
  {
    uriTemplate: 'artifact://{hash}',
    name: 'artifact',
    title: 'Published file',
    description: 'A file an agent of this run published, by the SHA-256 of its content.',
  },
] as const

const CONTEXT = 'context://'
const ARTIFACT = 'artifact://'

/** Entries of one page. */
export const PAGE = 500

export async function listResources(
  caller: Caller,
  cursor?: string,
): Promise<{ resources: Resource[]; nextCursor?: string }> {
  const from = cursor === undefined ? 0 : Number(cursor)
  if (!Number.isSafeInteger(from) || from < 0)
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'cursor: it is none that was given')
  const said = await ask(caller, 'context', {})
  const files = said['files'] as readonly { readonly path: string; readonly bytes: number }[]
  const all = [...Object.values(ANSWERS).map(({ about }) => about), TEMPLATE, ...files.map(ofFile)]
  const resources = all.slice(from, from + PAGE)
  return from + PAGE < all.length ? { resources, nextCursor: String(from + PAGE) } : { resources }
}

export async function readResource(caller: Caller, uri: string): Promise<Contents> {
  const answer = Object.hasOwn(ANSWERS, uri) ? ANSWERS[uri] : undefined
  if (answer !== undefined) {
    const text = JSON.stringify(await ask(caller, answer.verb, {}, uri), null, 2)
    return { contents: [{ uri, mimeType: answer.about.mimeType, text }] }
  }
  if (uri === TEMPLATE.uri)
    return { contents: [{ uri, mimeType: TEMPLATE.mimeType, text: HANDOFF_TEMPLATE }] }
  if (uri.startsWith(CONTEXT)) {
    const path = pathOf(uri)
    const { text } = await ask(caller, 'context', { path }, uri)
    return { contents: [{ uri, mimeType: mimeTypeOf(path), text: text as string }] }
  }
  if (uri.startsWith(ARTIFACT)) return readArtifact(caller, uri)
  throw new ResourceNotFoundError(uri)
}

async function readArtifact(caller: Caller, uri: string): Promise<Contents> {
  const hash = uri.slice(ARTIFACT.length).replace(/\/$/, '')
  const { body, file } = await caller.call('artifact-get', { hash }, null)
  if (!body.ok) throw refused(body, uri)
  const data = file === undefined ? undefined : await storedBytes(file)
  if (data === undefined)
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `it is too large to be given here, or gone. Fetch it into a file: amphi-agent get ${hash} FILE`,
    )
  const mimeType = mimeTypeOf(String(body['path']))
  const text = utf8(data)
  if (text !== undefined) return { contents: [{ uri, mimeType, text }] }
  return {
    contents: [{ uri, mimeType: 'application/octet-stream', blob: data.toString('base64') }],
  }
}

/** A verb's answer; what is refused is an error of the protocol, as resources know no other. */
async function ask(
  caller: Caller,
  verb: string,
  args: unknown,
  uri?: string,
): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await caller.call(verb, args, null)
  if (!body.ok) throw refused(body, uri)
  const { ok: _, ...said } = body
  return said
}

type Refusal = Parameters<typeof refusalText>[0]

function refused(body: Refusal, uri: string | undefined): ProtocolError {
  if (body.code === 'unknown' && uri !== undefined) return new ResourceNotFoundError(uri)
  const code = body.code === 'bad-request' ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError
  return new ProtocolError(code, refusalText(body))
}

function ofFile({ path, bytes }: { readonly path: string; readonly bytes: number }): Resource {
  const uri = CONTEXT + path.split('/').map(encodeURIComponent).join('/')
  return { uri, name: path, mimeType: mimeTypeOf(path), size: bytes }
}

/** A slash at the end is what URL parsers add to a name without folders. */
function pathOf(uri: string): string {
  try {
    return decodeURIComponent(uri.slice(CONTEXT.length).replace(/\/$/, ''))
  } catch {
    throw new ResourceNotFoundError(uri)
  }
}

function mimeTypeOf(path: string): string {
  if (/\.ya?ml$/i.test(path)) return 'application/yaml'
  if (/\.json$/i.test(path)) return 'application/json'
  return /\.(md|markdown)$/i.test(path) ? 'text/markdown' : 'text/plain'
}
