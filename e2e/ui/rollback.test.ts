import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type Page, expect as see } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { removeLeftovers } from '../support/leftovers.ts'
import { type Playground, playground } from '../support/repository.ts'
import { launch, openWindow, watchFaults } from './support/chromium.ts'
import { type Served, serve } from './support/served.ts'

/**
 * The rollback dialog before a real engine and a real repository: what a run brought into the branch is taken back by
 * one confirmed click, and the rollback itself can be taken back.
 */
const PICTURES = join(import.meta.dirname, '../../out/pictures')
const PROJECT = `version: 1
name: press
extends: amphitheatre-devops
epics:
  print:
    title: Print the page
    phases:
      - name: Work
        tasks:
          - {id: page, agent: BuildMaster, run: echo second > page.txt, writes: [page.txt]}
`

let browser: Browser
let place: Playground
let served: Served
let page: Page
let faults: readonly string[]

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true })
  browser = await launch()
  place = playground({ 'amphitheatre.yaml': PROJECT, 'page.txt': 'first\n' })
  served = await serve({ data: place.data, path: place.root })
  page = await (await openWindow(browser)).newPage()
  page.setDefaultTimeout(15_000)
  faults = watchFaults(page)
  await page.goto(served.invitation)
})

afterAll(async () => {
  await browser?.close()
  await served?.kill()
  await removeLeftovers(place.data)
  place.remove()
})

const SEEN = { timeout: 90_000 }
const git = (...args: readonly string[]): string =>
  execFileSync('git', args, { cwd: place.root, encoding: 'utf8' }).trim()
const dialog = () => page.getByRole('dialog')

async function picture(name: string): Promise<void> {
  await page.screenshot({ path: join(PICTURES, `${name}.png`) })
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes[0]?.html}`)).toEqual([])
}

async function chooseRollback(): Promise<void> {
  await page.getByRole('banner').getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Roll back …' }).click()
  await see(dialog().getByRole('region', { name: 'What will happen' })).toBeVisible()
}

test('what was applied is taken back by one confirmed click, and that is taken back too', {
  timeout: 240_000,
}, async () => {
  const before = git('rev-parse', 'HEAD')
  await page.getByRole('button', { name: 'Start Print the page' }).click()
  const apply = page.getByRole('banner').getByRole('button', { name: 'Apply' })
  await see(apply).toBeVisible(SEEN)
  await apply.click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Apply' }).click()
  await see.poll(() => git('show', 'HEAD:page.txt'), SEEN).toBe('second')
  const applied = git('rev-parse', 'HEAD')

  await chooseRollback()
  await see(dialog().getByText('Move main back').or(dialog().getByText('Move master back'))).toBeVisible(SEEN)
  await see(dialog().getByRole('checkbox', { name: 'branch' })).toBeChecked()
  await see(
    dialog()
      .getByRole('region', { name: 'Changed since' })
      .getByText(/commits? on the branch/),
  ).toBeVisible()
  await picture('rollback-plan')
  await dialog().getByRole('button', { name: 'Roll back to p1' }).click()
  await see(dialog().getByText('Back at p1')).toBeVisible(SEEN)
  await picture('rollback-done')
  expect(git('rev-parse', 'HEAD')).toBe(before)
  expect(git('show', 'HEAD:page.txt')).toBe('first')

  // It is a step like any other: it can be taken back.
  await dialog()
    .getByRole('button', { name: /^Take this rollback back/ })
    .click()
  await see(dialog().getByRole('button', { name: /^Roll back to p2/ })).toBeVisible(SEEN)
  await page.keyboard.press('Escape')
  await see(dialog()).toBeHidden()
  expect(applied).not.toBe(before)
  expect(faults).toEqual([])
})
