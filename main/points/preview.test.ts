import { expect, test } from 'vitest'
import { commitId } from '../domain/ids.ts'
import { Driver, PROJECT } from '../domain/testing/driver.ts'
import { addPoint, COMMIT, LATER, withTarget } from '../domain/testing/targets.ts'
import type { SeenRepository } from '../engine/ports/pointCommits.ts'
import { rollbackPreview } from './preview.ts'
import type { PointTools } from './tools.ts'

/** A point of the repository and of `shop`, looked at where the repository is so. */
function preview(seen: Partial<SeenRepository>, parts?: readonly ['branch']) {
  const driver = new Driver()
  withTarget(driver)
  addPoint(driver, 'k', { database: null, environment: {} })
  const repository = { branch: 'main', commit: commitId(LATER), uncommitted: 0, held: {}, ...seen }
  const tools = { commits: { lookAt: () => Promise.resolve(repository) } } as unknown as PointTools
  return rollbackPreview(tools, driver.state, { project: PROJECT, target: 'shop', point: 'p1', parts })
}

test.each<[string, Partial<SeenRepository>, RegExp]>([
  ['is gone', { commit: null }, /^the branch main is gone .*git branch main a{12}, once p1 is back$/],
  ['does not hold it any more', {}, /^the branch main stays: it does not hold a{12}, which p1 is of/],
])('a branch that %s stays, and the plan says so', async (_, seen, words) => {
  const whole = await preview(seen)
  expect(whole).toMatchObject({ ok: true, move: null })
  expect(whole.ok && whole.plan.steps.map(({ id }) => id)).not.toContain('branch')
  expect(whole.ok && whole.plan.warnings).toContainEqual(expect.stringMatching(words))
  expect(await preview(seen, ['branch'])).toEqual({ ok: false, reason: expect.stringMatching(words) })
})

test('a branch that holds it goes back, and nothing is said', async () => {
  const found = await preview({ held: { [COMMIT]: [] } })
  expect(found).toMatchObject({ ok: true, move: { branch: 'main', from: LATER, to: COMMIT } })
  expect(found.ok && found.plan.warnings.join()).not.toContain('branch main')
})
