import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { runId } from '../ids.ts'
import { TARGET_PARTS, type TargetPart } from '../points/point.ts'
import { check } from '../testing/check.ts'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import { tasks } from '../testing/plan.ts'
import { at, exited, finish, started } from '../testing/steps.ts'
import {
  addPoint,
  COMMIT,
  change,
  LATER,
  project,
  release,
  targetSpec,
  withTarget,
} from '../testing/targets.ts'
import { digestOf } from './digest.ts'
import { type RollbackOptions, type RollbackPlan, rollbackPlan } from './rollbackPlan.ts'

const MOVE = { branch: 'main', from: LATER, to: COMMIT }
const BACK = runId('back')

/** v1 was well when `p1` was made; v2 is there now and is not. */
function broken(): Driver {
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
  return driver
}

function planned(driver: Driver, options: Partial<RollbackOptions> = {}): RollbackPlan {
  const result = rollbackPlan(project(driver), 'shop', 'p1', { move: MOVE, ...options })
  if (!result.ok) throw new Error(result.reason)
  return result.plan
}

const begin = (plan: RollbackPlan, more: Partial<Parameters<Driver['must']>[0]> = {}) =>
  ({
    type: 'rollback.start',
    project: PROJECT,
    run: BACK,
    target: plan.target,
    point: plan.point.id,
    digest: plan.digest,
    why: 'v2 is broken',
    move: MOVE,
    incident: null,
    ...more,
  }) as Extract<Parameters<Driver['must']>[0], { type: 'rollback.start' }>

describe('what going back would do', () => {
  it.each<[readonly TargetPart[] | undefined, readonly string[]]>([
    [undefined, ['save', 'scratch', 'hold', 'database', 'environment', 'image', 'branch', 'verify']],
    [['image'], ['save', 'image', 'verify']],
    [['database'], ['save', 'scratch', 'hold', 'database', 'open', 'verify']],
    [
      ['database', 'image'],
      ['save', 'scratch', 'hold', 'database', 'image', 'verify'],
    ],
    [['branch'], ['save', 'branch', 'verify']],
    [['environment'], ['save', 'environment', 'verify']],
  ])('of %j: %j', (parts, steps) => {
    expect(planned(broken(), { parts }).steps.map(({ id }) => id)).toEqual(steps)
  })

  it('keeps the commits that are taken away under the version that had them', () => {
    const step = planned(broken()).steps.find(({ id }) => id === 'branch')!
    expect(step.action).toMatchObject({ part: 'branch', move: { ...MOVE, keepAs: 'rollback/v2' } })
  })

  it('from a point of the repository alone is the branch alone', () => {
    const driver = new Driver()
    const parts = { release: null, database: null, environment: {}, target: null, why: 'apply' } as const
    addPoint(driver, 'r1/apply', parts)
    const result = rollbackPlan(project(driver), null, 'p1', { move: MOVE })
    expect(result).toMatchObject({ ok: true, plan: { parts: ['branch'] } })
    expect(result.ok && result.plan.steps.map(({ id }) => id)).toEqual(['save', 'branch'])
  })

  it('refuses what a point does not hold, and where it would not lead back', () => {
    const driver = broken()
    const reason = (options: Partial<RollbackOptions>): string => {
      const result = rollbackPlan(project(driver), 'shop', 'p1', { move: null, ...options })
      return result.ok ? '' : result.reason
    }
    expect(reason({ parts: ['branch'] })).toContain('cannot go back')
    expect(reason({ move: { ...MOVE, to: 'c'.repeat(40) } })).toContain('does not name the commit')
    expect(reason({ move: { ...MOVE, branch: 'other' } })).toContain('is of the branch main')
    expect(rollbackPlan(project(driver), 'shop', 'p9', { move: null })).toMatchObject({ code: 'unknown' })
    expect(rollbackPlan(project(driver), 'else', 'p1', { move: null })).toMatchObject({ code: 'invalid' })
  })

  it('tells what stays done, and what a chosen part leaves behind', () => {
    const driver = broken()
    const options = { target: 'shop', kind: 'migrate', title: 'drop a column' } as const
    const mail = { irreversible: 'mails every customer' }
    driver.start(tasks(['m', 'mail'], { with: { m: options, mail } }))
    driver.must(started(at(driver, 'm')))
    driver.must(started(at(driver, 'mail')))
    const plan = planned(driver, { parts: ['image'] })
    expect(plan.cannot).toEqual([`mails every customer (mail in run ${RUN})`])
    expect(plan.warnings.join()).toContain('the database stays as the migrations since have left it')
    expect(plan.changed.migrations.map(({ text }) => text)).toEqual(['drop a column'])
    expect(plan.changed.releases.map((one) => one.release.version)).toEqual(['v2'])
  })

  it('says that data need not go back where nothing migrated', () => {
    expect(planned(broken()).warnings.join()).toContain('no migration ran since')
  })

  it('calls a command of their own irreversible', () => {
    const driver = broken()
    const database = { kind: 'hook', name: 'x', hash: 'h', bytes: 1, rows: {}, schemaVersion: null } as const
    addPoint(driver, 'k2', { database })
    const result = rollbackPlan(project(driver), 'shop', 'p2', { move: null })
    const steps = result.ok ? result.plan.steps : []
    expect(steps.find(({ id }) => id === 'database')).toMatchObject({ effect: 'irreversible', undo: null })
    expect(steps.some(({ id }) => id === 'scratch')).toBe(false)
    expect(result.ok && result.plan.cannot.join()).toContain('writes over what is there')
    expect(result.ok && result.plan.cannot.join()).toContain('before the target is held is lost')
  })

  it('says where what is written between the point of the first step and the hold goes', () => {
    const { steps } = planned(broken())
    expect(steps.find(({ id }) => id === 'save')!.does).toContain('until shop is held is not in it')
    expect(steps.find(({ id }) => id === 'database')!.keeps).toBe(
      'shop with all that was written until the hold, as shop_since_<time>',
    )
    const image = planned(broken(), { parts: ['image'], move: null }).steps
    expect(image.find(({ id }) => id === 'save')!.does).toBe('makes a rollback point of shop as it is now')
  })
})

test('of any point and any parts: the present is kept first, and nothing irreversible is called reversible', () => {
  const kinds = fc.constantFrom('postgres', 'sqlite', 'hook', null)
  const places = fc.constantFrom('docker', 'ssh')
  void fc.assert(
    fc.property(
      fc.subarray([...TARGET_PARTS], { minLength: 1 }),
      kinds,
      places,
      fc.boolean(),
      (parts, kind, place, env) => {
        const driver = new Driver()
        const ssh = {
          kind: 'ssh',
          host: 'h',
          url: null,
          commands: { deploy: 'd', rollback: null, restart: null, health: null },
        }
        withTarget(driver, { spec: targetSpec('shop', place === 'ssh' ? { place: ssh as never } : {}) })
        const database =
          kind === null ? null : { kind, name: 'x', hash: 'h', bytes: 1, rows: {}, schemaVersion: null }
        addPoint(driver, 'k', { database, environment: env ? { '.env': 'h' } : {} })
        const result = rollbackPlan(project(driver), 'shop', 'p1', { parts, move: MOVE })
        if (!result.ok) return
        const { steps } = result.plan
        const place_ = (id: string): number => steps.findIndex((step) => step.id === id)
        expect(place_('save')).toBe(0)
        for (const step of steps) {
          if (step.effect === 'reversible') expect(step.undo).not.toBeNull()
          if (step.effect !== 'reversible') expect(step.undo).toBeNull()
          if (step.id === 'database' && kind === 'hook') expect(step.effect).toBe('irreversible')
          if (step.id === 'image' && place === 'ssh') expect(step.effect).toBe('irreversible')
          if (step.action.do === 'restore') expect(step.effect).not.toBe('none')
        }
        if (place_('database') >= 0) {
          expect(place_('hold')).toBeLessThan(place_('database'))
          if (kind !== 'hook') expect(place_('scratch')).toBeLessThan(place_('hold'))
          const opened = Math.max(place_('image'), place_('open'))
          expect(opened).toBeGreaterThan(place_('database'))
        }
        expect(steps.at(-1)!.id).toBe('verify')
      },
    ),
  )
})

test('what is taken away gets a branch that git takes, whatever its version is called', () => {
  const part = fc.constantFrom('.lock', '.', '..', '-', '/', '@{', 'v1', 'x'.repeat(78), ' ', '~', '\\', 'é')
  const version = fc.oneof(
    fc.string(),
    fc.array(part, { maxLength: 6 }).map((all) => all.join('')),
  )
  const driver = broken()
  check(
    300,
    fc.property(version, (name) => {
      const current = { ...project(driver).targets['shop']!.current!, release: release(name, LATER) }
      withTarget(driver, { current })
      const { action } = planned(driver).steps.find(({ id }) => id === 'branch')!
      const keepAs = action.do === 'restore' ? action.move!.keepAs : ''
      // git check-ref-format.
      expect(keepAs).toMatch(/^rollback\/[A-Za-z0-9_][A-Za-z0-9._-]*$/)
      expect(keepAs).not.toMatch(/\.\.|\.lock$|\.$/)
    }),
  )
})

describe('beginning it', () => {
  it('starts a run whose tasks are the steps, each after the one before', () => {
    const driver = broken()
    const plan = planned(driver)
    driver.must(begin(plan))
    const run = driver.run(BACK)
    expect(run.plan.epic).toBe('rollback')
    expect(run.plan.rollback).toMatchObject({ target: 'shop', why: 'v2 is broken', point: { id: 'p1' } })
    expect(run.plan.tasks.map(({ id }) => id)).toEqual(plan.steps.map(({ id }) => id))
    expect(run.plan.tasks.slice(1).map(({ needs }) => needs.map(({ task }) => task))).toEqual(
      plan.steps.slice(0, -1).map(({ id }) => [id]),
    )
  })

  it('is refused when the world has changed since one looked', () => {
    const driver = broken()
    const plan = planned(driver)
    const current = {
      release: release('v3'),
      by: 'r2/deploy#1',
      at: driver.now,
      before: null,
      verified: true,
    }
    withTarget(driver, { current })
    expect(driver.send(begin(plan))).toMatchObject({
      rejected: 'stale',
      reason: expect.stringContaining('look again'),
    })
    driver.must(begin(planned(driver)))
  })

  it('is refused when the same version was released anew meanwhile', () => {
    const driver = broken()
    const plan = planned(driver, { move: null })
    const current = { ...project(driver).targets['shop']!.current!, by: 'r9/deploy#1', at: driver.now + 1 }
    withTarget(driver, { current })
    expect(driver.send(begin(plan, { move: null } as never))?.rejected).toBe('stale')
  })

  it('is refused when the point was found to be bad meanwhile', () => {
    const driver = broken()
    const plan = planned(driver, { move: null })
    change(driver, (one) => ({
      ...one,
      points: one.points.map((point) => ({
        ...point,
        tested: { at: driver.now, ok: false, detail: 'cut short' },
      })),
    }))
    expect(driver.send(begin(plan, { move: null } as never))?.rejected).toBe('stale')
  })

  it('is refused with other parts, or another branch, than one looked at', () => {
    const driver = broken()
    const plan = planned(driver)
    expect(driver.send(begin(plan, { parts: ['image'] } as never))?.rejected).toBe('stale')
    expect(driver.send(begin(plan, { move: { ...MOVE, from: 'f'.repeat(40) } } as never))?.rejected).toBe(
      'stale',
    )
  })

  it('is refused while another one is under way', () => {
    const driver = broken()
    driver.must(begin(planned(driver)))
    const other = begin(planned(driver), { run: runId('other') } as never)
    expect(driver.send(other)?.reason).toContain('run back is at work with p1')
  })

  it('is refused while another one is under way, to whatever point', () => {
    const driver = broken()
    addPoint(driver, 'r3/save#1')
    driver.must(begin(planned(driver)))
    const result = rollbackPlan(project(driver), 'shop', 'p2', { move: null })
    if (!result.ok) throw new Error(result.reason)
    const other = begin(result.plan, { run: runId('other'), move: null } as never)
    expect(driver.send(other)?.reason).toContain('run back is going back already')
  })

  it('is refused for an incident that is about something else, or is being mended, or is not there', () => {
    const driver = broken()
    withTarget(driver, { spec: targetSpec('other') })
    for (const target of ['shop', 'other'])
      driver.must({
        type: 'incident.open',
        project: PROJECT,
        incident: { severity: 'P1', title: target, text: '', target },
      })
    const order = (incident: string) =>
      begin(planned(driver, { move: null }), { move: null, incident } as never)
    expect(driver.send(order('i9'))).toMatchObject({ rejected: 'unknown' })
    expect(driver.send(order('i2'))).toMatchObject({
      rejected: 'invalid',
      reason: 'i2 is about other, not shop',
    })
    const decision = {
      type: 'incident.decide',
      project: PROJECT,
      incident: 'i1',
      choice: 'fix-forward',
    } as const
    driver.must(decision)
    expect(driver.send(order('i1'))).toMatchObject({ rejected: 'not-now', reason: 'i1 is mitigating' })
  })

  it('a step that fails stops the rest, and says how to go on', () => {
    const driver = broken()
    driver.must(begin(planned(driver)))
    driver.must(started(at(driver, 'save', BACK)))
    const content = { ...addable(`${BACK}/save#1`) }
    driver.must(exited(at(driver, 'save', BACK), 0, { outputs: { point: JSON.stringify(content) } }))
    driver.must(started(at(driver, 'scratch', BACK)))
    driver.must(exited(at(driver, 'scratch', BACK), 1, { error: null }))
    const run = driver.run(BACK)
    expect(run.tasks.get(driver.index('hold', BACK))!.attempts).toBe(0)
    const asked = run.attention.find(({ kind }) => kind === 'task-failed')!
    expect(asked.choices).toEqual(['retry', 'skip'])
    expect(asked.text).toContain('Nothing after it was begun')
    expect(asked.text).toContain('amphi rollback --to p2')
    const back = rollbackPlan(project(driver), 'shop', 'p2', { move: null })
    if (!back.ok) throw new Error(back.reason)
    const more = { run: runId('back-2'), point: 'p2', move: null, parts: back.plan.parts } as never
    driver.must(begin(back.plan, more))
    expect(driver.run(BACK).status).toBe('failed')
    expect(driver.run(runId('back-2')).endedAt).toBeNull()
  })

  it('a target that is let go tells what answers now; once', () => {
    const driver = broken()
    const report = { type: 'report.let-go', project: PROJECT, target: 'shop', run: BACK } as const
    const told = { ...report, state: 'unverified', reason: 'Nothing was changed, v2 answers again.' } as const
    driver.must(told)
    expect(project(driver).targets['shop']).toMatchObject({
      state: 'unverified',
      reason: `Nothing was changed, v2 answers again. It was held by run ${BACK}.`,
    })
    expect(driver.must(told)).toEqual([])
    expect(driver.send({ ...told, target: 'else' })?.rejected).toBe('unknown')
  })
})

function addable(key: string) {
  const {
    id,
    at: _,
    by,
    good,
    pinned,
    tested,
    copiedTo,
    ...content
  } = addPoint(broken(), key, { why: 'rollback' })
  return content
}

test('a plan is expected to take what its steps took before', () => {
  const driver = broken()
  expect(planned(driver).expectedMs).toBeNull()
  const plan = planned(driver, { parts: ['image'], move: null })
  driver.must(begin(plan, { parts: ['image'], move: null } as never))
  for (const [step, ms] of [
    ['save', 300],
    ['image', 500],
    ['verify', 200],
  ] as const) {
    driver.must(started(at(driver, step, BACK)))
    driver.advance(ms)
    driver.must(exited(at(driver, step, BACK)))
  }
  expect(planned(driver, { parts: ['image'] }).expectedMs).toBe(1_000)
})

test('digests do not depend on the order of keys, and tell different things apart', () => {
  const value = fc.jsonValue()
  void fc.assert(
    fc.property(fc.dictionary(fc.string(), value), (record) => {
      const turned = Object.fromEntries(Object.entries(record).reverse())
      expect(digestOf(turned)).toBe(digestOf(record))
    }),
  )
  void fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(digestOf({ a }) === digestOf({ a: b })).toBe(a === b)
    }),
  )
})

test('tasks that go through leave nothing to speak of', () => {
  const driver = broken()
  driver.start(tasks(['a']))
  finish(driver, 'a')
  expect(project(driver).deeds).toEqual([])
})
