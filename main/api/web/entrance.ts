import type { FastifyReply, FastifyRequest } from 'fastify'
import { comesFromOutside, isOwnHost, keyOf, refusalOf } from './guard.ts'
import type { NoteName } from './notes.ts'
import { isSame, type Secrets } from './secrets.ts'
import { Tries } from './tries.ts'

export type Answer =
  | { readonly do: 'go-on' }
  /** Right token. `byStep`: over a page of ours, since a browser keeps a strict cookie back after a foreign link. */
  | { readonly do: 'enter'; readonly to: string; readonly byStep: boolean }
  | { readonly do: 'refuse'; readonly note: NoteName }

/** How long a browser stays let in, s: 30 days. */
const COOKIE_AGE_S = 30 * 24 * 3_600

/** Decides who gets in: the address that was asked first, then the secrets. */
export class Entrance {
  readonly #secrets: Secrets
  /** Cookies know no ports: named after the data folder, so that two programs do not take each other's away. */
  readonly #cookieName: string
  readonly #wrong = new Tries()
  /** Nobody gets in before it is known. */
  #port = 0

  constructor(secrets: Secrets, cookieName: string) {
    this.#secrets = secrets
    this.#cookieName = cookieName
  }

  opened(port: number): void {
    this.#port = port
  }

  /** Was it sent to this address by its own name? */
  isOurs({ headers }: FastifyRequest): boolean {
    return isOwnHost(headers.host, this.#port)
  }

  meet(request: FastifyRequest, upgrade: boolean, full: boolean): Answer {
    const { method, headers } = request
    const refusal = refusalOf({ method, headers, upgrade }, this.#port)
    if (refusal !== undefined) return { do: 'refuse', note: refusal }
    const { token } = request.query as { readonly token?: unknown }
    const path = request.url.split('?', 1)[0]
    if (path === '/' && token !== undefined && !upgrade) return this.#byToken(token, request)
    if (!isSame(request.cookies[this.#cookieName], this.#secrets.cookie)) return refuse('not-let-in')
    if (path !== '/pages') return upgrade ? refuse('not-found') : { do: 'go-on' }
    if (!isSame(keyOf(headers), this.#secrets.key)) return refuse('not-let-in')
    return upgrade && full ? refuse('too-many-pages') : { do: 'go-on' }
  }

  /** The right one always gets in: 256 bits are not guessed, and another user must not be able to lock anyone out. */
  #byToken(token: unknown, { headers }: FastifyRequest): Answer {
    if (typeof token === 'string' && isSame(token, this.#secrets.token)) {
      return { do: 'enter', to: `/#key=${this.#secrets.key}`, byStep: comesFromOutside(headers) }
    }
    return refuse(this.#wrong.take() ? 'wrong-token' : 'too-many')
  }

  giveCookie(reply: FastifyReply): void {
    reply.setCookie(this.#cookieName, this.#secrets.cookie, {
      httpOnly: true,
      sameSite: 'strict',
      path: '/',
      maxAge: COOKIE_AGE_S,
    })
  }
}

function refuse(note: NoteName): Answer {
  return { do: 'refuse', note }
}
