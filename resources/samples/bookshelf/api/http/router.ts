import type { IncomingMessage } from 'node:http'
import type { App } from '../app.ts'
import type { Reply } from './reply.ts'

export interface Call {
  readonly app: App
  readonly url: URL
  /** Parts of the path that the route names: `id` of `/books/:id`. */
  readonly params: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, unknown>>
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly handle: (call: Call) => Reply
}

export interface Match {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

export type RouteResult =
  | ({ readonly status: 'found' } & Match)
  | { readonly status: 'wrong-method'; readonly allowed: readonly string[] }
  | { readonly status: 'nowhere' }

export function createRouter(routes: readonly Route[]): (request: IncomingMessage, url: URL) => RouteResult {
  const patterns = routes.map((route) => ({ route, pattern: new URLPattern({ pathname: route.path }) }))
  return (request, url) => {
    const matches = patterns.flatMap(({ route, pattern }) => {
      const params = pattern.exec({ pathname: url.pathname })?.pathname.groups
      return params === undefined ? [] : [{ route, params: params as Record<string, string> }]
    })
    const found = matches.find(({ route }) => route.method === request.method)
    if (found !== undefined) return { status: 'found', ...found }
    if (matches.length === 0) return { status: 'nowhere' }
    return { status: 'wrong-method', allowed: matches.map(({ route }) => route.method) }
  }
}
