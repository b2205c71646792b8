import type { Browser } from '@playwright/test'
import { inPage } from '../support/browser.ts'
import type { Committed } from '../support/churn.ts'
import type { BenchOptions, Result } from '../support/figure.ts'
import { type PageHost, withBrowser, withPageHost } from '../support/openPageHost.ts'
import { inTurn, median, pairedRatio, quantile } from '../support/stats.ts'

const AGENTS = 50
const PER_SECOND = 500
const WHAT = `event appended to pixels changed, ${PER_SECOND} events a second`

interface Latency {
  readonly median: number
  readonly p95: number
  /** Events a second that there were in the end. */
  readonly perSecond: number
}

/** A seat that changed in the page: its task, its new looks, and when, on the machine's clock. */
type Seen = readonly [task: number, mark: string, at: number]

/** From the commit of a change to the frame that shows it, through the real host, beside a bare page on a WebSocket. */
export function latency(options: BenchOptions): Promise<readonly Result[]> {
  const rounds = options.quick ? 2 : 7
  // Whole rounds of pauses and their ends, so that all agents work again afterwards.
  const ms = options.quick ? 2_000 : 4_000
  return withBrowser(null, WHAT, (browser) =>
    withPageHost(options, AGENTS, async (host) => {
      const churn = { agents: AGENTS, perSecond: PER_SECOND, ms }
      const { run } = await host.order('agents', { count: AGENTS })
      // What is echoed are the events of before.
      await host.order('churn', { ...churn, run })
      const page = at(host, `#/house/${run}`)
      const ours = () => measure(browser, page, ms, () => host.order('churn', { ...churn, run }))
      const floor = () => measure(browser, host.echo, ms, () => host.order('echo', churn))
      const sides = await inTurn({ ours, floor }, { rounds, warmUp: 1 })
      const of = (which: 'median' | 'p95') => compare(sides, which, rounds, ms)
      return [of('median'), of('p95')]
    }),
  )
}

/** The invitation leads home; the place comes once the browser is let in. */
export function at(host: PageHost, place: string): readonly [enter: string, place: string] {
  return [host.invitation, `${host.url}${place}`]
}

async function measure(
  browser: Browser,
  url: string | readonly [string, string],
  ms: number,
  change: () => Promise<{ readonly events: number; readonly commits: readonly Committed[] }>,
): Promise<Latency> {
  const [enter, place] = typeof url === 'string' ? [url, url] : url
  return inPage(browser, enter, async (page) => {
    if (place !== enter) await page.goto(place)
    await page.waitForSelector(`[data-seat="${AGENTS - 1}"], [data-seat]:nth-of-type(${AGENTS})`, {
      state: 'attached',
    })
    await page.evaluate('window.seen = bench.watchSeats()')
    const { events, commits } = await change()
    await page.waitForTimeout(1_000)
    const seen = (await page.evaluate('seen')) as readonly Seen[]
    const delays = commits.flatMap((commit) => delayOf(commit, seen) ?? [])
    if (delays.length < commits.length / 2)
      throw new Error(`only ${delays.length} of ${commits.length} changes were seen`)
    return { median: median(delays), p95: quantile(delays, 0.95), perSecond: events / (ms / 1_000) }
  })
}

/** Until the seat first shows it; undefined where it never did, as the next change was there in the same frame. */
function delayOf(commit: Committed, seen: readonly Seen[]): number | undefined {
  const found = seen.find(
    ([task, mark, at]) => task === commit.task && mark === commit.mark && at >= commit.at,
  )
  return found === undefined ? undefined : found[2] - commit.at
}

function compare(
  { ours, floor }: { readonly ours: readonly Latency[]; readonly floor: readonly Latency[] },
  which: 'median' | 'p95',
  rounds: number,
  ms: number,
): Result {
  const pick = (all: readonly Latency[]): readonly number[] => all.map((one) => one[which])
  const rate = (all: readonly Latency[]): string => median(all.map((one) => one.perSecond)).toFixed(0)
  return {
    figure: null,
    what: `${WHAT}: ${which === 'median' ? 'median' : '95th percentile'}`,
    unit: 'ms',
    ours: { name: `house with ${AGENTS} agents, from the commit`, value: median(pick(ours)) },
    other: { name: 'a bare page told by a WebSocket, from sending', value: median(pick(floor)) },
    ratio: pairedRatio(pick(ours), pick(floor)),
    target: null,
    how: `${rounds} pages each in turn after one to warm up, ${ms / 1_000} s each; until the start of the frame after the one in which the seat changed`,
    notes: [`events a second: ${rate(ours)} and ${rate(floor)}`],
  }
}
