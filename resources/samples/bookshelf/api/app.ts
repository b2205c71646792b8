import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Store } from './database/store.ts'
import { apiRoutes } from './http/api.ts'
import { readBody } from './http/body.ts'
import type { Metrics } from './http/metrics.ts'
import { pageRoutes } from './http/pages.ts'
import { problem, type Reply } from './http/reply.ts'
import { createRouter } from './http/router.ts'
import type { Templates } from './http/template.ts'

/** Everything the handlers work with. */
export interface App {
  readonly store: Store
  readonly metrics: Metrics
  readonly templates: Templates
  readonly assets: ReadonlyMap<string, Reply>
  readonly build: { readonly version: string; readonly schema: number }
  /** ISO date; a function, so that tests can choose the day. */
  readonly today: () => string
}

interface Answer {
  readonly reply: Reply
  /** The route's pattern, for the metrics: paths themselves would be without number. */
  readonly route: string
}

const route = createRouter([...pageRoutes, ...apiRoutes])

export function createApp(app: App): Server {
  return createServer(async (request, response) => {
    const start = performance.now()
    const answer = await answerTo(app, request).catch(failure)
    send(response, answer.reply)
    app.metrics.record(answer.route, answer.reply.status, performance.now() - start)
  })
}

async function answerTo(app: App, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://bookshelf')
  const asset = app.assets.get(url.pathname)
  if (asset !== undefined) return { reply: asset, route: '/assets' }
  const match = route(request, url)
  if (match.status === 'nowhere') return { reply: problem(404, 'There is nothing here.'), route: 'none' }
  if (match.status === 'wrong-method') {
    const refusal = problem(405, `Use ${match.allowed.join(' or ')}.`)
    return {
      reply: { ...refusal, headers: { ...refusal.headers, allow: match.allowed.join(', ') } },
      route: 'none',
    }
  }
  const { path, handle } = match.route
  if (request.method !== 'GET' && request.headers['sec-fetch-site'] === 'cross-site')
    return { reply: problem(403, 'Forms of other sites are not taken.'), route: path }
  const body = await readBody(request)
  if (body.status === 'refused') return { reply: problem(body.code, body.reason), route: path }
  return { reply: handle({ app, url, params: match.params, fields: body.fields }), route: path }
}

function failure(error: unknown): Answer {
  console.error(error)
  return { reply: problem(500, 'Something went wrong on our side.'), route: 'failed' }
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, {
    'x-content-type-options': 'nosniff',
    'content-length': Buffer.byteLength(body),
    ...headers,
  })
  response.end(body)
}
