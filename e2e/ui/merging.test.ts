import { type Page, expect as see } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { playground } from '../support/repository.ts'
import { picture } from './support/look.ts'
import { openStage, type Stage, startEpic } from './support/stage.ts'

/**
 * Two agents whose work passes the check alone and fails it together, before a real engine: the merge queue on the
 * screen says who waits, who was taken out and why, and shows what the check said.
 */
const SIDE = (file: string): string =>
  `test -z "$AMPHITHEATRE_LAST_FAILURE" && echo 20 > ${file} || { echo 5 > ${file}; sleep 600; }`
const PROJECT = `version: 1
name: area
extends: amphitheatre-devops
merge:
  check: test $(( $(cat wide.txt) * $(cat tall.txt) )) -le 100 || { echo not ok, too large; exit 1; }
epics:
  area:
    title: A larger area
    phases:
      - name: Work
        tasks:
          - {id: wide, agent: BuildMaster, run: '${SIDE('wide.txt')}', writes: [wide.txt], retry: 1}
          - {id: tall, agent: TestGuardian, run: '${SIDE('tall.txt')}', writes: [tall.txt], retry: 1}
          - {id: sum, agent: BuildMaster, run: cat wide.txt tall.txt > sum.txt, writes: [sum.txt], needs: [wide, tall]}
`

let stage: Stage
let page: Page

beforeAll(async () => {
  stage = await openStage(playground({ 'amphitheatre.yaml': PROJECT, 'wide.txt': '1\n', 'tall.txt': '1\n' }))
  page = stage.page
})

afterAll(() => stage?.close())

test('who breaks the check is taken out, with what the check said', { timeout: 180_000 }, async () => {
  const seen = { timeout: 90_000 }
  await page
    .getByRole('navigation')
    .getByRole('link', { name: /^Projects/ })
    .click()
  await startEpic(page, 'A larger area')
  await page.getByRole('button', { name: 'Show the merge queue' }).click()
  await see(page.getByRole('main')).toHaveAttribute('data-view', 'queue')

  // One of them came first and is merged; the other is taken out, and its agent tries again.
  const out = page.getByRole('region', { name: 'Taken out' })
  await see(out.getByText('the check passes without it and fails with it')).toBeVisible(seen)
  await see(out.getByText(/not ok, too large/)).toBeVisible()
  await see(out.getByText('tries again as #2')).toBeVisible(seen)
  await see(page.getByRole('region', { name: 'In line' }).getByText('0 · 1 merged')).toBeVisible()

  // By the keyboard: the row of the check that failed, and its output below.
  const checks = page.getByRole('grid', { name: 'Checks' })
  const failed = checks.getByRole('row').filter({ hasText: /breaks it/ })
  await failed.focus()
  await page.keyboard.press('Enter')
  const output = page.getByRole('region', { name: /^Output of merge-check#\d/ })
  await see(output.locator('.xterm-screen')).toBeVisible()
  await see(output.getByRole('status')).toBeHidden()
  await picture(page, 'merge-queue')
  await output.getByRole('button', { name: 'Close' }).click()
  await see(output).toBeHidden()
  expect(stage.faults).toEqual([])
})
