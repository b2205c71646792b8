import type { Browser } from '@playwright/test'
import headless from '@xterm/headless'
import { agentOutput } from '../support/agentOutput.ts'
import { heapOf, inPage, serveFolder } from '../support/browser.ts'
import { builtPages } from '../support/builtPages.ts'
import type { BenchOptions, Comparison, Result } from '../support/figure.ts'
import { type PageHost, withBrowser, withPageHost } from '../support/openPageHost.ts'
import { inTurn, median, pairedRatio, timed } from '../support/stats.ts'
import { at } from './latency.ts'

const WHAT = 'terminal end to end'
const MB = 1_000_000
/** As much as is kept of one output; once, at the end, for the page's memory. */
const MOST_MEGABYTES = 50

/** One output written, carried, parsed and acknowledged. */
interface Shown {
  readonly megabytes: number
  readonly rate: number
  readonly mostInFlight: number
  /** Heap of the page before and after, bytes. */
  readonly heap: readonly [before: number, after: number]
}

/** Figure 11: an agent's output from its file to the parsed screen, beside xterm alone on the same bytes. */
export function terminal(options: BenchOptions): Promise<readonly Result[]> {
  const megabytes = options.quick ? 10 : 20
  const rounds = options.quick ? 2 : 7
  return withBrowser(11, WHAT, (browser) =>
    withPageHost(options, 1, async (host) => {
      const { bench } = await builtPages(options.progress)
      const files = await serveFolder(bench)
      const shown: Shown[] = []
      try {
        const sides = await inTurn(
          {
            ours: async () => {
              const one = await show(browser, host, megabytes)
              shown.push(one)
              options.progress(`${megabytes} MB at ${one.rate.toFixed(0)} MB/s`)
              return one.rate
            },
            page: () => parseInPage(browser, files.url, megabytes),
            node: () => parseInNode(megabytes),
          },
          { rounds, warmUp: 1 },
        )
        if (!options.quick) shown.push(await show(browser, host, MOST_MEGABYTES))
        const how = `${rounds} times ${megabytes} MB each in turn after one to warm up`
        return [
          compare(sides.ours, sides.node, '@xterm/headless in Node, 1 MB at a time', how, notesOf(shown)),
          { ...compare(sides.ours, sides.page, 'xterm in a page, 1 MB at a time', how, []), target: null },
        ]
      } finally {
        await files.close()
      }
    }),
  )
}

function compare(
  ours: readonly number[],
  other: readonly number[],
  name: string,
  how: string,
  notes: readonly string[],
): Comparison {
  return {
    figure: 11,
    what: `${WHAT}, beside ${name}`,
    unit: 'MB/s',
    ours: { name: 'file, host, WebSocket, page, parsed', value: median(ours) },
    other: { name, value: median(other) },
    ratio: pairedRatio(ours, other),
    target: { atLeast: 0.8 },
    how,
    notes,
  }
}

function notesOf(shown: readonly Shown[]): readonly string[] {
  const most = Math.max(...shown.map((one) => one.mostInFlight))
  const { megabytes, heap } = shown.at(-1)!
  const [before, after] = heap.map((bytes) => (bytes / MB).toFixed(1))
  return [
    `most that a page had received and not parsed: ${(most / MB).toFixed(2)} MB`,
    `the page's heap before and after ${megabytes} MB: ${before} and ${after} MB`,
  ]
}

async function show(browser: Browser, host: PageHost, megabytes: number): Promise<Shown> {
  const { run } = await host.order('agents', { count: 1 })
  const [enter, place] = at(host, `#/agents/${run}/t0`)
  return inPage(browser, enter, async (page, devtools) => {
    await page.waitForSelector('[data-seat]')
    await page.goto(place)
    await page.waitForSelector('.xterm-screen', { state: 'attached' })
    await page.waitForTimeout(500)
    const before = await heapOf(devtools)
    const bytes = megabytes * MB
    const parsed = page.evaluate(`bench.acknowledged(${bytes})`)
    const { began } = await host.order('output', { attempt: `${run}/t0#1`, bytes })
    const { at: end, mostInFlight } = (await parsed) as { readonly at: number; readonly mostInFlight: number }
    const heap = [before, await heapOf(devtools)] as const
    return { megabytes, rate: megabytes / ((end - began) / 1_000), mostInFlight, heap }
  })
}

function parseInPage(browser: Browser, base: string, megabytes: number): Promise<number> {
  return inPage(browser, `${base}xterm.html`, async (page) => {
    await page.waitForFunction('window.feed !== undefined')
    return megabytes / (((await page.evaluate(`feed(${megabytes})`)) as number) / 1_000)
  })
}

async function parseInNode(megabytes: number): Promise<number> {
  const parser = new headless.Terminal({ scrollback: 10_000, allowProposedApi: true })
  const piece = agentOutput(MB)
  const ms = await timed(async () => {
    for (let n = 0; n < megabytes; n++) await new Promise<void>((resolve) => parser.write(piece, resolve))
  })
  parser.dispose()
  return megabytes / (ms / 1_000)
}
