import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { runId } from '../ids.ts'
import { changedSince } from '../rollback/changedSince.ts'
import { rollbackPlan } from '../rollback/rollbackPlan.ts'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import { tasks } from '../testing/plan.ts'
import { at, exited, finish, prepared, start, started } from '../testing/steps.ts'
import {
  addPoint,
  change,
  pointContent,
  project,
  release,
  targetSpec,
  withTarget,
} from '../testing/targets.ts'
import { lastGoodPoint } from './keeping.ts'
import { applyPointKey, pointFolder, pointRef } from './point.ts'

const ids = (driver: Driver): string[] => project(driver).points.map(({ id }) => id)
const of = (point: string) => ({ project: PROJECT, point })

test('two keys never share a folder, and a ref of one is a ref', () => {
  const part = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,12}$/)
  const key = fc.oneof(
    fc.tuple(part, part, fc.nat(20)).map(([run, task, n]) => `${run}/${task}#${n}`),
    part.map(applyPointKey),
  )
  void fc.assert(
    fc.property(key, key, (a, b) => {
      expect(pointFolder(a) === pointFolder(b)).toBe(a === b)
      expect(pointRef(a)).not.toMatch(/\.\.|\.lock$|\.$|[\s~^:?*[\\]|\/\./)
    }),
  )
})

const UNVERIFIED = { release: release('v1'), by: 'r0/deploy#1', at: 0, before: null, verified: false }

describe('a point', () => {
  it('is made once for its key, and numbered in its project', () => {
    const driver = new Driver()
    withTarget(driver)
    expect(addPoint(driver, 'r1/deploy#1').id).toBe('p1')
    expect(addPoint(driver, 'r1/deploy#1').id).toBe('p1')
    expect(addPoint(driver, 'r1/deploy#2').id).toBe('p2')
    expect(ids(driver)).toEqual(['p1', 'p2'])
  })

  it.each([
    ['a healthy release', {}, true],
    ['an unhealthy one', { state: 'unhealthy' }, false],
    ['one whose step ended badly', { state: 'half' }, false],
    ['nothing released', { current: null }, false],
    ['one that did not verify', { current: UNVERIFIED }, false],
  ] as const)('of %s: good is %s', (_, more, good) => {
    const driver = new Driver()
    withTarget(driver, more)
    expect(addPoint(driver, 'k').good).toBe(good)
  })

  it('is not good when a migration ran since the release was put there', () => {
    const driver = new Driver()
    withTarget(driver)
    const deed = {
      kind: 'migrate',
      target: 'shop',
      run: RUN,
      task: 'm',
      // In the same millisecond: which came first nobody knows.
      at: driver.now,
      text: 'm',
      attempt: 1,
    } as const
    expect(addPoint(driver, 'before').good).toBe(true)
    change(driver, (one) => ({ ...one, deeds: [{ ...deed, task: deed.task as never }] }))
    expect(addPoint(driver, 'after').good).toBe(false)
    expect(lastGoodPoint(project(driver).points, 'shop')!.key).toBe('before')
  })

  it('made before a migration is good though its migration is on record as begun', () => {
    const driver = new Driver()
    withTarget(driver)
    driver.advance(10)
    driver.start(
      tasks(['m'], { with: { m: { target: 'shop', kind: 'migrate', action: { do: 'migrate', run: 'x' } } } }),
    )
    start(driver, 'm')
    const begun = driver.now
    driver.advance(5_000)
    const point = JSON.stringify(pointContent(`${RUN}/m#1`, { why: 'migrate', at: begun }))
    driver.must(exited(at(driver, 'm'), 1, { outputs: { point } }))
    expect(project(driver).points).toMatchObject([{ good: true, why: 'migrate', at: begun }])
    expect(changedSince(project(driver), project(driver).points[0]!).migrations).toHaveLength(1)
    expect(addPoint(driver, 'later').good).toBe(false)
  })

  it('is taken from the outputs of an action, and from nobody else’s', () => {
    const output = JSON.stringify(pointContent(`${RUN}/a#1`))
    const run = (action: boolean): Driver => {
      const options = action ? { action: { do: 'point', name: null } as const } : {}
      const driver = new Driver()
      withTarget(driver)
      driver.start(tasks(['a'], { with: { a: options } }))
      start(driver, 'a')
      driver.must(exited(at(driver, 'a'), 0, { outputs: { point: output } }))
      return driver
    }
    expect(ids(run(false))).toEqual([])
    expect(ids(run(true))).toEqual(['p1'])
  })

  it('is on record even when its action failed afterwards; nonsense is not', () => {
    for (const [text, found] of [
      [JSON.stringify(pointContent(`${RUN}/a#1`)), ['p1']],
      ['{', []],
      ['{"key":1}', []],
    ] as const) {
      const driver = new Driver()
      withTarget(driver)
      driver.start(tasks(['a'], { with: { a: { action: { do: 'point', name: null } } } }))
      start(driver, 'a')
      driver.must(exited(at(driver, 'a'), 1, { outputs: { point: text } }))
      expect(ids(driver)).toEqual(found)
    }
  })
})

describe('before an apply', () => {
  it('the place of the branch is on record in the same commit', () => {
    const driver = Driver.running(tasks(['a'], { with: { a: { workspace: 'repo' } } }))
    driver.must(prepared())
    finish(driver, 'a')
    driver.must({ type: 'run.apply', run: RUN })
    const before = 'd'.repeat(40) as never
    const commit = 'e'.repeat(40) as never
    const events = driver.must({ type: 'report.applied', run: RUN, branch: 'main', commit, before })
    expect(events.map(({ type }) => type).slice(0, 2)).toEqual(['point.made', 'run.applied'])
    expect(project(driver).points).toMatchObject([
      { id: 'p1', why: 'apply', target: null, git: { branch: 'main', commit: before }, good: true },
    ])
  })
})

describe('the policy', () => {
  it('keeps the newest, the pinned and the last good one', () => {
    const driver = new Driver()
    withTarget(driver)
    addPoint(driver, 'good')
    withTarget(driver, { state: 'unhealthy' })
    addPoint(driver, 'pinned')
    driver.must({ type: 'point.pin', ...of('p2') })
    for (const n of [3, 4, 5, 6]) addPoint(driver, `k${n}`)
    expect(ids(driver)).toEqual(['p1', 'p2', 'p4', 'p5', 'p6'])
    driver.must({ type: 'point.unpin', ...of('p2') })
    addPoint(driver, 'k7')
    expect(ids(driver)).toEqual(['p1', 'p5', 'p6', 'p7'])
  })

  it('lets those go that are too old', () => {
    const driver = new Driver()
    withTarget(driver, {
      spec: targetSpec('shop', { points: { keep: 9, maxAgeMs: 1_000, test: null, remote: null } }),
    })
    addPoint(driver, 'a')
    addPoint(driver, 'b')
    driver.advance(2_000)
    driver.must({ type: 'report.points-aged', project: PROJECT })
    expect(ids(driver)).toEqual(['p2'])
  })

  it('never drops the last good point, whatever happens', () => {
    const step = fc.record({
      state: fc.constantFrom('healthy', 'unhealthy', 'half', 'unverified'),
      wait: fc.nat(3_000),
    } as const)
    void fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: 1, max: 4 }), (steps, keep) => {
        const driver = new Driver()
        const points = { keep, maxAgeMs: 2_000, test: null, remote: null }
        const spec = targetSpec('shop', { points })
        let good: string | undefined
        steps.forEach(({ state, wait }, i) => {
          withTarget(driver, { spec, state })
          const made = addPoint(driver, `k${i}`)
          if (made.good) good = made.id
          driver.advance(wait)
          driver.must({ type: 'report.points-aged', project: PROJECT })
          expect(lastGoodPoint(project(driver).points, 'shop')?.id).toBe(good)
          expect(project(driver).points.length).toBeLessThanOrEqual(keep + 1)
        })
      }),
    )
  })
})

test('the way back from a rollback goes neither while it runs nor while it has left its target half done', () => {
  const driver = new Driver()
  const points = { keep: 1, maxAgeMs: 1_000, test: null, remote: null }
  const spec = targetSpec('shop', { points })
  withTarget(driver, { spec })
  addPoint(driver, 'good')
  withTarget(driver, { spec, state: 'unhealthy' })
  const planned = rollbackPlan(project(driver), 'shop', 'p1', { move: null })
  if (!planned.ok) throw new Error(planned.reason)
  const run = runId('back')
  const { digest } = planned.plan
  const order = { target: 'shop', point: 'p1', digest, why: 'w', move: null, incident: null }
  driver.must({ type: 'rollback.start', project: PROJECT, run, ...order })
  addPoint(driver, `${run}/save#1`, { why: 'rollback' })
  const isKept = (): boolean => {
    addPoint(driver, `other${driver.now}`)
    driver.advance(2_000)
    driver.must({ type: 'report.points-aged', project: PROJECT })
    return ids(driver).includes('p2')
  }
  const byHand = () => driver.send({ type: 'point.remove', ...of('p2') })?.reason
  expect(isKept()).toBe(true)
  expect(byHand()).toContain('run back is at work')
  driver.must(started(at(driver, 'save', run)))
  driver.must(exited(at(driver, 'save', run), 1))
  withTarget(driver, { spec, state: 'half' })
  expect(driver.run(run).endedAt).not.toBeNull()
  expect(isKept()).toBe(true)
  expect(byHand()).toContain('the way back from the rollback')
  withTarget(driver, { spec, state: 'unhealthy' })
  expect(isKept()).toBe(false)
})

describe('removing by hand', () => {
  it('is refused for a pinned one, and for the last good one', () => {
    const driver = new Driver()
    withTarget(driver)
    addPoint(driver, 'a')
    addPoint(driver, 'b')
    driver.must({ type: 'point.pin', ...of('p1') })
    expect(driver.send({ type: 'point.remove', ...of('p1') })?.reason).toContain('unpin p1')
    expect(driver.send({ type: 'point.remove', ...of('p2') })?.reason).toContain('last good point')
    driver.must({ type: 'point.unpin', ...of('p1') })
    driver.must({ type: 'point.remove', ...of('p1') })
    expect(ids(driver)).toEqual(['p2'])
    expect(driver.send({ type: 'point.remove', ...of('p1') })?.rejected).toBe('unknown')
  })

  it('is refused while a run is at work with it', () => {
    const driver = new Driver()
    withTarget(driver)
    addPoint(driver, 'a')
    addPoint(driver, 'b')
    driver.must({ type: 'point.test', ...of('p1'), run: runId('t1') })
    expect(driver.send({ type: 'point.remove', ...of('p1') })?.reason).toContain('run t1 is at work')
  })
})

test('a restore test is a run, and what came of it is on record', () => {
  const driver = new Driver()
  withTarget(driver)
  addPoint(driver, 'a')
  const run = runId('t1')
  driver.must({ type: 'point.test', ...of('p1'), run })
  expect(driver.run(run).plan.tasks.map(({ action }) => action)).toEqual([
    { do: 'test-point', point: 'p1', key: 'a' },
  ])
  driver.must(started(at(driver, 'test', run)))
  const tested = JSON.stringify({ point: 'p1', ok: false, detail: 'cut short', ms: 12 })
  driver.must(exited(at(driver, 'test', run), 1, { outputs: { tested } }))
  expect(project(driver).points[0]!.tested).toEqual({
    at: driver.now,
    ok: false,
    detail: 'cut short',
    ms: 12,
  })
  expect(lastGoodPoint(project(driver).points, 'shop')).toBeUndefined()
})

test('copies and their trouble are on record', () => {
  const driver = new Driver()
  withTarget(driver)
  addPoint(driver, 'a')
  const copied = { type: 'report.point-copied', ...of('p1') } as const
  driver.must({ ...copied, to: null, trouble: 'rclone: no route' })
  expect(project(driver).points[0]).toMatchObject({ copiedTo: null, copyTrouble: 'rclone: no route' })
  driver.must({ ...copied, to: 'far:shop/p1', trouble: null })
  expect(project(driver).points[0]).toMatchObject({ copiedTo: 'far:shop/p1', copyTrouble: null })
})
