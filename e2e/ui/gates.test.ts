import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type Page, expect as see } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { removeLeftovers } from '../support/leftovers.ts'
import { type Playground, playground } from '../support/repository.ts'
import { launch, openWindow, watchFaults } from './support/chromium.ts'
import { type Served, serve } from './support/served.ts'

/**
 * A gate at the end of a phase, before a real engine: it does not pass, is evaluated again, is made anew, waits for a
 * person, and is approved with a reason, all by the keyboard; a report it read is shown as it was.
 */
const PICTURES = join(import.meta.dirname, '../../out/pictures')
const JUNIT =
  '<testsuites><testsuite name="s"><testcase classname="adds" name="two and two"/></testsuite></testsuites>'
/** Made anew on its own work it makes the second version. */
const BUILD = `mkdir -p reports; echo '${JUNIT}' > reports/unit.xml
if [ -f VERSION ]; then echo 2 > VERSION; else echo 1 > VERSION; fi`
const PROJECT = stringify({
  version: 1,
  name: 'shop',
  extends: 'amphitheatre-devops',
  gates: {
    release: {
      title: 'Fit for release',
      conditions: [
        { junit: 'reports/*.xml', title: 'Unit tests pass' },
        { contains: { file: 'VERSION', pattern: '^2$' } },
        { approval: { text: 'The release notes are right' } },
      ],
    },
  },
  epics: {
    release: {
      title: 'Release the shop',
      phases: [
        {
          name: 'Build',
          gates: ['release'],
          tasks: [{ id: 'build', agent: 'BuildMaster', run: BUILD, writes: ['VERSION', 'reports/**'] }],
        },
        { name: 'Ship', tasks: [{ id: 'ship', agent: 'DeployCommander', run: 'cat VERSION' }] },
      ],
    },
  },
})

let browser: Browser
let place: Playground
let served: Served
let page: Page
let faults: readonly string[]
const soon = { timeout: 90_000 }

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true })
  browser = await launch()
  place = playground({ 'amphitheatre.yaml': PROJECT, '.gitignore': 'reports/\n' })
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

async function picture(name: string): Promise<void> {
  for (const [width, height] of [
    [1024, 700],
    [1440, 900],
  ] as const) {
    await page.setViewportSize({ width, height })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await see(page.locator('html')).toHaveAttribute('data-theme', colorScheme)
      // Drawn in it, too.
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
      await page.screenshot({ path: join(PICTURES, `gate-${name}-${width}-${colorScheme}.png`) })
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
    }
  }
}

test('fails, is evaluated again, waits for a person, and is approved with a reason', {
  timeout: 300_000,
}, async () => {
  await page
    .getByRole('navigation')
    .getByRole('link', { name: /^Projects/ })
    .click()
  await page.getByRole('button', { name: 'Start Release the shop' }).click()
  await see(page.getByRole('banner').getByText('Release the shop')).toBeVisible(soon)
  await page.keyboard.press('Alt+2')

  // From the task to what stands behind it, and on into the inspector.
  const gate = page.getByRole('button', { name: /^Gate Fit for release, end of Build/ })
  await see(gate).toHaveAccessibleName(/failed$/, soon)
  await page.getByRole('button', { name: /^build, / }).focus()
  await page.keyboard.press('ArrowRight')
  await see(gate).toBeFocused()
  await page.keyboard.press('Enter')
  const inspector = page.getByRole('complementary')
  await see(inspector.getByRole('heading', { name: 'Fit for release' })).toBeFocused()
  await see(inspector.getByText('not in VERSION')).toBeVisible()
  await picture('failed')

  const again = inspector.getByRole('button', { name: 'Evaluate again' })
  await again.focus()
  await page.keyboard.press('Enter')
  await see(inspector.getByText('2 times')).toBeVisible(soon)
  await see(gate).toHaveAccessibleName(/failed$/)

  await inspector.getByRole('button', { name: /reports\/unit\.xml/ }).press('Enter')
  const report = page.getByRole('dialog')
  await see(report.getByText('two and two')).toBeVisible()
  await page.screenshot({ path: join(PICTURES, 'gate-report.png') })
  await page.keyboard.press('Escape')
  await see(report).toBeHidden()

  // Made anew it passes what is measured, and a person is asked.
  await page.getByRole('button', { name: /^build, / }).click()
  await inspector.getByRole('button', { name: 'Run again' }).press('Enter')
  await see(gate).toHaveAccessibleName(/waits for approval$/, soon)
  await gate.focus()
  await page.keyboard.press('Enter')
  await see(inspector.getByText('phase Ship begins')).toBeVisible()
  await picture('waiting')

  await inspector.getByRole('textbox', { name: 'Why' }).focus()
  await page.keyboard.type('read them twice')
  await page.keyboard.press('Control+Enter')
  await see(gate).toHaveAccessibleName(/passed$/)
  await see(inspector.getByText('read them twice')).toBeVisible()
  await see(inspector.getByText(/ approved, /)).toBeVisible()
  await see(page.getByRole('banner').getByText(/done · 2 of 2/)).toBeVisible(soon)
  await picture('passed')
  expect(faults).toEqual([])
})
