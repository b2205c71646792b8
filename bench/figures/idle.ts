import type { Browser } from '@playwright/test'
import { cpuOfBrowser, inPage } from '../support/browser.ts'
import type { BenchOptions, Comparison, Result } from '../support/figure.ts'
import { type PageHost, withBrowser, withPageHost } from '../support/openPageHost.ts'
import { inTurn, median } from '../support/stats.ts'
import { at } from './latency.ts'

const AGENTS = 50
const WHAT = `idle CPU with ${AGENTS} agents at work`
const SETTLE_MS = 3_000

/** Shares of a core, %. */
interface Load {
  readonly page: number
  /** What draws: a graphics card would do it elsewhere. */
  readonly drawing: number
  readonly host: number
}

/** The views that show agents, all at work and quiet, beside an empty page in the same browser. */
export function idle(options: BenchOptions): Promise<readonly Result[]> {
  const ms = options.quick ? 4_000 : 10_000
  const rounds = options.quick ? 2 : 5
  return withBrowser(null, WHAT, (browser) =>
    withPageHost(options, AGENTS, async (host) => {
      const { run } = await host.order('agents', { count: AGENTS })
      const of = (view: string) => () => load(browser, host, ms, at(host, `#/${view}/${run}`))
      const views = { house: of('house'), graph: of('graph'), agents: of('agents') }
      const empty = () => load(browser, host, ms, undefined)
      const sides = await inTurn({ ...views, empty }, { rounds, warmUp: 0 })
      return (['house', 'graph', 'agents'] as const).map((view) =>
        compare(view, sides[view], sides.empty, `${rounds} times ${ms / 1_000} s each in turn`),
      )
    }),
  )
}

function compare(view: string, ours: readonly Load[], empty: readonly Load[], how: string): Comparison {
  const sum = (all: readonly Load[]): readonly number[] => all.map(({ page, host }) => page + host)
  const of = (which: keyof Load): string =>
    `${median(ours.map((one) => one[which])).toFixed(1)} %, with an empty page ${median(empty.map((one) => one[which])).toFixed(1)} %`
  return {
    figure: null,
    what: `${WHAT}: ${view}`,
    unit: '% of a core',
    ours: { name: 'page and host', value: median(sum(ours)) },
    other: { name: 'empty page and host', value: median(sum(empty)) },
    ratio: null,
    target: null,
    how,
    notes: [`page ${of('page')}`, `host ${of('host')}`, `drawing without a graphics card ${of('drawing')}`],
  }
}

function load(
  browser: Browser,
  host: PageHost,
  ms: number,
  url: readonly [enter: string, place: string] | undefined,
): Promise<Load> {
  return inPage(browser, url?.[0] ?? 'about:blank', async (page) => {
    if (url !== undefined) await page.goto(url[1])
    await page.waitForTimeout(SETTLE_MS)
    const before = await spent(browser, host)
    const began = performance.now()
    await page.waitForTimeout(ms)
    const after = await spent(browser, host)
    const seconds = (performance.now() - began) / 1_000
    const share = (of: keyof Load): number => ((after[of] - before[of]) / seconds) * 100
    return { page: share('page'), drawing: share('drawing'), host: share('host') }
  })
}

/** CPU time so far, s. */
async function spent(browser: Browser, host: PageHost): Promise<Load> {
  const cpu = await cpuOfBrowser(browser)
  const { seconds } = await host.order('cpu', {})
  return { page: cpu.get('renderer') ?? 0, drawing: cpu.get('GPU') ?? 0, host: seconds }
}
