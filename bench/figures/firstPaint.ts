import type { Browser } from '@playwright/test'
import { inPage } from '../support/browser.ts'
import type { BenchOptions, Result } from '../support/figure.ts'
import { type PageHost, withBrowser, withPageHost } from '../support/openPageHost.ts'
import { inTurn, median, pairedRatio } from '../support/stats.ts'

const EVENTS = 10_000
const FEW = 100
const AGENTS = 10
const WHAT = `first paint with ${EVENTS.toLocaleString('en')} events in the log`

interface Painted {
  /** From navigation until the frame after the one with the first seat, ms. */
  readonly ms: number
  /** Over the wire for files. */
  readonly bytes: number
}

/** A page opened for the first time, nothing cached, on a long log and on a short one. */
export function firstPaint(options: BenchOptions): Promise<readonly Result[]> {
  const rounds = options.quick ? 3 : 11
  return withBrowser(null, WHAT, (browser) =>
    withPageHost(options, AGENTS, (long) =>
      withPageHost(options, AGENTS, async (short) => {
        const { events } = await long.order('fill', { events: EVENTS })
        await short.order('fill', { events: FEW })
        options.progress(`${events} events in the log`)
        for (const host of [long, short]) await host.order('agents', { count: AGENTS })
        const sides = await inTurn(
          { long: () => paint(browser, long), short: () => paint(browser, short) },
          { rounds, warmUp: 1 },
        )
        const ms = (all: readonly Painted[]): readonly number[] => all.map((one) => one.ms)
        return [
          {
            figure: null,
            what: WHAT,
            unit: 'ms',
            ours: { name: `${events} events`, value: median(ms(sides.long)) },
            other: { name: `${FEW} events`, value: median(ms(sides.short)) },
            ratio: pairedRatio(ms(sides.long), ms(sides.short)),
            target: null,
            how: `${rounds} pages each in turn after one to warm up, nothing cached; navigation until the frame after the one with the first seat`,
            notes: [
              `files over the wire: ${(median(sides.long.map((one) => one.bytes)) / 1e6).toFixed(2)} MB`,
            ],
          },
        ]
      }),
    ),
  )
}

function paint(browser: Browser, host: PageHost): Promise<Painted> {
  return inPage(browser, 'about:blank', async (page, devtools) => {
    let bytes = 0
    devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength
    })
    await devtools.send('Network.enable')
    await page.goto(host.invitation, { waitUntil: 'commit' })
    const ms = (await page.evaluate(`bench.firstDrawn('[data-seat]')`)) as number
    return { ms, bytes }
  })
}
