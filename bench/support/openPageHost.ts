import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Browser } from '@playwright/test'
import { openBrowser } from './browser.ts'
import { builtPages } from './builtPages.ts'
import type { BenchOptions, Result } from './figure.ts'
import type { Orders } from './pageHost.ts'
import { inTemporaryFolder } from './temporary.ts'

/** A host with the product's pages in a process of its own; see pageHosting.ts. */
export interface PageHost {
  /** Lets whoever opens it in; a view is named after it with `at`. */
  readonly invitation: string
  readonly url: string
  /** The page that is nothing else, for as many agents as the host was opened for. */
  readonly echo: string
  /** One at a time. */
  order<K extends keyof Orders>(order: K, args: Orders[K]['args']): Promise<Orders[K]['answer']>
}

/** Opens a host on a data folder of its own, for as long as `use` takes. */
export async function withPageHost<T>(
  options: BenchOptions,
  agents: number,
  use: (host: PageHost) => Promise<T>,
): Promise<T> {
  const { product } = await builtPages(options.progress)
  return inTemporaryFolder(async (folder) => {
    const script = join(import.meta.dirname, 'pageHosting.ts')
    const child = spawn(process.execPath, [script, folder, product, String(agents)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    try {
      return await use(await hostOf(child))
    } finally {
      const over = once(child, 'exit')
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await over
      }
    }
  })
}

async function hostOf(child: ChildProcess): Promise<PageHost> {
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  const next = async <T>(): Promise<T> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error('the host of the pages has ended')
    return JSON.parse(value as string) as T
  }
  const told = await next<{ invitation: string; url: string; echo: string }>()
  return {
    ...told,
    order: (order, args) => {
      child.stdin!.write(`${JSON.stringify({ order, args })}\n`)
      return next()
    },
  }
}

/** Opens a browser for as long as `use` takes; a figure that cannot be measured where there is none. */
export async function withBrowser(
  figure: number | null,
  what: string,
  use: (browser: Browser) => Promise<readonly Result[]>,
): Promise<readonly Result[]> {
  const browser = await openBrowser()
  if (typeof browser === 'string') return [{ figure, what, why: browser }]
  try {
    return await use(browser)
  } finally {
    await browser.close()
  }
}
