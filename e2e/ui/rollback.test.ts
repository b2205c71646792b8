import { type Page, expect as see } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { playground, git as runGit } from '../support/repository.ts'
import { picture } from './support/look.ts'
import { openStage, type Stage } from './support/stage.ts'

/**
 * The rollback dialog before a real engine and a real repository: what a run brought into the branch is taken back by
 * one confirmed click, and the rollback itself can be taken back.
 */
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

let stage: Stage
let page: Page

beforeAll(async () => {
  stage = await openStage(playground({ 'amphitheatre.yaml': PROJECT, 'page.txt': 'first\n' }))
  page = stage.page
})

afterAll(() => stage?.close())

const SEEN = { timeout: 90_000 }
const git = (...args: string[]): string => runGit(stage.place.root, ...args).trim()
const dialog = () => page.getByRole('dialog')

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
  await picture(page, 'rollback-plan')
  await dialog().getByRole('button', { name: 'Roll back to p1' }).click()
  await see(dialog().getByText('Back at p1')).toBeVisible(SEEN)
  await picture(page, 'rollback-done')
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
  expect(stage.faults).toEqual([])
})
