import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import type { Browser, CDPSession, Page } from '@playwright/test'
import { launch } from '../../e2e/ui/support/chromium.ts'

const SCRIPT = join(import.meta.dirname, '../page/measure.js')

/** Why pages cannot be measured here, or the browser. */
export async function openBrowser(): Promise<Browser | string> {
  try {
    return await launch()
  } catch (error) {
    return `needs a Chromium: install one, or name it in AMPHITHEATRE_CHROMIUM (${(error as Error).message.split('\n')[0]})`
  }
}

/** A page at `url` in a window of its own, `window.bench` in it (see bench/page/measure.js). Faults of the page throw. */
export async function inPage<T>(
  browser: Browser,
  url: string,
  use: (page: Page, devtools: CDPSession) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' })
  try {
    const page = await context.newPage()
    const faults: Error[] = []
    page.on('pageerror', (error) => faults.push(error))
    await page.addInitScript({ path: SCRIPT })
    await page.goto(url)
    const result = await use(page, await context.newCDPSession(page))
    if (faults[0] !== undefined) throw faults[0]
    return result
  } finally {
    await context.close()
  }
}

/** Bytes of the page's heap in use after a collection. */
export async function heapOf(devtools: CDPSession): Promise<number> {
  await devtools.send('HeapProfiler.collectGarbage')
  return (await devtools.send('Runtime.getHeapUsage')).usedSize
}

/** CPU time each kind of process of the browser has used so far, s. */
export async function cpuOfBrowser(browser: Browser): Promise<ReadonlyMap<string, number>> {
  const devtools = await browser.newBrowserCDPSession()
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo')
  await devtools.detach()
  const times = new Map<string, number>()
  for (const { type, cpuTime } of processInfo) times.set(type, (times.get(type) ?? 0) + cpuTime)
  return times
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

export interface FileServer {
  /** Ends with a slash. */
  readonly url: string
  close(): Promise<void>
}

/** Serves a folder to this machine, at a free port. */
export async function serveFolder(folder: string): Promise<FileServer> {
  const server = createServer((request, response) => {
    const path = join(folder, normalize(new URL(request.url!, 'http://here').pathname))
    if (!existsSync(path) || !statSync(path).isFile()) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' })
    createReadStream(path).pipe(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
