import { type Browser, type Page, expect as see } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Playground, playground } from '../support/repository.ts'
import { launch, openWindow } from './support/chromium.ts'
import { type Served, serve } from './support/served.ts'

/**
 * What a browser is fetching is broken off whenever a network of the machine comes or goes, and each run in containers
 * brings one. The page comes to be whole all the same.
 */
let browser: Browser
let place: Playground
let served: Served
beforeAll(async () => {
  browser = await launch()
  place = playground({ 'NOTES.md': 'Notes\n' })
  served = await serve({ data: place.data })
})
afterAll(async () => {
  await browser?.close()
  await served?.kill()
  place.remove()
})

/** Breaks off the first requests for what fits. */
async function breaking(page: Page, what: RegExp, times: number): Promise<{ left: number }> {
  const count = { left: times }
  await page.route(what, async (route) => {
    count.left -= 1
    if (count.left >= 0) await route.abort('failed')
    else await route.fallback()
  })
  return count
}

test.each([
  ['its styles', /\/assets\/index-.*\.css/, 3],
  ['its script', /\/assets\/index-.*\.js/, 2],
  ['a script that one needs', /\/assets\/toasts-.*\.js/, 2],
  ['the first view', /\/assets\/(House|Projects)-.*\.(js|css)/, 3],
  ['the worker of its connection', /socket\.worker-/, 2],
])('without %s a page is fetched again until it is whole', async (_, what, times) => {
  const window = await openWindow(browser)
  const page = await window.newPage()
  const count = await breaking(page, what, times)
  await page.goto(served.invitation)
  await expect.poll(() => count.left, { timeout: 30_000 }).toBeLessThan(0)
  // The networks of other tests can break off more, so that the page goes away under a click.
  await see(async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Projects' }).click({ timeout: 5_000 })
    await see(page.getByText('Disk', { exact: true })).toBeVisible()
  }).toPass({ timeout: 60_000 })
  expect(await page.evaluate('getComputedStyle(document.body).margin')).toBe('0px')
  await window.close()
})

test('a view that cannot be fetched is fetched again, in its place', async () => {
  const window = await openWindow(browser)
  const page = await window.newPage()
  await page.goto(served.invitation)
  await see(page.getByRole('navigation').getByRole('link', { name: 'Event log' })).toBeVisible()
  const count = await breaking(page, /\/assets\/Events-.*\.js/, 4)
  await see(async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Event log' }).click({ timeout: 5_000 })
    await see(page.getByText('Nothing in the log yet').or(page.getByRole('row').first())).toBeVisible()
  }).toPass({ timeout: 60_000 })
  expect(page.url()).toContain('#/events')
  expect(count.left).toBeLessThan(0)
  await window.close()
})
