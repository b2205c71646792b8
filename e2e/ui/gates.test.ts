import { type Page, expect as see } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { playground } from '../support/repository.ts'
import { pictureFile, pictures } from './support/look.ts'
import { openStage, type Stage, startEpic } from './support/stage.ts'

/**
 * A gate at the end of a phase, before a real engine: it does not pass, is evaluated again, is made anew, waits for a
 * person, and is approved with a reason, all by the keyboard; a report it read is shown as it was.
 */
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

let stage: Stage
let page: Page
const soon = { timeout: 90_000 }

beforeAll(async () => {
  stage = await openStage(playground({ 'amphitheatre.yaml': PROJECT, '.gitignore': 'reports/\n' }))
  page = stage.page
})

afterAll(() => stage?.close())

test('fails, is evaluated again, waits for a person, and is approved with a reason', {
  timeout: 300_000,
}, async () => {
  await page
    .getByRole('navigation')
    .getByRole('link', { name: /^Projects/ })
    .click()
  await startEpic(page, 'Release the shop')
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
  await pictures(page, 'gate-failed')

  const again = inspector.getByRole('button', { name: 'Evaluate again' })
  await again.focus()
  await page.keyboard.press('Enter')
  await see(inspector.getByText('2 times')).toBeVisible(soon)
  await see(gate).toHaveAccessibleName(/failed$/)

  await inspector.getByRole('button', { name: /reports\/unit\.xml/ }).press('Enter')
  const report = page.getByRole('dialog')
  await see(report.getByText('two and two')).toBeVisible()
  await page.screenshot({ path: pictureFile('gate-report') })
  await page.keyboard.press('Escape')
  await see(report).toBeHidden()

  // Made anew it passes what is measured, and a person is asked.
  await page.getByRole('button', { name: /^build, / }).click()
  await inspector.getByRole('button', { name: 'Run again' }).press('Enter')
  await see(gate).toHaveAccessibleName(/waits for approval$/, soon)
  await gate.focus()
  await page.keyboard.press('Enter')
  await see(inspector.getByText('phase Ship begins')).toBeVisible()
  await pictures(page, 'gate-waiting')

  await inspector.getByRole('textbox', { name: 'Why' }).focus()
  await page.keyboard.type('read them twice')
  await page.keyboard.press('Control+Enter')
  await see(gate).toHaveAccessibleName(/passed$/)
  await see(inspector.getByText('read them twice')).toBeVisible()
  await see(inspector.getByText(/ approved, /)).toBeVisible()
  await see(page.getByRole('banner').getByText(/done · 2 of 2/)).toBeVisible(soon)
  await pictures(page, 'gate-passed')
  expect(stage.faults).toEqual([])
})
