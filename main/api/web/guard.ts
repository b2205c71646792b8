import type { IncomingHttpHeaders } from 'node:http'
import { KEY_HEADER, KEY_PROTOCOL } from '../../../preload/wire.ts'

/**
 * Who may ask at all, before any secret is looked at: a page of another address, or one whose name was made to point
 * here (DNS rebinding), gets nothing even from a browser that is let in.
 */

/** Names of this machine for itself; 127.0.0.1 is not reachable from another. */
const LOOPBACK = ['127.0.0.1', '::1', 'localhost'] as const
export type Loopback = (typeof LOOPBACK)[number]

export function isLoopback(host: string): host is Loopback {
  return LOOPBACK.includes(host as Loopback)
}

/** `host:port` as it stands in addresses. */
export function authority(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Was this port of this machine asked by its own name? */
export function isOwnHost(host: string | undefined, port: number): boolean {
  return host !== undefined && LOOPBACK.some((name) => authority(name, port) === host)
}

export interface Asking {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  /** Wants to become a WebSocket. */
  readonly upgrade: boolean
}

export type Refusal = 'wrong-host' | 'wrong-origin' | 'wrong-method'

/** Undefined: go on, and look whether the secrets are right. */
export function refusalOf({ method, headers, upgrade }: Asking, port: number): Refusal | undefined {
  const { host } = headers
  if (!isOwnHost(host, port)) return 'wrong-host'
  if (method !== 'GET' && method !== 'HEAD') return 'wrong-method'
  const { origin } = headers
  // A browser always tells the origin of a WebSocket, so what tells none is no page of ours.
  if (upgrade || origin !== undefined) return origin === `http://${host}` ? undefined : 'wrong-origin'
  return comesFromOutside(headers) && !isNavigation(headers) ? 'wrong-origin' : undefined
}

/** Asked for by a page of another address. Another port of this machine is `same-site`: that is not ours either. */
export function comesFromOutside(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site']
  return site !== undefined && site !== 'same-origin' && site !== 'none'
}

/** A link that was followed, in a window of its own: the page that had the link sees nothing of what comes. */
function isNavigation(headers: IncomingHttpHeaders): boolean {
  return headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
}

/** The page's key, from wherever it was brought along. */
export function keyOf(headers: IncomingHttpHeaders): string | undefined {
  const header = headers[KEY_HEADER]
  if (typeof header === 'string') return header
  const protocols = headers['sec-websocket-protocol']?.split(',') ?? []
  const named = protocols.map((name) => name.trim()).find((name) => name.startsWith(KEY_PROTOCOL))
  return named?.slice(KEY_PROTOCOL.length)
}
