import { expect, it } from 'vitest'
import { Driver } from '../testing/driver.ts'
import { addPoint, change, project, targetSpec, withTarget } from '../testing/targets.ts'
import { restoreTestsOf, testScheduleName } from './restoreTests.ts'

const spec = targetSpec('shop', { points: { keep: 3, maxAgeMs: null, test: '@daily', remote: null } })

function tested(driver: Driver, id: string, at: number, ok: boolean): void {
  change(driver, (one) => ({
    ...one,
    points: one.points.map((point) =>
      point.id === id ? { ...point, tested: { at, ok, detail: ok ? '' : 'the dump is cut off' } } : point,
    ),
  }))
}

const only = (driver: Driver) => {
  const all = restoreTestsOf(project(driver))
  expect(all).toHaveLength(1)
  return all[0]!
}

it('says of a target what was tried last, what cannot be restored, and what is offered instead', () => {
  const driver = new Driver()
  withTarget(driver, { spec })
  expect(only(driver)).toEqual({
    target: 'shop',
    good: null,
    last: null,
    broken: [],
    schedule: null,
    state: 'nothing',
  })
  addPoint(driver, 'one')
  addPoint(driver, 'two')
  expect(only(driver)).toMatchObject({ state: 'untried', good: { id: 'p2' } })
  tested(driver, 'p2', 100, true)
  expect(only(driver)).toMatchObject({ state: 'restored', last: { id: 'p2' }, broken: [] })
  tested(driver, 'p2', 200, false)
  expect(only(driver)).toMatchObject({ state: 'broken', good: { id: 'p1' }, broken: [{ id: 'p2' }] })
  // What can be restored does not make well what cannot: it is kept, and is seen.
  tested(driver, 'p1', 300, true)
  expect(only(driver)).toMatchObject({ state: 'restored', last: { id: 'p1' }, broken: [{ id: 'p2' }] })
  tested(driver, 'p1', 400, false)
  expect(only(driver)).toMatchObject({ state: 'broken', good: null, broken: [{ id: 'p1' }, { id: 'p2' }] })
})

it('knows when a target is tried by the clock; a schedule its policy does not name any more is not its', () => {
  const driver = new Driver()
  withTarget(driver, { spec })
  const name = testScheduleName('shop')
  const item = {
    spec: { name, title: name, cron: '@daily', timeZone: 'UTC', missed: 'run', overlap: 'skip' },
    source: 'points',
    handled: 0,
    next: 5,
    waiting: null,
    last: null,
  } as const
  change(driver, (one) => ({ ...one, schedules: { items: { [name]: item }, trouble: {} } }))
  expect(only(driver).schedule).toBe(item)
  withTarget(driver, { spec: targetSpec('shop') })
  expect(only(driver).schedule).toBe(null)
})

it('names the repository and targets that are gone where something of them was tried', () => {
  const driver = new Driver()
  addPoint(driver, 'r1/apply', { target: null })
  addPoint(driver, 'r2/apply', { target: 'gone' })
  expect(restoreTestsOf(project(driver))).toEqual([])
  tested(driver, 'p1', 100, true)
  tested(driver, 'p2', 100, false)
  expect(restoreTestsOf(project(driver))).toMatchObject([
    { target: null, state: 'restored' },
    { target: 'gone', state: 'broken' },
  ])
})
