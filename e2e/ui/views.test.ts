import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type Page, expect as see } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { VIEWS, type ViewName } from '../../preload/contract.ts'
import { removeLeftovers } from '../support/leftovers.ts'
import { commitAll, type Playground, playground } from '../support/repository.ts'
import { launch, openWindow, type Theme, watchFaults } from './support/chromium.ts'
import { PICTURES, picture, pictureFile, SIZES, THEMES } from './support/look.ts'
import { type Served, serve } from './support/served.ts'
import { openFolder, startEpic } from './support/stage.ts'
import { TOUR } from './support/tour.ts'

/**
 * Every view, in both themes and both sizes, on runs in many states: nothing is said on the console, axe finds nothing,
 * nothing sticks out of the window. The pictures lie in out/pictures to be looked at; with AMPHITHEATRE_PICTURES=1 the
 * README's are drawn anew.
 */
const ROOT = join(import.meta.dirname, '../..')

/** What a view shows once it has what it needs. */
const SHOWN: Readonly<Record<ViewName, string>> = {
  house: '[role="option"]',
  graph: '.react-flow__node',
  agents: '.xterm-screen',
  talk: 'section[aria-label="Write"]',
  queue: '[role="row"][aria-rowindex="2"]',
  runs: '[role="row"][aria-rowindex="2"]',
  timeline: '[data-row="1"]',
  locks: 'main [role="treegrid"], main h2:has-text("Nothing is locked")',
  conflicts: 'main article, main h2:has-text("No conflict")',
  incidents: 'main h2:has-text("No incident"), main [data-incident]',
  releases: 'main h2:has-text("Nothing was released yet"), main [role="grid"]',
  health: 'main [data-measure]',
  context: '[role="grid"]',
  events: '[role="row"][aria-rowindex="2"]',
  projects: 'text="Disk"',
}

let browser: Browser
let place: Playground
let served: Served

beforeAll(async () => {
  browser = await launch()
  place = playground({ 'NOTES.md': 'Notes\n' })
  cpSync(join(ROOT, 'resources/samples/bookshelf'), place.root, { recursive: true })
  commitAll(place.root, 'The sample')
  const other = join(place.root, '../tour')
  cpSync(join(place.root, '.git'), join(other, '.git'), { recursive: true })
  writeFileSync(join(other, 'amphitheatre.yaml'), TOUR)
  commitAll(other, 'The tour')
  served = await serve({ data: place.data })
  await start(other, 'A short tour')
  await start(place.root, 'Plan reading lists together')
  await start(place.root, 'Deploy v2.0.0 to production')
})

afterAll(async () => {
  await browser?.close()
  await served?.kill()
  await removeLeftovers(place.data)
  place.remove()
})

/** Opens a project and starts its epic as a person does, and leaves the window. */
async function start(root: string, title: string): Promise<void> {
  const window = await openWindow(browser)
  const page = await window.newPage()
  await page.goto(served.invitation)
  await openFolder(page, root)
  await startEpic(page, title)
  await window.close()
}

async function open(theme: Theme, size: readonly [number, number]): Promise<Page> {
  const window = await openWindow(browser, { theme, size })
  const page = await window.newPage()
  await page.goto(served.invitation)
  return page
}

async function show(page: Page, view: ViewName, run: string): Promise<void> {
  await page.goto(new URL(`#/${view}/${run}`, page.url()).href)
  await see(page.getByRole('main')).toHaveAttribute('data-view', view)
  await see(page.locator(SHOWN[view]).first()).toBeVisible({ timeout: 20_000 })
  await page.evaluate('document.fonts.ready.then(() => undefined)')
}

const SHIP = /Deploy v2/
const LISTS = /Plan reading lists/

/** One of the sample's runs, by its name in the bar. */
async function chooseRun(page: Page, name = SHIP): Promise<string> {
  await page.getByRole('button', { name: 'Choose a run' }).click()
  await page.getByRole('menuitem', { name }).first().click()
  await see(page.getByRole('banner').getByText(name).first()).toBeVisible()
  await page.waitForURL(/#\/\w+\/\w+/)
  return new URL(page.url()).hash.split('/')[2]!
}

/** The run that has something to say in each view: what agents say to each other, or all the rest. */
async function chooseRuns(page: Page): Promise<(view: ViewName) => string> {
  const lists = await chooseRun(page, LISTS)
  const ship = await chooseRun(page, SHIP)
  return (view) => (view === 'talk' || view === 'context' ? lists : ship)
}

/** The README's; drawn by `AMPHITHEATRE_PICTURES=1 npx vitest run --project browser e2e/ui/views.test.ts`. */
const README_PICTURES = process.env['AMPHITHEATRE_PICTURES'] === '1' ? join(ROOT, 'docs/pictures') : PICTURES

test('a run at work', async () => {
  const page = await open('dark', [1440, 900])
  const run = await chooseRun(page)
  await show(page, 'house', run)
  await see(page.getByText(/^Phase [345] of 5$|done in/).first()).toBeVisible({ timeout: 60_000 })
  mkdirSync(README_PICTURES, { recursive: true })
  await page.screenshot({ path: join(README_PICTURES, 'house.png') })
  await show(page, 'graph', run)
  await see(page.locator('.xterm-screen').first()).toBeVisible()
  await page.screenshot({ path: join(README_PICTURES, 'graph.png') })
  await page.context().close()
})

test('agents that talk', async () => {
  const page = await open('dark', [1440, 900])
  const run = await chooseRun(page, LISTS)
  await show(page, 'talk', run)
  await see(page.getByRole('banner').getByText(/done/).first()).toBeVisible({ timeout: 90_000 })
  await page.getByText('How is a new table checked').first().click()
  await see(page.getByText('Create it in memory, insert a row').first()).toBeVisible()
  await page.screenshot({ path: join(README_PICTURES, 'talk.png') })
  await page
    .getByText(/^Hand-offs/)
    .first()
    .click()
  await see(page.getByText('Reading lists').first()).toBeVisible()
  await page.screenshot({ path: pictureFile('handoffs') })
  await show(page, 'context', run)
  await see(page.getByText('Lists outlive their readers').first()).toBeVisible()
  await page.context().close()
})

test.each(
  THEMES.flatMap((theme) => SIZES.map((size) => ({ theme, size, name: `${theme}, ${size.join('×')}` }))),
)('$name: nothing for axe to find, nothing sticks out', async ({ theme, size }) => {
  const page = await open(theme, size)
  const faults = watchFaults(page)
  const runOf = await chooseRuns(page)
  for (const view of VIEWS) {
    await show(page, view, runOf(view))
    await picture(page, `${view}-${theme}-${size[0]}`)
    expect(await overflow(page), view).toEqual({ x: 0, y: 0 })
  }
  expect(faults).toEqual([])
  await page.context().close()
})

test.each([
  [800, 600],
  [390, 844],
] as const)('in a window of %d×%d nothing sticks out either', async (...size) => {
  const page = await open('dark', size)
  const runOf = await chooseRuns(page)
  for (const view of VIEWS) {
    await page.goto(new URL(`#/${view}/${runOf(view)}`, page.url()).href)
    await see(page.getByRole('main')).toHaveAttribute('data-view', view)
    await see(page.getByRole('main').getByText('Loading …')).toHaveCount(0)
    await page.screenshot({ path: pictureFile(`${view}-narrow-${size[0]}`) })
    expect(await overflow(page), view).toEqual({ x: 0, y: 0 })
  }
  await page.context().close()
})

/** By how much the page is larger than its window, px. */
function overflow(page: Page): Promise<{ x: number; y: number }> {
  return page.evaluate(`(() => {
    const { scrollWidth, scrollHeight, clientWidth, clientHeight } = document.documentElement
    return { x: scrollWidth - clientWidth, y: scrollHeight - clientHeight }
  })()`)
}
