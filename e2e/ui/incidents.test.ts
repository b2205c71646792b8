import { type Page, expect as see } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectLocal } from '../../main/api/localClient.ts'
import type { ClientCommand } from '../../main/domain/commands.ts'
import { stateFromJson } from '../../main/domain/serialise.ts'
import { playground } from '../support/repository.ts'
import { pictures } from './support/look.ts'
import { openStage, type Stage } from './support/stage.ts'

/**
 * Incidents before a real engine: opened by hand and by alerts, checked by agents in containers, diagnosed, led,
 * mended by a remedy that is a run, verified, resolved, closed; two of the same made one; and once by the keyboard only.
 */
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

let stage: Stage
let page: Page

beforeAll(async () => {
  stage = await openStage(playground({ 'amphitheatre.yaml': PROJECT, 'README.md': '# Storefront\n' }))
  page = stage.page
  await page.getByRole('button', { name: 'Start Ship it' }).waitFor()
})

afterAll(() => stage?.close())

const SEEN = { timeout: 90_000 }
const main = () => page.getByRole('main')
const inspector = () => page.getByRole('complementary')
const rail = (name: RegExp) => page.getByRole('navigation').getByRole('link', { name })

async function openByHand(title: string, severity: string, text = ''): Promise<void> {
  await main().getByRole('button', { name: 'Open an incident' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('What is wrong').fill(title)
  await dialog.getByLabel('Severity').selectOption(severity)
  await dialog.getByLabel('What you saw').fill(text)
  if (severity === 'P0') await pictures(page, 'incident-open-dialog')
  await dialog.getByRole('button', { name: 'Open it' }).click()
  await see(dialog).toBeHidden()
  await see(main().getByRole('link', { name: new RegExp(title) })).toBeVisible()
}

test('opened by hand: checked, diagnosed, led, mended, verified, closed', { timeout: 300_000 }, async () => {
  await rail(/^Incidents$/).click()
  await see(main().getByText('No incident')).toBeVisible()
  await pictures(page, 'incidents-none')
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
  await pictures(page, 'incident-diagnosed')

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
  await pictures(page, 'incident-resolved')

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
  await pictures(page, 'incident-report')
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()

  await main().getByRole('button', { name: 'Close …' }).click()
  await page.getByRole('button', { name: 'Close it' }).click()
  await see(main().getByText('closed', { exact: true }).first()).toBeVisible()
  expect(stage.faults).toEqual([])
})

test('a storm of alerts is one incident, and merged into another', { timeout: 180_000 }, async () => {
  const center = await connectLocal(stage.place.data)
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
  const row = main().getByRole('link', { name: /P1.*take longer than 2 s/ })
  await see(row).toHaveCount(1)
  await see(row).toContainText('P1')
  await pictures(page, 'incidents-board')
  await row.click()
  await see(main().getByRole('figure').getByText('at most 3 → 3 now')).toBeVisible()
  await see(
    main()
      .getByRole('region', { name: 'Alerts received: 3' })
      .getByText(/requests to worker/),
  ).toBeVisible()
  await pictures(page, 'incident-alerts')
  await main().getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Merge …' }).click()
  const dialog = page.getByRole('dialog')
  await see(dialog.getByRole('combobox')).toContainText('Search is slow')
  await dialog.getByRole('button', { name: 'Merge' }).click()
  await see(main().getByRole('heading', { name: 'Search is slow' })).toBeVisible()
  await see(main().getByText(/with i3/)).toBeVisible()
  await see(main().getByRole('region', { name: 'Alerts received: 3' })).toBeVisible()
  expect(stage.faults).toEqual([])
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
  expect(stage.faults).toEqual([])
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
