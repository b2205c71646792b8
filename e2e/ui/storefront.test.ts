import { type Page, expect as see } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Storefront, storefront } from '../support/storefront.ts'
import { pictureFile } from './support/look.ts'
import { openStage, type Stage } from './support/stage.ts'

/**
 * A bad release of the sample shop, in the control center: the P0 that opened by itself, the migration that the agents
 * named, and one click that brings image, data and branch back.
 */
const SEEN = { timeout: 120_000 }

let stage: Stage
let shop: Storefront
let page: Page
let good: string

beforeAll(async () => {
  shop = await storefront()
  await shop.must(0, 'run', 'release-1')
  good = shop.head()
  expect(await shop.ask('/orders', { product: 2, quantity: 3 })).toMatchObject([201, { cents: 7200 }])
  await shop.must(0, 'run', 'change-2')
  await shop.must(0, 'apply', 'latest')
  stage = await openStage(shop.place)
  page = stage.page
}, 300_000)

afterAll(async () => {
  await stage?.leave()
  await shop?.remove()
}, 120_000)

test('a release that does not verify is taken back by one confirmed click', {
  timeout: 300_000,
}, async () => {
  const released = shop.must(1, 'run', 'release-2')
  const link = page.getByRole('navigation').getByRole('link', { name: /^Incidents, 1 needs you$/ })
  await see(link).toBeVisible(SEEN)
  await link.click()
  const main = page.getByRole('main')
  await main
    .getByRole('link', { name: /P0.*production does not verify/ })
    .first()
    .click()
  const inspector = page.getByRole('complementary')
  await see(inspector.getByText('Bad migration').first()).toBeVisible(SEEN)
  await see(
    main
      .getByRole('region', { name: 'What the agents found' })
      .getByText(/from 001-products to 002-currencies/)
      .first(),
  ).toBeVisible()
  await released
  await see(inspector.getByRole('button', { name: /^Roll back/ })).toBeVisible(SEEN)
  await page.screenshot({ path: pictureFile('storefront-incident') })

  await inspector.getByRole('button', { name: /^Roll back/ }).click()
  const dialog = page.getByRole('dialog')
  const confirm = dialog.getByRole('button', { name: /^Roll back to p\d+$/ })
  for (const part of ['database', 'release', 'branch'])
    await see(dialog.getByRole('checkbox', { name: part })).toBeChecked(SEEN)
  await page.screenshot({ path: pictureFile('storefront-plan') })
  await confirm.click()
  await see(dialog.getByText(/^Back at p\d+/)).toBeVisible(SEEN)
  await page.screenshot({ path: pictureFile('storefront-back') })

  expect(await shop.ask('/version')).toEqual([200, { version: '1.0.0' }])
  expect(await shop.ask('/orders')).toMatchObject([200, [{ product: 2, quantity: 3, cents: 7200 }]])
  expect(shop.head()).toBe(good)
  expect(await shop.incident('i1')).toMatchObject({
    state: 'resolved',
    decision: { choice: 'rollback', point: expect.stringMatching(/^p\d+$/) },
    remedy: { ok: true },
  })
  expect(stage.faults).toEqual([])
})

test('a memory leak is seen as it grows; one click restarts the containers, verified', {
  timeout: 300_000,
}, async () => {
  await shop.must(0, 'incident', 'close', 'i1')
  await shop.must(0, 'run', 'change-leak')
  await shop.must(0, 'apply', 'latest')
  await shop.must(0, 'run', 'release-leak')
  const id = await shop.leak()
  await page.keyboard.press('Escape')
  await page
    .getByRole('navigation')
    .getByRole('link', { name: /^Incidents/ })
    .click()
  const main = page.getByRole('main')
  await main
    .getByRole('link', { name: /P[01].*production/i })
    .first()
    .click()
  const inspector = page.getByRole('complementary')
  await see(inspector.getByText('Memory leak').first()).toBeVisible(SEEN)
  const measured = main.getByRole('region', { name: 'Measured at production' })
  await see(measured.getByRole('img', { name: /^memory, share of its limit: at most \d+ %/ })).toBeVisible(
    SEEN,
  )
  for (const mark of ['release 1.1.0', 'opened']) await see(measured.getByText(mark)).toBeVisible()
  const restart = inspector.getByRole('button', { name: /^Restart/ })
  await see(restart).toBeVisible(SEEN)
  await page.screenshot({ path: pictureFile('storefront-leak') })
  await restart.click()
  await page
    .getByRole('alertdialog')
    .getByRole('button', { name: /^Restart/ })
    .click()
  await see(main.getByText('resolved', { exact: true }).first()).toBeVisible(SEEN)
  await page.screenshot({ path: pictureFile('storefront-restarted') })
  expect(await shop.incidentWhere(id, ({ state }) => state === 'resolved')).toMatchObject({
    decision: { choice: 'restart' },
    remedy: { ok: true },
    verification: { ok: true },
  })
  expect(await shop.ask('/version')).toEqual([200, { version: '1.1.0' }])
  expect((await shop.must(0, 'incident', 'report', id)).stdout).toMatch(/\*\*Memory leak\*\*/)
  expect(stage.faults).toEqual([])
})
