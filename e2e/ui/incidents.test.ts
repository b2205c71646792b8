import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type Page, expect as see } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectLocal } from '../../main/api/localClient.ts'
import type { ClientCommand } from '../../main/domain/commands.ts'
import { stateFromJson } from '../../main/domain/serialise.ts'
import { removeLeftovers } from '../support/leftovers.ts'
import { type Playground, playground } from '../support/repository.ts'
import { launch, openWindow, watchFaults } from './support/chromium.ts'
import { type Served, serve } from './support/served.ts'

/**
 * Incidents before a real engine: opened by hand and by alerts, checked by agents in containers, diagnosed, led,
 * mended by a remedy that is a run, verified, resolved, closed; two of the same made one; and once by the keyboard only.
 */
const PICTURES = join(import.meta.dirname, '../../out/pictures')
const SAYS = (finding: string, more: readonly string[] = []): string =>
  [`finding=${finding}`, ...more].map((line) => `echo '${line}' >> "$AMPHITHEATRE_OUTPUT"`).join('; ')
const PROJECT = `version: 1
name: storefront
extends: amphitheatre-devops
epics:
  ship:
    title: Ship it
    phases: [{name: Work, tasks: [{id: build, agent: BuildMaster, run: 'true'}]}]
playbooks:
  checkout:
    title: Checkout is in trouble
    match: {severity: [P0]}
    checks:
      - id: recent-migrations
        title: Recent migrations
        agent: DatabaseArchitect
        run: ${JSON.stringify(
          SAYS('Migration 0014 added a NOT NULL column without a default. Inserts fail since.', [
            'cause=bad_migration',
            'confidence=0.94',
            'evidence=ERROR: null value in column "embedding" of relation "documents"',
          ]),
        )}
      - id: recent-deploys
        title: Recent deployments
        agent: DeployCommander
        run: ${JSON.stringify(
          SAYS('v2.0.0 went out two seconds before the first errors.', [
            'cause=bad_deploy',
            'confidence=0.6',
          ]),
        )}
      - id: assets
        title: Integrity of the build
        agent: BuildMaster
        run: ${JSON.stringify(SAYS('Assets match their manifest.'))}
      - id: backups
        title: Ready to go back
        agent: BackupKeeper
        run: exit 3
    diagnosis:
      - cause: bad_migration
        title: Bad migration
        signs: [{says: bad_migration, weight: 1}]
      - cause: bad_deploy
        title: Bad deployment
        signs: [{says: bad_deploy, weight: 0.6}]
        against: [{says: bad_migration, weight: 0.5}]
    remedies:
      bad_migration:
        title: Set a default on the column
        agent: DatabaseArchitect
        run: echo 'ALTER TABLE documents ALTER COLUMN embedding SET DEFAULT 0'
        irreversible: [12 order mails that were sent meanwhile]
    verify:
      - id: smoke
        title: Orders go through
        agent: TestGuardian
        run: ${JSON.stringify(SAYS('20 of 20 orders went through.'))}
`

let browser: Browser
let place: Playground
let served: Served
let page: Page
let faults: readonly string[]

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true })
  browser = await launch()
  place = playground({ 'amphitheatre.yaml': PROJECT, 'README.md': '# Storefront\n' })
  served = await serve({ data: place.data, path: place.root })
  page = await (await openWindow(browser)).newPage()
  page.setDefaultTimeout(15_000)
  faults = watchFaults(page)
  await page.goto(served.invitation)
  await page.getByRole('button', { name: 'Start Ship it' }).waitFor()
})

afterAll(async () => {
  await browser?.close()
  await served?.kill()
  await removeLeftovers(place.data)
  place.remove()
})

const SEEN = { timeout: 90_000 }
const main = () => page.getByRole('main')
const inspector = () => page.getByRole('complementary')
const rail = (name: RegExp) => page.getByRole('navigation').getByRole('link', { name })

/** In both themes and sizes; axe, which takes its time, looks at each theme and each size once. */
async function pictures(name: string): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    for (const [width, height] of [
      [1440, 900],
      [1024, 700],
    ] as const) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height })
      await page.screenshot({ path: join(PICTURES, `${name}-${colorScheme}-${width}.png`) })
      if ((colorScheme === 'dark') !== (width === 1440)) continue
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes[0]?.html}`)).toEqual([])
    }
  }
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.setViewportSize({ width: 1440, height: 900 })
}

async function openByHand(title: string, severity: string, text = ''): Promise<void> {
  await main().getByRole('button', { name: 'Open an incident' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('What is wrong').fill(title)
  await dialog.getByLabel('Severity').selectOption(severity)
  await dialog.getByLabel('What you saw').fill(text)
  if (severity === 'P0') await pictures('incident-open-dialog')
  await dialog.getByRole('button', { name: 'Open it' }).click()
  await see(dialog).toBeHidden()
  await see(main().getByRole('link', { name: new RegExp(title) })).toBeVisible()
}

test('opened by hand: checked, diagnosed, led, mended, verified, closed', { timeout: 300_000 }, async () => {
  await rail(/^Incidents$/).click()
  await see(main().getByText('No incident')).toBeVisible()
  await pictures('incidents-none')
  await openByHand('Search is slow', 'P2', 'Two customers called.')
  await openByHand('Checkout fails: 43 % of requests answer 500', 'P0', 'Orders stop at the last step.')
  await see(rail(/^Incidents, \d needs? you$/)).toBeVisible()

  // The worst is first, and says how long is left.
  const rows = main().getByRole('region', { name: 'Open', exact: true }).getByRole('link')
  await see(rows.first()).toContainText('P0')
  await see(rows.first()).toContainText('left to respond')
  await rows.first().click()
  await see(main().getByRole('heading', { name: /^Checkout fails/ })).toBeVisible()
  await see(inspector().getByText('Bad migration').first()).toBeVisible(SEEN)
  const found = main().getByRole('region', { name: 'What the agents found' })
  await see(found.getByText(/NOT NULL column without a default/)).toBeVisible()
  await see(found.getByText('bad migration · 94 %')).toBeVisible()
  await see(found.getByText('no fault')).toBeVisible()
  await see(found.getByText('the check failed')).toBeVisible(SEEN)
  await see(inspector().getByText('12 order mails that were sent meanwhile')).toBeVisible(SEEN)
  await pictures('incident-diagnosed')

  await main().getByRole('button', { name: 'Acknowledge' }).click()
  await see(main().getByText('acknowledged', { exact: true }).first()).toBeVisible()
  await main().getByRole('button', { name: 'Take command' }).click()
  await see(inspector().getByText('nobody yet')).toBeHidden()
  await main().getByRole('textbox', { name: 'Comment' }).fill('Mails are held in the **outbox** now.')
  await main().getByRole('button', { name: 'Comment' }).click()
  await see(main().getByRole('region', { name: 'Comments' }).getByText('outbox')).toBeVisible()

  // The remedy is a run, and so is looking whether it helped.
  await inspector()
    .getByRole('button', { name: /^Set a default on the column/ })
    .click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Set a default on the column' }).click()
  await see(main().getByText('20 of 20 orders went through.').first()).toBeVisible(SEEN)
  await see(main().getByText('resolved', { exact: true }).first()).toBeVisible(SEEN)
  await pictures('incident-resolved')

  // What is learnt.
  const post = inspector().getByRole('checkbox', { name: /Post-mortem/ })
  await see(post).not.toBeChecked()
  await inspector().getByRole('button', { name: 'Write down …' }).click()
  await page
    .getByRole('dialog')
    .getByLabel('root cause')
    .fill('Migrations are not tried on a copy of the data.')
  await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click()
  await post.click()
  await see(post).toBeChecked()
  await inspector()
    .getByRole('textbox', { name: /Keep it from coming/ })
    .fill('Try migrations on last night’s copy')
  await inspector().getByRole('button', { name: 'Add' }).click()
  await see(inspector().getByRole('checkbox', { name: /Try migrations/ })).toBeVisible()
  await inspector().getByRole('button', { name: 'Report …' }).click()
  await see(page.getByRole('dialog').getByText(/Root cause: Migrations are not tried/)).toBeVisible()
  await pictures('incident-report')
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()

  await main().getByRole('button', { name: 'Close …' }).click()
  await page.getByRole('button', { name: 'Close it' }).click()
  await see(main().getByText('closed', { exact: true }).first()).toBeVisible()
  expect(faults).toEqual([])
})

test('a storm of alerts is one incident, and merged into another', { timeout: 180_000 }, async () => {
  const center = await connectLocal(place.data)
  if (center === undefined) throw new Error('no engine is there')
  const [project] = stateFromJson(await center.snapshot()).projects.keys()
  const now = Date.now()
  const alerts = ['api', 'web', 'worker'].map((job, i) => ({
    fingerprint: `f${i}`,
    status: 'firing' as const,
    name: 'LatencyHigh',
    summary: `Half of the requests to ${job} take longer than 2 s`,
    labels: { alertname: 'LatencyHigh', severity: 'warning', job },
    url: 'https://prometheus.example/graph',
    group: 'latency',
    startsAt: now - (3 - i) * 20_000,
    endsAt: null,
  }))
  const command: ClientCommand = { type: 'alerts.receive', project: project!, from: 'alertmanager', alerts }
  expect(await center.dispatch({ command })).toMatchObject({ ok: true })
  center.close()

  await rail(/^Incidents/).click()
  await page.getByRole('button', { name: 'To all incidents' }).click()
  const row = main().getByRole('link', { name: /P1.*take longer than 2 s/ })
  await see(row).toHaveCount(1)
  await see(row).toContainText('P1')
  await pictures('incidents-board')
  await row.click()
  await see(main().getByRole('figure').getByText('at most 3 → 3 now')).toBeVisible()
  await see(
    main()
      .getByRole('region', { name: 'Alerts received: 3' })
      .getByText(/requests to worker/),
  ).toBeVisible()
  await pictures('incident-alerts')
  await main().getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Merge …' }).click()
  const dialog = page.getByRole('dialog')
  await see(dialog.getByRole('combobox')).toContainText('Search is slow')
  await dialog.getByRole('button', { name: 'Merge' }).click()
  await see(main().getByRole('heading', { name: 'Search is slow' })).toBeVisible()
  await see(main().getByText(/with i3/)).toBeVisible()
  await see(main().getByRole('region', { name: 'Alerts received: 3' })).toBeVisible()
  expect(faults).toEqual([])
})

test('with the keyboard only', { timeout: 120_000 }, async () => {
  const { keyboard } = page
  await page.evaluate('document.activeElement?.blur()')
  await keyboard.press('Control+K')
  await keyboard.type('Open an incident')
  await keyboard.press('Enter')
  await see(page.getByRole('dialog').getByLabel('What is wrong')).toBeFocused()
  await keyboard.type('Images do not load')
  await keyboard.press('Control+Enter')
  await see(page.getByRole('dialog')).toBeHidden()
  const row = main().getByRole('link', { name: /Images do not load/ })
  await see(row).toBeVisible()
  await tabTo('Images do not load')
  await keyboard.press('Enter')
  await see(main().getByRole('heading', { name: 'Images do not load' })).toBeVisible()
  await keyboard.press('Control+K')
  await keyboard.type('Acknowledge')
  await keyboard.press('Enter')
  await see(main().getByText('acknowledged', { exact: true }).first()).toBeVisible()
  await tabTo('Comment')
  await keyboard.type('A cache was full; it is emptied.')
  await keyboard.press('Control+Enter')
  await see(main().getByText('it is emptied')).toBeVisible()
  await keyboard.press('Control+K')
  await keyboard.type('Close …')
  await keyboard.press('Enter')
  await see(page.getByRole('dialog').getByLabel('Why')).toBeFocused()
  await keyboard.type('The cache is empty again.')
  await keyboard.press('Control+Enter')
  await see(main().getByText('closed', { exact: true }).first()).toBeVisible()
  expect(faults).toEqual([])
})

/** Tab, until what is so called has the focus. */
async function tabTo(name: string): Promise<void> {
  for (let n = 0; n < 60; n++) {
    const focused = await page.evaluate(`(() => {
      const at = document.activeElement
      return at?.matches('main :is(a, button, input, textarea)') ? (at.ariaLabel ?? '') + at.textContent : ''
    })()`)
    if (String(focused).includes(name)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not lead to ${name}`)
}
