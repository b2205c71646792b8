import { expect, test } from 'vitest'
import { applyPointKey } from '../../../main/domain/points/point.ts'
import { rollbackPlan } from '../../../main/domain/rollback/rollbackPlan.ts'
import { Driver, PROJECT, RUN } from '../../../main/domain/testing/driver.ts'
import { tasks } from '../../../main/domain/testing/plan.ts'
import {
  addPoint,
  COMMIT,
  LATER,
  project,
  release,
  withTarget,
} from '../../../main/domain/testing/targets.ts'
import { backFrom, isOutdated, offeredPoint, type Preview, pointsOf, rowsSince, savedBy } from './points.ts'

const MOVE = { branch: 'main', from: LATER, to: COMMIT }
const FACTS = { commits: [], uncommitted: null, rows: null, settings: [], unknown: [] }

function shop(): Driver {
  const driver = new Driver()
  withTarget(driver)
  addPoint(driver, 'r1/migrate#1', { why: 'migrate' })
  driver.advance(1_000)
  const current = {
    release: release('v2', LATER),
    by: 'r1/deploy#1',
    at: driver.now,
    before: 'p1',
    verified: false,
  }
  withTarget(driver, { current, history: [current], state: 'unhealthy' })
  addPoint(driver, 'r2/hand#1', { why: 'hand', release: release('v2', LATER) })
  return driver
}

function preview(driver: Driver): Preview {
  const planned = rollbackPlan(project(driver), 'shop', 'p1', { move: MOVE })
  if (!planned.ok) throw new Error(planned.reason)
  return { ok: true, plan: planned.plan, move: MOVE, facts: FACTS }
}

test('the last good point is offered first, the others from the newest on', () => {
  const driver = shop()
  expect(offeredPoint(project(driver), 'shop')?.id).toBe('p1')
  expect(pointsOf(project(driver), 'shop').map(({ id }) => id)).toEqual(['p1', 'p2'])
  expect(pointsOf(project(driver), 'other')).toEqual([])
})

test('a preview is out of date once something else is released, and not for less', () => {
  const driver = shop()
  const seen = preview(driver)
  expect(isOutdated(project(driver), seen)).toBe(false)
  addPoint(driver, 'r3/hand#1', { why: 'hand' })
  expect(isOutdated(project(driver), seen)).toBe(false)
  const current = { release: release('v3'), by: 'r4/deploy#1', at: driver.now, before: 'p2', verified: null }
  withTarget(driver, { current })
  expect(isOutdated(project(driver), seen)).toBe(true)
})

test('rows that were written or removed since, by table', () => {
  const seen = preview(shop())
  expect(rowsSince(seen)).toEqual([])
  const facts = { ...FACTS, rows: { users: 2, orders: 41 } }
  expect(rowsSince({ ...seen, facts })).toEqual([{ table: 'orders', by: 41 }])
  expect(rowsSince({ ...seen, facts: { ...FACTS, rows: {} } })).toEqual([{ table: 'users', by: -2 }])
})

test('from a run one goes back at its target, else to where the repository was before it was applied', () => {
  const driver = shop()
  const plan = tasks(['ship'], {
    with: { ship: { target: 'shop', action: { do: 'deploy', from: { image: 'i' }, version: 'v2' } } },
  })
  driver.start(plan)
  expect(backFrom(project(driver), driver.run())).toEqual({ project: PROJECT, target: 'shop' })

  const plain = new Driver()
  plain.start(tasks(['work']))
  expect(backFrom(project(plain), plain.run())).toBeUndefined()
  addPoint(plain, applyPointKey(RUN), {
    target: null,
    release: null,
    database: null,
    environment: {},
    why: 'apply',
  })
  expect(backFrom(project(plain), plain.run())).toEqual({ project: PROJECT, target: null, point: 'p1' })
})

test('the way back from a rollback is the point it made first', () => {
  const driver = shop()
  driver.start(tasks(['work']))
  expect(savedBy(project(driver), driver.run())).toBeUndefined()
  addPoint(driver, `${RUN}/save#1`, { why: 'rollback' })
  expect(savedBy(project(driver), driver.run())?.id).toBe('p3')
})
