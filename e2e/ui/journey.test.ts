import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, type Page, expect as see } from '@playwright/test'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { removeLeftovers } from '../support/leftovers.ts'
import { git, type Playground } from '../support/repository.ts'
import { launch, openWindow, watchFaults } from './support/chromium.ts'
import { type Served, serve } from './support/served.ts'
import { openFolder } from './support/stage.ts'
import { tour } from './support/tour.ts'

/**
 * What a newcomer does, in a real browser on real containers: first start, a project, an epic, a terminal, stopping,
 * retrying, skipping, applying; with the window closed and the engine killed on the way.
 */
let browser: Browser
let place: Playground
let served: Served
let window: BrowserContext
let page: Page
let faults: readonly string[]

beforeAll(async () => {
  browser = await launch()
  place = tour()
  served = await serve({ data: place.data })
  await open()
})

afterAll(async () => {
  await browser?.close()
  await served?.kill()
  await removeLeftovers(place.data)
  place.remove()
})

async function open(): Promise<void> {
  window = await openWindow(browser, { moving: true })
  page = await window.newPage()
  page.setDefaultTimeout(15_000)
  faults = watchFaults(page)
  await page.goto(served.invitation)
}

const rail = (name: string) => page.getByRole('navigation').getByRole('link', { name })
const inspector = () => page.getByRole('complementary')
const bar = () => page.getByRole('banner')

/** Through the palette, as a person who knows the name would. */
async function goTo(task: string): Promise<void> {
  await page.keyboard.press('Control+Shift+K')
  await page.getByRole('combobox').fill(task)
  await page.getByRole('option').first().click()
  await see(inspector().getByRole('heading', { level: 2 }).first()).toBeVisible()
}

const SEEN = { timeout: 30_000 }

test('the whole way', { timeout: 300_000 }, async () => {
  onTestFailed(() => console.error(faults))
  onTestFailed(() =>
    page.screenshot({ path: join(tmpdir(), 'amphitheatre-journey.png') }).then(() => undefined),
  )
  // First start: nothing here yet, and the way to begin.
  await see(page.getByRole('main')).toHaveAttribute('data-view', 'house')
  await rail('Projects').click()
  await see(page.getByText('git', { exact: true })).toBeVisible()

  // A project, by its folder.
  await openFolder(page, place.root)
  await see(page.getByRole('heading', { name: 'tour', level: 2 })).toBeVisible()

  // Its epic.
  await page.getByRole('button', { name: 'Start A short tour' }).click()
  await see(page.getByRole('main')).toHaveAttribute('data-view', 'house', SEEN)
  await see(bar().getByText('A short tour')).toBeVisible()

  // The graph moves.
  await rail('Graph').click()
  await see(page.getByRole('main').locator('[data-mark="running"]').first()).toBeVisible(SEEN)
  await see(page.getByRole('main').locator('[data-mark="needs-you"]').first()).toBeVisible(SEEN)

  // Typed into a terminal: the agent asked for a name.
  await goTo('ask')
  await inspector().getByRole('button', { name: 'Terminal' }).click()
  const terminal = page.locator('[data-pane$="ask"]')
  await see(terminal.locator('.xterm')).toBeVisible(SEEN)
  await see(terminal.getByText('Click to type')).toBeVisible(SEEN)
  await terminal.locator('.xterm').click()
  await see(terminal.getByText(/^Keys go to the agent/)).toBeVisible()
  await page.keyboard.type('Ann')
  await page.keyboard.press('Enter')
  await see(inspector().getByText('Ann', { exact: true })).toBeVisible(SEEN)

  // The window is closed and opened again: all is where it was.
  expect(faults).toEqual([])
  await window.close()
  await open()
  await see(bar().getByText('A short tour')).toBeVisible()
  await see(page.getByRole('button', { name: /needs you/ }).first()).toBeVisible()

  // Stopped, retried, stopped, skipped.
  await goTo('watch')
  await inspector().getByRole('button', { name: 'Stop', exact: true }).click()
  await see(inspector().getByRole('button', { name: 'Retry' }).first()).toBeVisible(SEEN)
  await inspector().getByRole('button', { name: 'Retry' }).first().click()
  await see(inspector().getByText(/attempt 2/)).toBeVisible(SEEN)
  await see(inspector().getByText(/· running/)).toBeVisible(SEEN)

  // The engine is killed under the open page, and started again: the same agent works on.
  const before = containerOf('watch')
  await served.kill()
  await see(page.getByText(/The engine is away/)).toBeVisible(SEEN)
  served = await serve({ data: place.data, port: served.port })
  await see(page.getByText(/The engine is away/)).toBeHidden(SEEN)
  expect(containerOf('watch')).toBe(before)

  await inspector().getByRole('button', { name: 'Stop', exact: true }).click()
  await see(inspector().getByRole('button', { name: 'Skip' }).first()).toBeVisible(SEEN)
  await inspector().getByRole('button', { name: 'Skip' }).first().click()
  await confirmIfAsked('Skip')
  await see(
    inspector()
      .getByText(/skipped/)
      .first(),
  ).toBeVisible(SEEN)
  await goTo('flaky')
  await inspector().getByRole('button', { name: 'Skip' }).first().click()
  await confirmIfAsked('Skip')

  // The second phase runs, and the work is applied to the repository. (A run that failed can be applied as well: the
  // button is there while it begins again.)
  await see(bar().getByText(/^done · 4 of 4/)).toBeVisible(SEEN)
  await bar().getByRole('button', { name: 'Apply' }).click(SEEN)
  await confirmIfAsked('Apply')
  await see(bar().getByRole('button', { name: 'Apply' })).toBeHidden(SEEN)
  expect(readFileSync(join(place.root, 'greeting.txt'), 'utf8')).toBe('Ann\n')
  expect(git(place.root, 'log', '-1', '--format=%B')).toMatch(/Task: tidy/)
  expect(faults).toEqual([])
})

async function confirmIfAsked(name: string): Promise<void> {
  const dialog = page.getByRole('alertdialog')
  const shown = await dialog.waitFor({ timeout: 1_000 }).then(
    () => true,
    () => false,
  )
  if (shown) await dialog.getByRole('button', { name }).click()
}

/** Id of the container that runs a task; empty where agents are processes. */
function containerOf(task: string): string {
  const args = ['ps', '-q', '--filter', `label=amphitheatre.task=${task}`]
  try {
    return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return ''
  }
}
