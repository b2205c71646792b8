import { expect, test } from 'vitest'
import type { EventEnvelope } from '../domain/events.ts'
import { runId } from '../domain/ids.ts'
import { lastGoodPoint } from '../domain/points/keeping.ts'
import { Driver, PROJECT } from '../domain/testing/driver.ts'
import { at, exited, started } from '../domain/testing/steps.ts'
import { addPoint, project, targetSpec, withTarget } from '../domain/testing/targets.ts'
import type { ScheduleSource } from '../engine/ports/scheduleSource.ts'
import { Clock, eventsOf, item, startWith } from '../engine/schedules/testing/house.ts'
import { openMemoryStore } from '../store/memoryStore.ts'
import { testSchedules } from './testSchedules.ts'

const NIGHT = { keep: 3, maxAgeMs: null, test: '30 3 * * *', remote: null, timeZone: 'Europe/Berlin' }
const spec = targetSpec('shop', { points: NIGHT })
const BEGIN = Date.parse('2026-11-21T01:00:00Z')

/** A project with one target and one good point on record, and what it has to say of schedules. */
function kept(): Driver {
  const driver = new Driver()
  withTarget(driver, { spec })
  addPoint(driver, 'r0/deploy#1')
  return driver
}

test('fires at its time in its time zone, once, and tests the last good point', async () => {
  const store = openMemoryStore()
  const driver = new Driver()
  const declared = { type: 'target.declared', spec } as const
  const from = driver.log.at(-1)!
  driver.log.push({ ...from, seq: from.seq + 1, type: declared.type, data: declared } as EventEnvelope)
  addPoint(driver, 'r0/deploy#1')
  const events = driver.log.map((event, i) => ({ ...event, seq: i + 1, time: BEGIN }))
  const good = events.map((event) =>
    event.data.type === 'point.made'
      ? { ...event, data: { ...event.data, point: { ...event.data.point, good: true } } }
      : event,
  )
  await store.append({ events: good, outcomes: [], runRows: [], taskRows: [] })
  const clock = new Clock(BEGIN)
  const engine = await startWith(store, clock, testSchedules())
  await clock.advance(0)
  expect(item(engine, 'test-points-shop')).toMatchObject({
    source: 'points',
    next: Date.parse('2026-11-21T02:30:00Z'),
  })
  await clock.advance(2 * 3_600_000)
  const fired = await eventsOf(store, 'schedule.fired')
  expect(fired).toHaveLength(1)
  const { run } = fired[0]!.data as { run: string }
  expect(engine.state.runs.get(runId(run))!.plan.tasks[0]).toMatchObject({
    target: 'shop',
    action: { do: 'test-point', point: 'p1', key: 'r0/deploy#1' },
  })
  await engine.close()
})

test('what comes of it is on record, and a point that fails it is not offered any more', async () => {
  const driver = kept()
  const source: ScheduleSource = testSchedules()
  expect(await source.schedules(project(driver))).toMatchObject({
    ok: true,
    specs: [{ cron: '30 3 * * *', timeZone: 'Europe/Berlin', missed: 'run' }],
  })
  const found = await source.plan(project(driver), 'test-points-shop')
  if (!found.ok) throw new Error(found.detail)
  const run = runId('tested')
  driver.must({ type: 'run.start', project: PROJECT, run, runner: found.runner, plan: found.plan })
  driver.must(started(at(driver, 'test', run)))
  const tested = { point: 'p1', ok: false, detail: 'was altered', ms: 5 }
  driver.must(exited(at(driver, 'test', run), 1, { outputs: { tested: JSON.stringify(tested) } }))
  expect(project(driver).points[0]!.tested).toMatchObject({ ok: false, detail: 'was altered' })
  expect(lastGoodPoint(project(driver).points, 'shop')).toBeUndefined()
  // Nobody looks at that hour: it is an incident, until a point can be restored again.
  const incident = () =>
    project(driver).incidents.map(({ title, severity, state }) => [title, severity, state])
  expect(incident()).toEqual([['p1 of shop cannot be restored', 'P2', 'open']])
  const again = addPoint(driver, 'r9/save#1')
  const other = runId('again')
  driver.must({ type: 'point.test', project: PROJECT, run: other, point: again.id })
  driver.must(started(at(driver, 'test', other)))
  const good = { point: again.id, ok: true, detail: 'all equal', ms: 5 }
  driver.must(exited(at(driver, 'test', other), 0, { outputs: { tested: JSON.stringify(good) } }))
  expect(incident()).toEqual([['p1 of shop cannot be restored', 'P2', 'closed']])
  driver.must({ type: 'point.remove', project: PROJECT, point: 'p1' })
  expect(await source.schedules(project(driver))).toMatchObject({ specs: [{ name: 'test-points-shop' }] })
})

test('no times, no schedule; without a time zone it is that of the machine', async () => {
  const driver = kept()
  withTarget(driver, { spec: targetSpec('shop', { points: { ...NIGHT, test: null } }) })
  expect(await testSchedules().schedules(project(driver))).toEqual({ ok: true, specs: [] })
  const { timeZone: _, ...points } = NIGHT
  withTarget(driver, { spec: targetSpec('shop', { points }) })
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  expect(await testSchedules().schedules(project(driver))).toMatchObject({ specs: [{ timeZone }] })
})
