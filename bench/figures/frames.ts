import type { Browser } from '@playwright/test'
import { inPage, openBrowser, serveFolder } from '../support/browser.ts'
import { builtPages } from '../support/builtPages.ts'
import type { BenchOptions, Comparison, Result } from '../support/figure.ts'
import { inTurn, median, pairedRatio, quantile } from '../support/stats.ts'

/** Changes of a task's or an agent's state that come to the page in a second. */
const CHANGES = 50
const SETTLE_MS = 1_000

interface View {
  readonly name: string
  readonly view: 'graph' | 'house'
  /** What is there once it is drawn, and what is shaken by the wheel. */
  readonly drawn: string
  readonly shaken: string
  /** Height of the terminals below, px. */
  readonly dock: number
}

const GRAPH: View = {
  name: 'graph',
  view: 'graph',
  drawn: '[data-unit]',
  shaken: '.react-flow__pane',
  dock: 0,
}
const WITH_TERMINALS: View = { ...GRAPH, name: 'graph with the terminals below it', dock: 300 }
const HOUSE: View = {
  name: 'house',
  view: 'house',
  drawn: '[data-seat]',
  shaken: '[role=listbox]',
  dock: 0,
}

interface Frames {
  readonly p95: number
  readonly perSecond: number
}

interface Shaken {
  readonly view: View
  readonly scenario: string
  readonly changes: number
}

/** Figure 13: the view of 5,000 tasks beside that of 500 while both change as fast and are moved about. */
export async function bigGraph(options: BenchOptions): Promise<readonly Result[]> {
  const what = '5,000 tasks beside 500'
  return withFrames(options, what, async (frames, rounds) => {
    const results: Comparison[] = []
    for (const view of [GRAPH, HOUSE]) {
      const of = (scenario: string) => () => frames({ view, scenario, changes: CHANGES })
      const sides = await inTurn(
        { large: of('fiveThousand'), small: of('fiveHundred') },
        { rounds, warmUp: 1 },
      )
      options.progress(`${view.name} of 5,000 and 500 measured`)
      const [large, small] = [sides.large.map(({ p95 }) => p95), sides.small.map(({ p95 }) => p95)]
      results.push({
        figure: 13,
        what: `${view.name}: ${what}, 95th percentile of a frame`,
        unit: 'ms',
        ours: { name: '5,000 tasks', value: median(large) },
        other: { name: '500 tasks', value: median(small) },
        ratio: pairedRatio(large, small),
        target: { atMost: 1.2 },
        how: how(rounds, options),
        notes: [
          `frames a second: ${median(sides.large.map((of) => of.perSecond)).toFixed(0)} and ${median(sides.small.map((of) => of.perSecond)).toFixed(0)}`,
        ],
      })
    }
    return results
  })
}

/** 1,000 tasks with 50 changes a second, beside the same picture at rest. */
export async function liveGraph(options: BenchOptions): Promise<readonly Result[]> {
  const what = `1,000 tasks, ${CHANGES} changes a second`
  return withFrames(options, what, async (frames, rounds) => {
    const results: Comparison[] = []
    for (const view of [GRAPH, WITH_TERMINALS, HOUSE]) {
      const of = (changes: number) => () => frames({ view, scenario: 'thousand', changes })
      const sides = await inTurn({ live: of(CHANGES), still: of(0) }, { rounds, warmUp: 1 })
      options.progress(`${view.name} of 1,000 measured`)
      const rate = (all: readonly Frames[]): readonly number[] => all.map((one) => one.perSecond)
      results.push({
        figure: null,
        what: `${view.name}: ${what}`,
        unit: 'frames a second',
        ours: { name: 'while it changes', value: median(rate(sides.live)) },
        other: { name: 'while nothing changes', value: median(rate(sides.still)) },
        ratio: pairedRatio(rate(sides.live), rate(sides.still)),
        target: null,
        how: how(rounds, options),
        notes: [
          `95th percentile of a frame: ${median(sides.live.map(({ p95 }) => p95)).toFixed(0)} ms and ${median(sides.still.map(({ p95 }) => p95)).toFixed(0)} ms`,
        ],
      })
    }
    return results
  })
}

function how(rounds: number, options: BenchOptions): string {
  return `${rounds} pages each in turn after one to warm up, ${lengthOf(options) / 1_000} s each, moved by the wheel in every frame; 1440 × 900, drawn without a graphics card`
}

function lengthOf({ quick }: BenchOptions): number {
  return quick ? 2_000 : 3_000
}

async function withFrames(
  options: BenchOptions,
  what: string,
  use: (frames: (one: Shaken) => Promise<Frames>, rounds: number) => Promise<readonly Result[]>,
): Promise<readonly Result[]> {
  const browser = await openBrowser()
  if (typeof browser === 'string') return [{ figure: null, what, why: browser }]
  const { bench } = await builtPages(options.progress)
  const files = await serveFolder(bench)
  try {
    const ms = lengthOf(options)
    return await use((one) => framesOf(browser, files.url, one, ms), options.quick ? 2 : 7)
  } finally {
    await browser.close()
    await files.close()
  }
}

function framesOf(browser: Browser, base: string, one: Shaken, ms: number): Promise<Frames> {
  const { view, scenario, changes } = one
  const query = `scenario=${scenario}&changes=${changes}&dock=${view.dock}`
  return inPage(browser, `${base}replay.html?${query}#/${view.view}`, async (page) => {
    await page.waitForSelector(view.drawn, { state: 'attached' })
    await page.waitForTimeout(SETTLE_MS)
    const gaps = (await page.evaluate(`bench.shaken('${view.shaken}', ${ms})`)) as readonly number[]
    const passed = gaps.reduce((sum, gap) => sum + gap, 0)
    return { p95: quantile(gaps, 0.95), perSecond: (gaps.length / passed) * 1_000 }
  })
}
