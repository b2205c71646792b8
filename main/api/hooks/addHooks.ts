import { createHmac } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ProjectId } from '../../domain/ids.ts'
import type { EngineLink } from '../pages/engineLink.ts'
import { isSame } from '../web/secrets.ts'
import { Tries } from '../web/tries.ts'
import { AlertInbox } from './alertInbox.ts'
import { parseAlerts } from './alertPayload.ts'
import { SIGNATURE, TIMESTAMP } from './headers.ts'
import { HookTokens } from './hookTokens.ts'

export const HOOKS_PATH = '/hooks/'
/** Alertmanager and Grafana take alerts together; a thousand are about 600 KB. */
const MAX_BYTES = 2 * 1024 * 1024
/** How old a signed request may be, s. */
const MAX_AGE_S = 300

/** Bodies that are read at once though nobody knows yet whether they are signed rightly. */
export const MOST_UNPROVEN = 64

export interface HookParts {
  readonly link: EngineLink
  readonly dataDir: string
  readonly log?: ((line: string) => void) | undefined
}

/**
 * `POST /hooks/alertmanager` and `/hooks/grafana`: alerts from outside, with a token of one project (`Authorization:
 * Bearer`), or of Grafana (11.6 and later) signed with it at `/hooks/grafana/PROJECT`. No page has a part in it: a browser is refused.
 */
export async function addHooks(server: FastifyInstance, parts: HookParts): Promise<void> {
  const tokens = new HookTokens(parts.dataDir)
  const inbox = new AlertInbox(parts.link, parts.log)
  const wrong = new Tries()
  const unproven = new Set<FastifyRequest>()
  await server.register((scope, _, done) => {
    scope.removeAllContentTypeParsers()
    // A signature is one of the bytes as they came.
    scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, parsed) =>
      parsed(null, body),
    )
    scope.setErrorHandler((error, _request, reply) => failed(error, reply, parts.log))
    const handler = (request: FastifyRequest, reply: FastifyReply) =>
      receive(request, reply, { tokens, inbox, wrong, unproven })
    for (const url of ['/hooks/alertmanager', '/hooks/grafana', '/hooks/grafana/:project'])
      scope.route({
        method: 'POST',
        url,
        bodyLimit: MAX_BYTES,
        onRequest: hurry(tokens, wrong, unproven),
        handler,
      })
    done()
  })
}

interface Receiving {
  readonly tokens: HookTokens
  readonly inbox: AlertInbox
  readonly wrong: Tries
  readonly unproven: Set<FastifyRequest>
}

const signatureOf = ({ headers }: FastifyRequest) => headers[SIGNATURE.toLowerCase()]

/** Who has neither the token nor what may be a signature with it is refused before a body is read. */
function hurry(tokens: HookTokens, wrong: Tries, unproven: Set<FastifyRequest>) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    if (request.headers.origin !== undefined || request.headers['sec-fetch-site'] !== undefined)
      return say(reply, 403, 'browsers have no part in this')
    const token = bearer(request)
    if (token === undefined && mayBeSigned(request, tokens)) {
      if (unproven.size >= MOST_UNPROVEN)
        return say(reply.header('retry-after', '5'), 503, 'too many requests are being read')
      unproven.add(request)
      reply.raw.once('close', () => unproven.delete(request))
      return undefined
    }
    if (token !== undefined && tokens.projectOf(token) !== undefined) return undefined
    return refuse(reply, wrong)
  }
}

function mayBeSigned(request: FastifyRequest, tokens: HookTokens): boolean {
  const { project } = request.params as { readonly project?: string }
  const signature = signatureOf(request)
  if (typeof signature !== 'string' || !/^[0-9a-f]{64}$/i.test(signature)) return false
  return project !== undefined && tokens.tokenOf(project) !== undefined && isFresh(request) !== false
}

/** Undefined where it is not told when it was signed. */
function isFresh({ headers }: FastifyRequest): boolean | undefined {
  const stamp = headers[TIMESTAMP.toLowerCase()]
  if (typeof stamp !== 'string') return undefined
  return /^\d{1,12}$/.test(stamp) && Math.abs(Date.now() / 1000 - Number(stamp)) <= MAX_AGE_S
}

async function receive(
  request: FastifyRequest,
  reply: FastifyReply,
  { tokens, inbox, wrong, unproven }: Receiving,
): Promise<FastifyReply> {
  const body = request.body as Buffer
  const project = projectOf(request, body, tokens)
  unproven.delete(request)
  if (project === undefined) return refuse(reply, wrong)
  const json = jsonOf(body)
  if (json === undefined) return say(reply, 400, 'the body is no JSON')
  const parsed = parseAlerts(json, Date.now())
  if (!parsed.ok) return say(reply, 422, parsed.reason)
  const from = request.url.startsWith('/hooks/grafana') ? 'grafana' : 'alertmanager'
  const received = await inbox.take(project, from, parsed.alerts)
  if (received.ok) return reply.code(200).send({ ok: true, alerts: parsed.alerts.length })
  if (received.why === 'refused') return say(reply, 404, 'the project of this token is not known here')
  return say(reply.header('retry-after', '5'), 503, received.reason)
}

/**
 * HMAC-SHA256 in hex over the bytes as they came; with a timestamp header over `<Unix seconds>:<bytes>`. A stamp that is
 * taken away on the way makes the signature wrong. "HMAC signature" in
 * https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
 */
function projectOf(request: FastifyRequest, body: Buffer, tokens: HookTokens): ProjectId | undefined {
  const token = bearer(request)
  if (token !== undefined) return tokens.projectOf(token)
  const { project } = request.params as { readonly project?: string }
  const secret = project === undefined ? undefined : tokens.tokenOf(project)
  const signature = signatureOf(request)
  const stamp = request.headers[TIMESTAMP.toLowerCase()]
  if (typeof signature !== 'string') return undefined
  const hmac = createHmac('sha256', secret ?? 'none')
  if (isFresh(request) === false) return undefined
  if (typeof stamp === 'string') hmac.update(`${stamp}:`)
  const isRight = isSame(signature, hmac.update(body).digest('hex'))
  return isRight && secret !== undefined ? (project as ProjectId) : undefined
}

function bearer({ headers }: FastifyRequest): string | undefined {
  return /^Bearer ([A-Za-z0-9_-]{20,100})$/.exec(headers.authorization ?? '')?.[1]
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown
  } catch {
    return undefined
  }
}

/** The right token always gets in; wrong ones only so often are looked at. */
function refuse(reply: FastifyReply, wrong: Tries): FastifyReply {
  if (!wrong.take()) return say(reply.header('retry-after', '60'), 429, 'too many wrong tokens')
  return say(reply, 401, 'the token is not one of this program; `amphi incident hook` shows the right one')
}

function failed(error: unknown, reply: FastifyReply, log?: (line: string) => void): FastifyReply {
  const { statusCode = 500 } = error as { readonly statusCode?: number }
  if (statusCode === 413) return say(reply, 413, `a request holds ${MAX_BYTES} bytes at most`)
  if (statusCode === 415) return say(reply, 415, 'the body has to be application/json')
  if (statusCode < 500) return say(reply, 400, 'the request is not understood')
  log?.(`hooks: ${error instanceof Error ? error.message : String(error)}`)
  return say(reply, 500, 'it could not be taken')
}

function say(reply: FastifyReply, status: number, error: string): FastifyReply {
  return reply.code(status).send({ error })
}
