import { describe, expect, it } from 'vitest'
import type { Command } from '../commands.ts'
import { runId } from '../ids.ts'
import { rollbackPlan } from '../rollback/rollbackPlan.ts'
import { type Driver, PROJECT } from '../testing/driver.ts'
import {
  badMigration,
  commits,
  deploying,
  play,
  recovered,
  runOf,
  step,
  type World,
} from '../testing/incidentLife.ts'
import { decide, incident, incidents, open } from '../testing/incidents.ts'
import { at, exited } from '../testing/steps.ts'
import { project, withTarget } from '../testing/targets.ts'

const differs =
  (where: string, answer: ReturnType<World>): World =>
  (epic, task) =>
    `${epic}/${task}` === where ? answer : badMigration(epic, task)

/** Played until somebody has decided. */
function decidedOn(world: World): Driver {
  const driver = deploying()
  while (incidents(driver)[0]?.decision == null) expect(step(driver, world)).toBe(true)
  return driver
}

describe('a rollback that somebody decides on', () => {
  it('starts in the commit of the decision, to the point made before the bad deployment, and leaves the branch', () => {
    const driver = decidedOn(badMigration)
    const { state, decision, remedy } = incident(driver)
    expect({ state, decision }).toMatchObject({ state: 'mitigating', decision: { choice: 'rollback' } })
    const { plan, runner } = driver.run(remedy!.run!)
    expect(runner).toBe('target')
    expect(plan.rollback).toMatchObject({ incident: 'i1', target: 'shop', point: { key: 'r1/v2#1' } })
    expect(plan.tasks.map(({ id }) => id)).toEqual([
      'save',
      'scratch',
      'hold',
      'database',
      'environment',
      'image',
      'verify',
    ])
    expect(driver.active(remedy!.run!)).toEqual(['save'])
    const ends = commits(driver.log)
    const commit = driver.log.findIndex(({ type }) => type === 'incident.decided') + 1
    const run = driver.log.findIndex((one) => one.run === remedy!.run && one.type === 'run.started') + 1
    expect(ends.find((end) => end >= commit)).toBe(ends.find((end) => end >= run))
  })

  it('is verified, and then the incident is resolved by what was seen', () => {
    const driver = deploying()
    play(driver, badMigration)
    expect(incidents(driver)).toHaveLength(1)
    expect(incident(driver)).toMatchObject({
      state: 'resolved',
      remedy: { ok: true, detail: expect.any(String) },
    })
    expect(driver.run(incident(driver).remedy!.run!).status).toBe('completed')
    expect(incident(driver).timeline.at(-2)!.text + incident(driver).timeline.at(-1)!.text).toContain(
      'v1 answers',
    )
    expect(project(driver).targets.shop!.state).toBe('healthy')
  })

  it('to a point that is not there is refused, and nothing began', () => {
    const driver = deploying()
    while (incidents(driver)[0]?.diagnosis == null) step(driver, badMigration)
    const seq = driver.state.seq
    expect(driver.send({ ...decide('rollback'), point: 'p9' } as never)).toMatchObject({
      rejected: 'unknown',
    })
    expect(driver.state.seq).toBe(seq)
  })

  it('that does not verify goes back to a person, as the same incident', () => {
    const driver = deploying()
    play(driver, differs('rollback/verify', { outputs: { verified: 'false', finding: 'still 500' } }))
    expect(incidents(driver)).toHaveLength(1)
    expect(incident(driver)).toMatchObject({ state: 'acknowledged', verification: { ok: false } })
    expect(incident(driver).called!.why).toContain('still 500')
  })

  it("whose step fails is a person's again; tried once more, it resolves the incident", () => {
    const driver = deploying()
    play(driver, differs('rollback/image', { code: 1 }))
    const run = incident(driver).remedy!.run!
    expect(incident(driver)).toMatchObject({ state: 'acknowledged', remedy: { ok: false } })
    expect(incident(driver).called!.why).toContain('the remedy did not work: rollback')
    const [asked] = driver.run(run).attention.filter(({ kind }) => kind === 'task-failed')
    expect(asked!.choices).toEqual(['retry', 'skip'])
    driver.must({ type: 'attention.answer', run, id: asked!.id, choice: 'retry' })
    expect(incident(driver)).toMatchObject({ state: 'mitigating', remedy: { run, ok: null } })
    play(driver, badMigration)
    expect(incident(driver)).toMatchObject({ state: 'resolved', called: null })
  })

  it('that did not last is the same incident again; trouble of a later release is another', () => {
    const driver = deploying()
    play(driver, badMigration)
    expect(incident(driver)).toMatchObject({ state: 'resolved', reopened: 0 })
    driver.must(open({ target: 'shop' }))
    expect(incidents(driver)).toMatchObject([{ id: 'i1', state: 'open', reopened: 1 }])
    play(driver, badMigration)
    expect(incident(driver).state).toBe('resolved')
    driver.advance(60_000)
    withTarget(driver)
    driver.must(open({ target: 'shop' }))
    expect(incidents(driver)).toMatchObject([
      { id: 'i1', state: 'resolved' },
      { id: 'i2', state: 'open' },
    ])
  })

  it("that is stopped is a person's again", () => {
    const driver = decidedOn(badMigration)
    driver.must({ type: 'run.stop', run: incident(driver).remedy!.run!, force: false })
    play(driver, badMigration)
    expect(incident(driver)).toMatchObject({ state: 'acknowledged', remedy: { ok: false } })
    expect(incident(driver).called).not.toBeNull()
  })
})

describe('a rollback that a person orders for an incident', () => {
  /** As a preview showed it. */
  function ordered(driver: Driver, more: object = {}): Command {
    const planned = rollbackPlan(project(driver), 'shop', 'p1', { move: null })
    if (!planned.ok) throw new Error(planned.reason)
    const order = { project: PROJECT, run: runId('back'), target: 'shop', point: 'p1', why: 'bad' }
    const rest = { digest: planned.plan.digest, move: null, incident: 'i1' }
    return { type: 'rollback.start', ...order, ...rest, ...more } as Command
  }

  it('is its remedy, decided by that person, and resolves it', () => {
    const driver = deploying()
    while (incidents(driver)[0]?.diagnosis == null) step(driver, badMigration)
    driver.must(ordered(driver))
    expect(incident(driver)).toMatchObject({
      state: 'mitigating',
      decision: { by: 'person:ann', choice: 'rollback', point: 'p1' },
      remedy: { run: 'back' },
    })
    expect(driver.send(ordered(driver, { run: runId('again') }))).toMatchObject({
      reason: 'i1 is mitigating',
    })
    play(driver, badMigration)
    expect(incident(driver).state).toBe('resolved')
  })

  it('is refused for one that is not there, or is about something else', () => {
    const driver = deploying()
    while (incidents(driver)[0] === undefined) step(driver, badMigration)
    expect(driver.send(ordered(driver, { incident: 'i9' }))).toMatchObject({ rejected: 'unknown' })
    const elsewhere = ordered(driver, { target: null })
    expect(driver.send(elsewhere)).toMatchObject({ reason: 'i1 is about shop, not the repository' })
  })
})

/** Resolved, or waiting for a person who sees what to do next. */
function hasNextStep(driver: Driver): boolean {
  const { state, called, choices, checks } = incident(driver)
  if (state === 'resolved') return true
  const run = runOf(driver)
  if (run !== null) return driver.run(run).attention.some((one) => one.choices.length > 0)
  const isChecked = checks === null || checks.endedAt !== null
  const canGoOn = choices.some(({ barred }) => barred === null)
  if (state === 'open' || state === 'acknowledged') {
    const asks = checks?.run == null ? [] : driver.run(checks.run).attention
    return isChecked ? called !== null || canGoOn : asks.some((one) => one.choices.length > 0)
  }
  return false
}

const worlds: readonly (readonly [string, World])[] = [
  ['all goes well', badMigration],
  ['a check fails', differs('incident/queries', { code: 1 })],
  ['a step of the rollback fails', differs('rollback/database', { code: 1 })],
  [
    'the rollback does not help',
    differs('rollback/verify', { outputs: { verified: 'false', reason: 'no' } }),
  ],
]

/** From the bad deployment on. */
function lifeOf({ log }: Driver): readonly number[] {
  const begun = log.findIndex(({ type }) => type === 'agent.started')
  return commits(log).filter((end) => end > begun)
}

describe.each(worlds)('the engine dies after any commit of an incident; %s', (_, world) => {
  it.each(['found', 'lost'] as const)(
    'agents are %s: resolved, or waiting for a person with a next step',
    (how) => {
      const whole = deploying()
      play(whole, world)
      const ends = lifeOf(whole)
      expect(ends.length).toBeGreaterThan(20)
      for (const end of ends) {
        const driver = recovered(whole.log.slice(0, end), how)
        play(driver, world)
        expect([end, incidents(driver).length]).toEqual([end, 1])
        expect([end, incident(driver).state, hasNextStep(driver)]).toEqual([
          end,
          incident(driver).state,
          true,
        ])
        if (how === 'found') expect([end, incident(driver).state]).toEqual([end, incident(whole).state])
        // Nothing that was decided was carried out twice.
        const rollbacks = [...driver.state.runs.values()].filter(({ plan }) => plan.epic === 'rollback')
        expect([end, rollbacks.length]).toEqual([end, 1])
      }
    },
  )

  it('dead twice: the same', () => {
    const whole = deploying()
    play(whole, world)
    const ends = lifeOf(whole)
    for (const end of ends.filter((_end, i) => i % 5 === 0)) {
      const once = recovered(whole.log.slice(0, end), 'lost')
      for (let i = 0; i < 3; i++) step(once, world)
      const driver = recovered(once.log, 'found')
      play(driver, world)
      expect([end, incidents(driver).length, hasNextStep(driver)]).toEqual([end, 1, true])
    }
  })
})

it('nothing is told twice of a check that ends once more', () => {
  const driver = deploying()
  while (incidents(driver)[0]?.findings.length !== 1) step(driver, badMigration)
  const run = incident(driver).checks!.run!
  const known = driver.run(run).plan.tasks.find(({ id }) => driver.task(id, run).current !== null)!
  const place = at(driver, known.id, run)
  driver.must(exited(place))
  expect(driver.send(exited(place))).toMatchObject({ rejected: 'stale' })
})
