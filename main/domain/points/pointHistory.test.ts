import { expect, test } from 'vitest'
import { rollbackChoices } from '../rollback/choices.ts'
import { Driver, RUN } from '../testing/driver.ts'
import { addPoint, COMMIT, change, LATER, project, release, withTarget } from '../testing/targets.ts'
import { pointHistory } from './pointHistory.ts'

/** v1 with two users, then v2 with a migration, settings and a third user, then another target. */
function world(): Driver {
  const driver = new Driver()
  withTarget(driver)
  addPoint(driver, 'a')
  driver.advance(1_000)
  const deed = {
    kind: 'migrate',
    target: 'shop',
    run: RUN,
    attempt: 1,
    at: driver.now,
    text: 'drop a column',
  } as const
  change(driver, (one) => ({ ...one, deeds: [{ ...deed, task: 'm' as never }] }))
  const current = {
    release: release('v2', LATER),
    by: 'r1/deploy#1',
    at: driver.now,
    before: 'p1',
    verified: false,
  }
  withTarget(driver, { current, history: [current], state: 'unhealthy' })
  driver.advance(1_000)
  const database = {
    kind: 'postgres',
    name: 'shop',
    hash: 'h2',
    bytes: 12,
    rows: { users: 3, new: 1 },
    schemaVersion: '2',
  } as const
  addPoint(driver, 'b', {
    release: release('v2'),
    git: { branch: 'main', commit: LATER },
    database,
    environment: { '.env': 'other' },
  })
  addPoint(driver, 'c', { target: 'else' })
  return driver
}

test('the newest first, each with what changed up to the next one of its target', () => {
  const history = pointHistory(project(world()))
  expect(history.map(({ point, next, lastGood }) => [point.id, next?.id ?? null, lastGood])).toEqual([
    ['p3', null, false],
    ['p2', null, false],
    ['p1', 'p2', true],
  ])
  expect(history.at(-1)!.changed).toEqual({
    release: { from: 'v1', to: 'v2' },
    commits: { from: COMMIT, to: LATER },
    migrations: ['drop a column'],
    schema: { from: '1', to: '2' },
    rows: { new: 1, users: 1 },
    settings: ['.env'],
    irreversible: [],
  })
  // Until now: as far as it is on record.
  expect(history[1]!.changed).toMatchObject({ release: null, rows: {}, migrations: [] })
  expect(pointHistory(project(world()), 'else').map(({ point }) => point.id)).toEqual(['p3'])
})

test('the last good one is offered first; fixing forward and a restart beside it', () => {
  const choices = rollbackChoices(project(world()), 'shop')
  expect(
    choices.map((one) => (one.kind === 'roll-back' ? `${one.point.id} ${one.offered}` : one.kind)),
  ).toEqual(['p1 true', 'p2 false', 'fix-forward', 'restart'])
  expect(rollbackChoices(project(world()), null)).toEqual([{ kind: 'fix-forward', from: null }])
})
