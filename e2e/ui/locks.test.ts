import { type Page, expect as see } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectLocal } from '../../main/api/localClient.ts'
import type { ClientCommand } from '../../main/domain/commands.ts'
import { stateFromJson } from '../../main/domain/serialise.ts'
import { playground } from '../support/repository.ts'
import { picture } from './support/look.ts'
import { openFolder, openStage, type Stage, startEpic } from './support/stage.ts'

/**
 * Two agents on one file, before a real engine: the map shows who holds it and who waits, its locks are taken by a
 * click; and two started by hand, whose conflict is settled on its card.
 */
const PROJECT = `version: 1
name: hops
extends: amphitheatre-devops
epics:
  hops:
    title: Fewer hops
    phases:
      - name: Work
        tasks:
          - {id: first, title: Count hops, agent: BuildMaster, run: sleep 600, writes: [src/hops.py]}
          - {id: second, title: Draw hops, agent: TestGuardian, run: sleep 600, writes: ['src/*.py'], priority: 4}
`

let stage: Stage
let page: Page

beforeAll(async () => {
  stage = await openStage(playground({ 'amphitheatre.yaml': PROJECT, 'src/hops.py': 'hops = 0\n' }), {
    open: false,
  })
  page = stage.page
  await openFolder(page, stage.place.root)
  await startEpic(page, 'Fewer hops')
})

afterAll(() => stage?.close())

const SEEN = { timeout: 60_000 }
const rail = (name: RegExp) => page.getByRole('navigation').getByRole('link', { name })
const row = (text: RegExp) => page.getByRole('treegrid').getByRole('row').filter({ hasText: text })

test('one holds the file, the other waits for it, until its locks are taken', {
  timeout: 180_000,
}, async () => {
  await page.keyboard.press('Alt+L')
  await see(page.getByRole('main')).toHaveAttribute('data-view', 'locks')
  await see(row(/hops\.py.*first/)).toBeVisible(SEEN)
  await see(row(/wants src\/\*\.py.*second/)).toBeVisible(SEEN)
  await picture(page, 'locks-held')

  await page.getByRole('button', { name: /^Who waits for whom/ }).click()
  await see(page.getByRole('button', { name: /^second, waits for src/ })).toBeVisible()
  await picture(page, 'locks-waits')

  // Who holds it is shown beside the map.
  await page.getByRole('button', { name: 'Map', exact: true }).click()
  await row(/hops\.py.*first/).click()
  const inspector = page.getByRole('complementary')
  await see(inspector.getByRole('heading', { name: 'Count hops' })).toBeVisible()
  await inspector.getByRole('button', { name: 'Take its locks' }).click()
  const asked = page.getByRole('alertdialog')
  await see(asked.getByText(/loses src\/hops\.py at once.*One agent waits for it/)).toBeVisible()
  await asked.getByRole('button', { name: 'Take its locks' }).click()
  await see(row(/src\/\*\.py.*second.*exclusive/)).toBeVisible(SEEN)
  expect(stage.faults).toEqual([])
})

test('the conflict of two on one file is settled on its card', { timeout: 120_000 }, async () => {
  const center = await connectLocal(stage.place.data)
  if (center === undefined) throw new Error('no engine is there')
  const [project] = stateFromJson(await center.snapshot()).projects.keys()
  const register = async (name: string, files: readonly string[], priority: number): Promise<void> => {
    const rest = { reads: [], uses: [], after: [], waits: false, start: true, session: null, dirty: [] }
    const none = { process: null, log: null, limitMs: null }
    const command = {
      type: 'registered.add',
      project: project!,
      name,
      files,
      priority,
      folder: stage.place.root,
    }
    const outcome = await center.dispatch({ command: { ...command, ...rest, ...none } as ClientCommand })
    expect(outcome).toMatchObject({ ok: true })
  }
  await register('Hop Counter', ['lib/hops.py'], 1)
  for (const part of ['web', 'docs', 'tests']) await register(part, [`${part}/**`], 3)
  await register('Route Planner', ['lib/hops.py', 'lib/routes.py'], 3)
  center.close()

  await rail(/^Conflicts, 1 open/).click()
  const card = page.getByRole('article', { name: 'Conflict c1' })
  await see(card.getByText('agent-1 and agent-5 both modifying hops.py')).toBeVisible(SEEN)
  await see(card.getByRole('group', { name: 'agent-1' }).getByText('better claim')).toBeVisible()
  await see(card.getByRole('group', { name: 'agent-5' }).getByText(/claims lib\/hops\.py/)).toBeVisible()
  await picture(page, 'conflict-open')
  await card.getByRole('button', { name: 'agent-1 goes first' }).click()
  await see(card).toBeHidden()
  await see(
    page.getByRole('button', { name: 'More of c1' }).getByText('agent-5 waits for agent-1'),
  ).toBeVisible()
  await picture(page, 'conflict-settled')

  // Both stand in the map of locks, marked as started by hand.
  await page.keyboard.press('Alt+L')
  await see(row(/hops\.py.*agent-1/)).toBeVisible()
  await see(row(/agent-5/).first()).toBeVisible()
  expect(stage.faults).toEqual([])
})
