import { expect as see } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { playground } from '../support/repository.ts'
import { openStage, type Stage } from './support/stage.ts'

/**
 * What a tab says that nobody looks at: its title counts what needs a person, and once they wish for it the browser tells
 * of it, takes it back when it is answered, and leads to it.
 */
const PROJECT = stringify({
  version: 1,
  name: 'shop',
  extends: 'amphitheatre-devops',
  epics: {
    broken: {
      title: 'Break something',
      phases: [{ name: 'Build', tasks: [{ id: 'build', agent: 'BuildMaster', run: 'exit 3' }] }],
    },
  },
})

/** Of each notification the page made: what it said, and whether it was taken back. */
interface Told {
  readonly title: string
  readonly body: string
  closed: boolean
  click(): void
}

/** The browser's own, and a list of them. */
const WATCH = `{
  const told = []
  const Browser = window.Notification
  window.Notification = class extends Browser {
    constructor(title, options) {
      super(title, options)
      const one = { title, body: options.body, closed: false, click: () => this.onclick() }
      told.push(one)
      const close = this.close.bind(this)
      this.close = () => { one.closed = true; close() }
    }
  }
  window.told = told
}`

let stage: Stage
const soon = { timeout: 90_000 }

beforeAll(async () => {
  stage = await openStage(playground({ 'amphitheatre.yaml': PROJECT }))
})

afterAll(() => stage?.close())

test('the title counts what needs a person; the browser tells it, once they wish for it', {
  timeout: 200_000,
}, async () => {
  const { page, browser, faults } = stage
  const told = (): Promise<readonly Told[]> =>
    page.evaluate('told.map(({ title, body, closed }) => ({ title, body, closed }))')
  await browser.contexts()[0]!.grantPermissions(['notifications'])
  await page.addInitScript(WATCH)
  await page.reload()
  await see(page).toHaveTitle('Amphitheatre')

  const settings = page.getByRole('button', { name: 'Settings' })
  await settings.press('Enter')
  const wish = page.getByRole('menuitem', { name: 'Notify me when I am needed' })
  await wish.press('Enter')
  await see(page.getByText('The browser tells what needs you while you look elsewhere.')).toBeVisible()

  // Where the page shows something else than the run.
  await page.keyboard.press('Alt+0')
  await page.getByRole('button', { name: 'Start Break something' }).click()
  await page.waitForURL(/#\/house/)
  await page.keyboard.press('Alt+h')
  await see(page).toHaveTitle('(1) Amphitheatre', soon)
  await expect.poll(told, soon).toMatchObject([{ title: 'Break something #1 needs you', closed: false }])

  await page.evaluate('told[0].click()')
  await page.waitForURL(/#\/graph\/.*\/build$/)
  const inspector = page.getByRole('complementary')
  await inspector.getByRole('button', { name: 'Skip' }).first().press('Enter')
  const asked = page.getByRole('alertdialog').getByRole('button', { name: 'Skip' })
  await asked
    .or(inspector.getByText(/skipped/).first())
    .first()
    .waitFor()
  if (await asked.isVisible()) await asked.press('Enter')
  await see(page).toHaveTitle('Amphitheatre', soon)
  expect(await told()).toMatchObject([{ closed: true }])
  expect(faults).toEqual([])
})
