import { type Page, expect as see } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { appFiles } from '../../main/targets/testing/app.ts'
import { freePort } from '../../main/targets/testing/bench.ts'
import { amphi } from '../support/amphi.ts'
import { commitAll, playground, writeFiles } from '../support/repository.ts'
import { removeTargets } from '../support/targets.ts'
import { pictures } from './support/look.ts'
import { openStage, type Stage } from './support/stage.ts'

/**
 * Two releases to local Docker with a PostgreSQL, before a real engine: what is there and since when, as it is now; the
 * history with its points, what changed between them; a point made, pinned, tested and removed, all by the keyboard.
 */
let stage: Stage
let page: Page
let port: number
const soon = { timeout: 120_000 }

/** With a setting of its own, so that its images are nobody else’s. */
function files(version: string): Readonly<Record<string, string>> {
  const app = Object.entries(appFiles(version, { SLOW_MS: '7' })).map(([name, text]) => [`app/${name}`, text])
  return { 'amphitheatre.yaml': projectFile(version), ...Object.fromEntries(app) }
}

function projectFile(version: string): string {
  return `version: 1
name: shop
agents:
  - {name: DeployCommander, role: Deployment, skills: [deploy]}
targets:
  staging:
    docker:
      port: ${port}
      service: {port: 3000, health: {path: /health, interval: 50ms, within: 30s}}
    database: {kind: postgres, name: shop}
    verify: {paths: [/], timeout: 5s}
epics:
  release:
    title: Release the shop
    phases:
      - name: Release
        sequential:
          - {id: migrate, title: Add a table, kind: migrate, target: staging, agent: DeployCommander, image: amphitheatre/postgres, run: 'psql -v ON_ERROR_STOP=1 -qc "create table if not exists t${version.replace('.', '')} (at int); insert into t${version.replace('.', '')} values (1)"'}
          - {id: deploy, kind: deploy, target: staging, agent: DeployCommander, version: "${version}", image: {build: app}}
`
}

beforeAll(async () => {
  port = await freePort()
  stage = await openStage(playground(files('1.0')))
  page = stage.page
})

afterAll(async () => {
  await stage?.leave()
  await removeTargets(stage.place.data)
  await stage.close()
})

async function release(): Promise<void> {
  await page.keyboard.press('Alt+0')
  await page.getByRole('button', { name: 'Start Release the shop' }).click()
  await page.waitForURL(/#\/house/)
  await page.keyboard.press('Alt+r')
}

test('two releases, what changed between them, and the points to go back to', {
  timeout: 400_000,
}, async () => {
  await release()
  const card = page.getByRole('region', { name: 'staging' })
  await see(card.getByText('at work on it')).toBeVisible(soon)
  await see(card.getByText('1.0', { exact: true })).toBeVisible(soon)
  await see(card.getByText(/^healthy: /)).toBeVisible(soon)
  await see(card.getByRole('link')).toHaveAttribute('href', `http://127.0.0.1:${port}`)
  await see(card.getByText(/^database/)).toBeVisible()
  await pictures(page, 'releases-first')

  writeFiles(stage.place.root, files('2.0'))
  commitAll(stage.place.root, 'The second version')
  await release()
  await see(card.getByText('2.0', { exact: true })).toBeVisible(soon)
  const history = page.getByRole('grid', { name: 'History' })
  await see(history.getByText('2.0 released to staging')).toBeVisible(soon)
  await see(history.getByText('1.0 released to staging')).toBeVisible()
  await see(card.getByText(/^healthy$/)).toBeVisible(soon)
  await pictures(page, 'releases-second')

  // From the history to a point, and to what changed since.
  const point = history.getByRole('row').filter({ hasText: 'before a migration' }).first()
  await point.focus()
  await page.keyboard.press('Enter')
  const inspector = page.getByRole('complementary')
  const id = (await inspector.getByRole('heading', { name: /^Point p\d+$/ }).textContent())!.replace(
    'Point ',
    '',
  )
  await see(inspector.getByText('1.0 → 2.0')).toBeVisible()
  await inspector.getByRole('combobox', { name: 'Compare with' }).selectOption('now')
  await see(inspector.getByRole('heading', { name: `From ${id} to now` })).toBeVisible()
  await see(inspector.getByText('Add a table')).toBeVisible()
  await see(inspector.getByText('1 now, 0 then')).toBeVisible(soon)
  await see(inspector.getByText('The second version')).toBeVisible()
  await pictures(page, 'releases-between')

  await inspector.getByRole('button', { name: 'Back' }).press('Enter')
  await inspector.getByRole('button', { name: 'Pin', exact: true }).press('Enter')
  await see(inspector.getByRole('button', { name: 'Unpin' })).toBeVisible()
  await inspector.getByRole('button', { name: 'Test now' }).press('Enter')
  await see(inspector.getByText(/can be restored, /)).toBeVisible(soon)
  await pictures(page, 'releases-point')

  // What came of it stands in the health of the project, too.
  await page.keyboard.press('Alt+h')
  const tests = page.getByRole('region', { name: 'Restore tests' })
  await see(tests.getByText('can be restored', { exact: true })).toBeVisible()
  await see(tests.getByText(new RegExp(`^${id} was restored `))).toBeVisible()
  await see(tests.getByText(/^Nothing tries it by the clock/)).toBeVisible()
  await pictures(page, 'releases-tests')
  await page.goBack()
  await see(inspector.getByRole('heading', { name: `Point ${id}` })).toBeVisible()

  await card.getByRole('button', { name: 'Make a point' }).press('Enter')
  const made = history.getByRole('row').filter({ hasText: 'made by hand' })
  await see(made).toBeVisible(soon)
  // The newest is the last good one now: only another may be removed.
  await inspector.getByRole('button', { name: 'Unpin' }).press('Enter')
  await see(inspector.getByRole('button', { name: 'Pin', exact: true })).toBeVisible()
  await inspector.getByRole('button', { name: 'Remove' }).press('Enter')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).press('Enter')
  await see(history.getByText(`Point ${id}`, { exact: false })).toBeHidden(soon)
  expect(stage.faults).toEqual([])
})

test('what a rollback put aside is seen and dropped; the target is taken down, and forgotten', {
  timeout: 400_000,
}, async () => {
  const { data, root } = stage.place
  const back = await amphi(['rollback', '--only', 'database,image', '--yes', '--data', data], { cwd: root })
  expect(back.code, back.stdout + back.stderr).toBe(0)
  const card = page.getByRole('region', { name: 'staging' })
  const drop = card.getByRole('button', { name: /^Drop shop_since_/ })
  await see(drop).toBeVisible(soon)
  await see(card.getByText(/completes p\d+/)).toBeVisible()
  await pictures(page, 'releases-aside')
  await drop.press('Enter')
  const question = page.getByRole('alertdialog')
  await see(question.getByText(/going back to p\d+ would lack it/)).toBeVisible()
  await question.getByRole('button', { name: 'Drop' }).press('Enter')
  await see(drop).toBeHidden(soon)

  await see(card.getByText(/^healthy$/)).toBeVisible(soon)
  await card.getByRole('button', { name: 'Take down …' }).press('Enter')
  const dialog = page.getByRole('dialog')
  const submit = dialog.getByRole('button', { name: 'Take down' })
  await see(submit).toHaveAttribute('aria-disabled', 'true')
  await dialog.getByRole('checkbox', { name: 'Remove its data, too' }).check()
  await dialog.getByRole('textbox').fill('staging')
  await pictures(page, 'releases-take-down')
  await submit.press('Enter')
  await see(card.getByText('nothing released')).toBeVisible(soon)
  await see(card.getByText('none', { exact: true })).toBeVisible(soon)
  const forget = card.getByRole('button', { name: 'Forget' })
  await see(forget).not.toHaveAttribute('aria-disabled', 'true', soon)
  await pictures(page, 'releases-taken-down')
  await forget.press('Enter')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Forget' }).press('Enter')
  await see(card).toBeHidden(soon)
  expect(stage.faults).toEqual([])
})

test('how agents and machine are doing', { timeout: 180_000 }, async () => {
  await page.keyboard.press('Alt+h')
  await see(page.locator('[data-measure="host_memory_used"] strong')).not.toHaveText('–', soon)
  await see(page.locator('[data-measure]')).toHaveCount(7)
  await see(page.getByText('Nothing is scheduled.')).toBeVisible()
  await pictures(page, 'releases-health')
  expect(stage.faults).toEqual([])
})
