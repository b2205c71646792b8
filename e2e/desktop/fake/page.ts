import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from '@playwright/test'

/** A page of a real Chromium in the place of a window's contents. */
export interface StandInPage {
  readonly page: Page
  send(channel: string, message: unknown): void
  close(): Promise<void>
}

export interface PageOptions {
  readonly preload: string
  /** Serves what the program serves under its own scheme. */
  readonly serve: (url: string) => Promise<Response>
  readonly invoke: (
    channel: string,
    args: unknown,
    frame: { readonly main: boolean; readonly url: string },
  ) => unknown
  readonly onNavigated: () => void
  readonly onCrash: () => void
}

/** Chromium knows no scheme of ours: pages see this address, the program sees its own. */
const PAGE_ORIGIN = 'https://amphitheatre.test'
const OWN_ORIGIN = 'app://amphitheatre'

export const toPageUrl = (url: string): string => url.replace(OWN_ORIGIN, PAGE_ORIGIN)
export const toOwnUrl = (url: string): string => url.replace(PAGE_ORIGIN, OWN_ORIGIN)

let browser: Promise<Browser> | undefined

function launch(): Promise<Browser> {
  browser ??= chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  return browser
}

export async function closeBrowser(): Promise<void> {
  const open = browser
  browser = undefined
  await (await open)?.close()
}

export async function openPage(options: PageOptions): Promise<StandInPage> {
  const context = await (await launch()).newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  const outbox = new Outbox(page)
  await context.route('**', async (route) => {
    const url = route.request().url()
    if (!url.startsWith(PAGE_ORIGIN)) return await route.abort()
    const response = await options.serve(toOwnUrl(url))
    const body = Buffer.from(await response.arrayBuffer())
    await route.fulfill({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body,
    })
  })
  await context.exposeBinding('__amphitheatreInvoke', async ({ frame }, channel: string, args: unknown) => {
    const main = frame === page.mainFrame()
    const reply = await options.invoke(channel, unpack(args), { main, url: toOwnUrl(frame.url()) })
    // Electron keeps messages and replies in one order.
    await outbox.sent()
    return pack(reply)
  })
  await context.addInitScript({ content: preloadScript(options.preload) })
  const session = await context.newCDPSession(page)
  await session.send('Page.enable')
  session.on('Page.frameNavigated', ({ frame }) => {
    if (frame.parentId === undefined) options.onNavigated()
  })
  page.on('crash', options.onCrash)
  return {
    page,
    send: (channel, message) => outbox.send(channel, message),
    close: () => context.close().catch(() => undefined),
  }
}

/** Sends messages in order; those that come while others are on their way go together. */
class Outbox {
  readonly #page: Page
  #waiting: { channel: string; message: unknown }[] = []
  /** Set while messages are on their way. */
  #under: Promise<void> | undefined

  constructor(page: Page) {
    this.#page = page
  }

  send(channel: string, message: unknown): void {
    this.#waiting.push({ channel, message: pack(message) })
    this.#under ??= this.#flush()
  }

  /** Resolves when nothing is on its way. */
  async sent(): Promise<void> {
    await this.#under
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const messages = this.#waiting
      this.#waiting = []
      await this.#page
        .evaluate((all) => {
          const deliver = (globalThis as unknown as Deliverer).__amphitheatreDeliver
          for (const { channel, message } of all) deliver?.(channel, message)
        }, messages)
        // A page that navigates or crashes gets no messages, as under Electron.
        .catch(() => undefined)
    }
    this.#under = undefined
  }
}

interface Deliverer {
  readonly __amphitheatreDeliver?: (channel: string, message: unknown) => void
}

/** Bytes travel as text. */
interface Packed {
  readonly $bytes: string
}

export function pack(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') } satisfies Packed
  if (Array.isArray(value)) return value.map(pack)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, pack(one)]))
}

export function unpack(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unpack)
  if (typeof value !== 'object' || value === null) return value
  const { $bytes } = value as Partial<Packed>
  // A Buffer would be a Uint8Array too, but compares as none.
  if (typeof $bytes === 'string') return new Uint8Array(Buffer.from($bytes, 'base64'))
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, unpack(one)]))
}

/** The built preload with a `require('electron')` that reaches the program over the binding. */
function preloadScript(preload: string): string {
  const code = readFileSync(preload, 'utf8')
  const glue = readFileSync(join(import.meta.dirname, 'preloadGlue.js'), 'utf8')
  return `(() => { if (window !== window.top) return; ${glue}\n;(function (require, module, exports) {${code}\n})(require, { exports: {} }, {}) })()`
}
