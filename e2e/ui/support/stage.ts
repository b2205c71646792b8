import { type Browser, type Page, expect as see } from '@playwright/test'
import { removeLeftovers } from '../../support/leftovers.ts'
import type { Playground } from '../../support/repository.ts'
import { launch, openWindow, watchFaults } from './chromium.ts'
import { type Served, serve } from './served.ts'

/** `amphi serve` on a place of its own, and one window on it, as a person has it in front of them. */
export interface Stage {
  readonly place: Playground
  readonly served: Served
  readonly browser: Browser
  readonly page: Page
  /** Of the page itself, as they come. */
  readonly faults: readonly string[]
  /** The window is closed and the engine killed; what they did is left. */
  leave(): Promise<void>
  /** The same, and nothing is left. */
  close(): Promise<void>
}

/** What a person does with a page gets its time, ms; what agents do has longer ones, said where they are waited for. */
const CLICK_MS = 15_000

/** `open: false`: the person has yet to open the project's folder. */
export async function openStage(place: Playground, { open = true } = {}): Promise<Stage> {
  const [browser, served] = await Promise.all([
    launch(),
    serve({ data: place.data, ...(open ? { path: place.root } : {}) }),
  ])
  const page = await (await openWindow(browser)).newPage()
  page.setDefaultTimeout(CLICK_MS)
  const faults = watchFaults(page)
  await page.goto(served.invitation)
  const leave = async (): Promise<void> => {
    await browser.close()
    await served.kill()
  }
  const close = async (): Promise<void> => {
    await leave()
    await removeLeftovers(place.data)
    place.remove()
  }
  return { place, served, browser, page, faults, leave, close }
}

/** By the dialog of Projects. */
export async function openFolder(page: Page, root: string): Promise<void> {
  await page
    .getByRole('navigation')
    .getByRole('link', { name: /^Projects/ })
    .click()
  await page.getByRole('button', { name: 'Open a folder' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox').fill(root)
  await dialog.getByRole('textbox').press('Enter')
  await see(dialog.getByRole('textbox')).toHaveValue(root)
  await dialog.getByRole('button', { name: 'Open this folder' }).click()
}

/** From Projects; resolves when its run is the one in the bar. */
export async function startEpic(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: `Start ${title}` }).click()
  await see(page.getByRole('banner').getByText(title)).toBeVisible({ timeout: 90_000 })
}
