import { describe, expect, it, test } from 'vitest'
import { checkPlan } from '../checkPlan.ts'
import type { ClientCommand } from '../commands.ts'
import { needsPerson } from '../metrics.ts'
import { parseRule } from '../rules/rule.ts'
import { holdsSlot } from '../state.ts'
import { taskStatus } from '../status.ts'
import { Driver, RUN } from '../testing/driver.ts'
import {
  approval,
  COMMAND,
  evaluations,
  found,
  gate,
  ofCommand,
  record,
  withGates,
} from '../testing/gates.ts'
import { mergePolicy, plan, tasks } from '../testing/plan.ts'
import {
  at,
  committed,
  end,
  finish,
  merged,
  prepared,
  rerun,
  retry,
  start,
  stopAgent,
  stopRun,
} from '../testing/steps.ts'
import { missingAfterYes } from './approving.ts'
import { gateSpec } from './places.ts'

const TESTS = gate('tests', [COMMAND])
const SIGNED = gate('signed', [approval()])

function approve(
  driver: Driver,
  name: string,
  change: Partial<Extract<ClientCommand, { type: 'gate.approve' }>> = {},
) {
  return driver.send({
    type: 'gate.approve',
    run: RUN,
    gate: name,
    yes: true,
    condition: null,
    why: '',
    ...change,
  })
}

function ofTask(names: readonly string[], retries = 0): Driver {
  const made = tasks(['a', 'b: a'], {
    with: { a: { retry: retries, workspace: 'repo' }, b: { workspace: 'repo' } },
  })
  const driver = Driver.running(withGates(made, [TESTS, SIGNED], { tasks: { a: names } }))
  driver.must(prepared())
  end(driver, 'a', 0)
  driver.must(committed(at(driver, 'a')))
  return driver
}

describe('before the work of a task is merged', () => {
  it('stands in REVIEW without a slot until its gates let it pass', () => {
    const driver = ofTask(['tests'])
    expect(driver.task('a').state).toBe('REVIEW')
    expect(driver.attempt('a')).toMatchObject({ state: 'COMPLETING', effects: [] })
    expect(holdsSlot(driver.attempt('a'))).toBe(false)
    expect(evaluations(driver)).toBe(1)
    expect(taskStatus(driver.run(), 0, driver.now).why).toEqual({
      kind: 'gates',
      gates: ['tests'],
      waiting: false,
    })
    driver.must(found(driver, 'tests', ofCommand(true)))
    expect(record(driver, 'tests').state).toBe('passed')
    expect(driver.attempt('a').effects).toEqual(['work.merge'])
    driver.must(merged(at(driver, 'a')))
    expect(driver.task('a').state).toBe('COMPLETED')
  })

  it('fails the attempt with what was measured and wanted, and retries apply', () => {
    const driver = ofTask(['tests'], 1)
    driver.must(found(driver, 'tests', ofCommand(false)))
    expect(driver.task('a').past).toMatchObject([
      {
        cause: 'failed',
        detail: expect.stringContaining(
          'gate tests: tests: it ended with exit code 1 (wanted: exit code 0 within 1 m)',
        ),
        commit: expect.any(String),
      },
    ])
    expect(driver.attempt('a').n).toBe(2)
    end(driver, 'a', 0)
    driver.must(committed(at(driver, 'a')))
    expect(evaluations(driver)).toBe(1)
    driver.must(found(driver, 'tests', ofCommand(true)))
    expect(driver.run().gates!.records.map(({ state }) => state)).toEqual(['failed', 'passed'])
    expect(driver.attempt('a').effects).toEqual(['work.merge'])
  })

  it('waits for all of several gates', () => {
    const driver = ofTask(['tests', 'signed'])
    driver.must(found(driver, 'signed', ofCommand(true)))
    expect(approve(driver, 'signed')).toBeUndefined()
    expect(driver.attempt('a').effects).toEqual([])
    driver.must(found(driver, 'tests', ofCommand(true)))
    expect(driver.attempt('a').effects).toEqual(['work.merge'])
  })

  it('waits for a person without a time limit, and says so', () => {
    const driver = ofTask(['signed'])
    driver.must(found(driver, 'signed', ofCommand(true)))
    driver.advance(365 * 86_400_000)
    expect(driver.attempt('a').state).toBe('COMPLETING')
    expect(needsPerson(driver.run())).toBe(true)
    expect(driver.run().attention).toMatchObject([
      {
        kind: 'approval',
        choices: ['approve', 'reject'],
        about: 'g1',
        text: expect.stringContaining('looks right'),
      },
    ])
    const { id } = driver.run().attention[0]!
    driver.must({ type: 'attention.answer', run: RUN, id, choice: 'approve' })
    expect(driver.run().attention).toEqual([])
    expect(driver.attempt('a').effects).toEqual(['work.merge'])
    expect(record(driver, 'signed').approvals).toMatchObject([
      { by: 'person:ann', yes: true, at: driver.now },
    ])
  })

  it('goes into the merge queue only behind its gates', () => {
    const made = { ...tasks(['a'], { all: { workspace: 'repo' } }), merge: mergePolicy(2) }
    const driver = Driver.running(withGates(made, [TESTS], { tasks: { a: ['tests'] } }))
    driver.must(prepared())
    end(driver, 'a', 0)
    driver.must(committed(at(driver, 'a')))
    expect(driver.run().mergeQueue).toBeUndefined()
    driver.must(found(driver, 'tests', ofCommand(true)))
    expect(driver.run().mergeQueue!.entries).toHaveLength(1)
  })

  it('stands there too where there is nothing to merge', () => {
    const driver = Driver.running(withGates(tasks(['a']), [TESTS], { tasks: { a: ['tests'] } }))
    end(driver, 'a', 0)
    expect(driver.task('a').state).toBe('REVIEW')
    driver.must(found(driver, 'tests', ofCommand(true), null))
    expect(driver.task('a').state).toBe('COMPLETED')
    expect(driver.run().status).toBe('completed')
  })

  it.each([
    ['the agent', (driver: Driver) => stopAgent(driver, 'a')],
    ['the run', (driver: Driver) => stopRun(driver)],
  ])('lets go when %s is stopped', (_, stop) => {
    const driver = ofTask(['signed'])
    driver.must(found(driver, 'signed', ofCommand(true)))
    expect(stop(driver)).toBeUndefined()
    expect(driver.task('a').outcome).toBe('cancelled')
    expect(record(driver, 'signed').state).toBe('void')
    expect(driver.run().attention).toEqual([])
    expect(approve(driver, 'signed')).toMatchObject({ rejected: 'not-now' })
  })
})

describe('at the end of a phase', () => {
  const twoPhases = (names: readonly string[], specs = [TESTS, SIGNED]): Driver => {
    const driver = Driver.running(withGates(plan([['a'], ['b']]), specs, { phases: { 0: names } }))
    finish(driver, 'a')
    return driver
  }

  it('opens the next only when it passes', () => {
    const driver = twoPhases(['tests'])
    expect(driver.active()).toEqual([])
    expect(driver.run().status).toBe('running')
    expect(taskStatus(driver.run(), 1, driver.now).why).toMatchObject({ kind: 'gates', gates: ['tests'] })
    driver.must(found(driver, 'tests', ofCommand(true)))
    expect(driver.active()).toEqual(['b'])
  })

  it('fails the run, which a person can have evaluated again', () => {
    const driver = twoPhases(['tests'])
    driver.must(found(driver, 'tests', ofCommand(false)))
    expect(driver.run()).toMatchObject({ status: 'failed', cause: 'gate tests of phase P0 did not pass' })
    expect(driver.task('b')).toMatchObject({
      outcome: 'cancelled',
      cause: 'gate tests of phase P0 did not pass',
    })
    expect(driver.run().attention).toMatchObject([
      { kind: 'gate-failed', choices: ['evaluate'], about: 'g1' },
    ])
    driver.must({ type: 'gate.evaluate', run: RUN, gate: 'tests' })
    expect(driver.run().status).toBe('running')
    expect(record(driver, 'tests')).toMatchObject({ state: 'evaluating', rounds: 2, number: 2 })
    driver.must(found(driver, 'tests', ofCommand(true)))
    expect(driver.active()).toEqual(['b'])
    finish(driver, 'b')
    expect(driver.run().status).toBe('completed')
  })

  it('is asked anew when a task before it is made anew', () => {
    const driver = twoPhases(['tests'])
    driver.must(found(driver, 'tests', ofCommand(false)))
    expect(rerun(driver, 'a')).toBeUndefined()
    expect(record(driver, 'tests').state).toBe('void')
    finish(driver, 'a')
    expect(record(driver, 'tests')).toMatchObject({ state: 'evaluating', rounds: 2 })
    driver.must(found(driver, 'tests', ofCommand(true)))
    expect(driver.active()).toEqual(['b'])
  })

  it('stands before the end of a run as well', () => {
    const driver = Driver.running(withGates(tasks(['a']), [TESTS], { phases: { 0: ['tests'] } }))
    finish(driver, 'a')
    expect(driver.run().status).toBe('running')
    driver.must(found(driver, 'tests', ofCommand(true)))
    expect(driver.run().status).toBe('completed')
  })

  it('is not asked in a run that is paused', () => {
    const driver = Driver.running(withGates(plan([['a'], ['b']]), [TESTS], { phases: { 0: ['tests'] } }))
    start(driver, 'a')
    driver.must({ type: 'run.pause', run: RUN })
    end(driver, 'a', 0)
    expect(evaluations(driver)).toBe(0)
    driver.must({ type: 'run.continue', run: RUN })
    expect(evaluations(driver)).toBe(1)
  })

  it('takes a rejection back only by asking people again', () => {
    const driver = twoPhases(['signed'])
    driver.must(found(driver, 'signed', ofCommand(true)))
    approve(driver, 'signed', { yes: false, why: 'too early' })
    expect(driver.run().attention[0]!.text).toContain('ann said no: too early')
    driver.must({ type: 'gate.evaluate', run: RUN, gate: 'signed' })
    driver.must(found(driver, 'signed', ofCommand(true)))
    expect(record(driver, 'signed')).toMatchObject({ state: 'waiting', approvals: [] })
    approve(driver, 'signed')
    expect(driver.active()).toEqual(['b'])
  })

  it('is done again when nobody saw how it ended, three times at most', () => {
    const driver = twoPhases(['tests'])
    const lost = () => ({ ...found(driver, 'tests', ofCommand(true)), measured: undefined }) as never
    for (let i = 2; i <= 3; i++) {
      driver.must(lost())
      expect(record(driver, 'tests')).toMatchObject({ state: 'evaluating', number: i })
    }
    driver.must(lost())
    expect(record(driver, 'tests')).toMatchObject({ state: 'failed' })
    expect(record(driver, 'tests').results[0]).toMatchObject({
      state: 'error',
      measured: 'it has come to no end 3 times in a row',
    })
  })

  it('can be let pass only where it says who may, and with a reason', () => {
    const skip = (driver: Driver, why: string) =>
      driver.send({ type: 'gate.skip', run: RUN, gate: 'tests', why })
    const fixed = twoPhases(['tests'])
    expect(skip(fixed, 'hurry')).toMatchObject({ rejected: 'forbidden' })
    for (const [people, allowed] of [
      [['Ann'], true],
      [['bob'], false],
      [null, true],
    ] as const) {
      const spec = { ...TESTS, maySkip: { authority: 'CTO', people } }
      const driver = twoPhases(['tests'], [spec])
      driver.must(found(driver, 'tests', ofCommand(false)))
      if (!allowed) {
        expect(skip(driver, 'hurry')).toMatchObject({ rejected: 'forbidden' })
        continue
      }
      expect(skip(driver, '  ')).toMatchObject({ rejected: 'invalid' })
      expect(skip(driver, 'hurry')).toBeUndefined()
      expect(record(driver, 'tests')).toMatchObject({
        state: 'skipped',
        skipped: { by: 'person:ann', why: 'hurry' },
      })
      expect(driver.active()).toEqual(['b'])
    }
  })
})

describe('approvals', () => {
  const waiting = (...conditions: Parameters<typeof gate>[1]): Driver => {
    const driver = Driver.running(
      withGates(plan([['a'], ['b']]), [gate('signed', conditions)], { phases: { 0: ['signed'] } }),
    )
    finish(driver, 'a')
    driver.must(found(driver, 'signed', ofCommand(true)))
    return driver
  }

  it('count for who holds the authority only', () => {
    const driver = waiting(approval(['bob']))
    expect(approve(driver, 'signed')).toEqual({
      rejected: 'forbidden',
      reason: 'looks right: CISO (bob) decides, and you are ann',
    })
  })

  it.each(['engine', 'agent:DeployCommander/deploy#1', 'schedule', 'alertmanager', ''])(
    'are no business of %j',
    (actor) => {
      const spec = gate('signed', [approval()], { maySkip: { authority: 'any', people: null } })
      const driver = Driver.running(withGates(plan([['a'], ['b']]), [spec], { phases: { 0: ['signed'] } }))
      finish(driver, 'a')
      driver.must(found(driver, 'signed', ofCommand(true)))
      driver.actor = actor
      for (const yes of [true, false])
        expect(approve(driver, 'signed', { yes })).toMatchObject({ rejected: 'forbidden' })
      expect(driver.send({ type: 'gate.skip', run: RUN, gate: 'signed', why: 'hurry' })).toMatchObject({
        rejected: 'forbidden',
      })
      const [asked] = driver.run().attention
      expect(
        driver.send({ type: 'attention.answer', run: RUN, id: asked!.id, choice: 'approve' }),
      ).toMatchObject({
        rejected: 'forbidden',
      })
      expect(record(driver, 'signed')).toMatchObject({ state: 'waiting', approvals: [] })
    },
  )

  it('count each person once', () => {
    const driver = waiting(approval(null, 2))
    approve(driver, 'signed')
    approve(driver, 'signed')
    expect(record(driver, 'signed')).toMatchObject({ state: 'waiting', approvals: [{ by: 'person:ann' }] })
    expect(record(driver, 'signed').results[0]!.measured).toBe('1 of 2 said yes')
  })

  it('say how many are still missing once somebody has said yes', () => {
    const driver = waiting(approval(null, 2), approval(['bob']))
    const missing = (person: string | null): number => {
      const { plan } = driver.run()
      return missingAfterYes(gateSpec(plan, 'signed'), record(driver, 'signed'), person)
    }
    // Two for the first and one of bob for the second; ann has one of them, bob two.
    expect([null, 'ann', 'bob'].map(missing)).toEqual([3, 2, 1])
    approve(driver, 'signed', { condition: 0 })
    expect([null, 'ann', 'bob'].map(missing)).toEqual([2, 2, 0])
  })

  it('count who is named in another case once, too', () => {
    const driver = waiting(approval(null, 2))
    for (const actor of ['person:ann', 'person:Ann', 'person:ANN']) {
      driver.actor = actor
      expect(approve(driver, 'signed')).toBeUndefined()
    }
    expect(record(driver, 'signed')).toMatchObject({ state: 'waiting', approvals: [{ by: 'person:ANN' }] })
  })

  it('are of what was looked at: another commit under the same name is not approved', () => {
    const driver = waiting(approval())
    const seen = record(driver, 'signed').commit
    const [asked] = driver.run().attention
    driver.now += 1_000
    driver.must({ type: 'gate.evaluate', run: RUN, gate: 'g1' })
    driver.must(found(driver, 'signed', ofCommand(true), 'c2'))
    expect(approve(driver, 'signed', { commit: seen })).toMatchObject({
      rejected: 'stale',
      reason: 'gate signed of phase P0 is about c2 now, and not what you looked at: look again',
    })
    const answer = { type: 'attention.answer', run: RUN, id: asked!.id, choice: 'approve' } as const
    expect(driver.send({ ...answer, since: asked!.since })).toMatchObject({ rejected: 'stale' })
    expect(record(driver, 'signed')).toMatchObject({ state: 'waiting', approvals: [] })
    expect(approve(driver, 'signed', { commit: record(driver, 'signed').commit })).toBeUndefined()
    expect(record(driver, 'signed').state).toBe('passed')
  })

  it('of several conditions are given together or one by one', () => {
    const driver = waiting(approval(), approval())
    approve(driver, 'signed', { condition: 1 })
    expect(record(driver, 'signed').results.map(({ state }) => state)).toEqual(['waiting', 'passed'])
    approve(driver, 'signed')
    expect(record(driver, 'signed').state).toBe('passed')
  })

  it('are void when something else is looked at', () => {
    const driver = waiting(approval(null, 2))
    approve(driver, 'signed')
    driver.must({ type: 'gate.evaluate', run: RUN, gate: 'g1' })
    driver.must(found(driver, 'signed', ofCommand(true), 'c1'))
    expect(record(driver, 'signed').approvals).toHaveLength(1)
    driver.must({ type: 'gate.evaluate', run: RUN, gate: 'g1' })
    driver.must(found(driver, 'signed', ofCommand(true), 'c2'))
    expect(record(driver, 'signed').approvals).toHaveLength(0)
  })

  it('are not asked for while a condition fails', () => {
    const driver = Driver.running(
      withGates(plan([['a'], ['b']]), [gate('both', [COMMAND, approval()])], { phases: { 0: ['both'] } }),
    )
    finish(driver, 'a')
    driver.must(found(driver, 'both', ofCommand(false)))
    expect(record(driver, 'both').state).toBe('failed')
    expect(approve(driver, 'both')).toMatchObject({ rejected: 'not-now' })
  })
})

describe('before a deployment', () => {
  const RULE = 'NO deployment without quality gate approval'
  const rules = [parseRule(RULE)!]
  const deploying = (lines: readonly string[], names: readonly string[] = ['tests']) => ({
    ...withGates(tasks(lines, { with: { ship: { kind: 'deploy' } } }), [TESTS, SIGNED], {
      tasks: { ship: names },
    }),
    rules,
  })

  it('holds it until it passes', () => {
    const driver = Driver.running(deploying(['a', 'ship: a']))
    finish(driver, 'a')
    expect(driver.task('ship').state).toBe('CREATED')
    expect(taskStatus(driver.run(), 1, driver.now)).toMatchObject({ word: 'waits', why: { kind: 'gates' } })
    driver.must(found(driver, 'tests', ofCommand(true)))
    expect(driver.attempt('ship').state).toBe('WAITING')
    finish(driver, 'ship')
    expect(driver.run().status).toBe('completed')
  })

  it('fails it, and a retry asks anew', () => {
    const driver = Driver.running(deploying(['a', 'ship: a']))
    finish(driver, 'a')
    driver.must(found(driver, 'tests', ofCommand(false)))
    expect(driver.task('ship')).toMatchObject({ state: 'FAILED', attempts: 0, outcome: 'failed' })
    expect(driver.run().status).toBe('failed')
    driver.must({ type: 'gate.evaluate', run: RUN, gate: 'tests' })
    expect(record(driver, 'tests')).toMatchObject({ state: 'evaluating', rounds: 2 })
    driver.must(found(driver, 'tests', ofCommand(true)))
    finish(driver, 'ship')
    expect(driver.run().status).toBe('completed')
  })

  it('names the rule when somebody would go around it', () => {
    const driver = Driver.running(deploying(['a', 'ship: a'], ['signed']))
    finish(driver, 'a')
    driver.must(found(driver, 'signed', ofCommand(true)))
    const rejection = driver.send({ type: 'gate.skip', run: RUN, gate: 'signed', why: 'x' })
    expect(rejection).toMatchObject({
      rejected: 'forbidden',
      reason: expect.stringContaining(`(rule: ${RULE})`),
    })
  })

  it('is asked anew when what it stands on is made anew', () => {
    const driver = Driver.running(deploying(['a', 'ship: a']))
    finish(driver, 'a')
    driver.must(found(driver, 'tests', ofCommand(true)))
    end(driver, 'ship', 1)
    expect(retry(driver, 'ship')).toBeUndefined()
    // What passed was about the same code.
    expect(driver.attempt('ship').state).toBe('WAITING')
    end(driver, 'ship', 1)
    expect(rerun(driver, 'a')).toBeUndefined()
    finish(driver, 'a')
    expect(record(driver, 'tests')).toMatchObject({ state: 'evaluating' })
    expect(driver.task('ship').current).toBeNull()
    driver.must(found(driver, 'tests', ofCommand(false)))
    expect(driver.task('ship').outcome).toBe('failed')
    expect(retry(driver, 'ship')).toBeUndefined()
    expect(record(driver, 'tests').state).toBe('evaluating')
  })

  test.each([
    ['nothing', {}, false],
    ['its own gate', { tasks: { ship: ['tests'] } }, true],
    ['a gate of what it needs', { tasks: { a: ['tests'] } }, true],
    ['a gate of what it does not need', { tasks: { c: ['tests'] } }, false],
  ] as const)('the rule is met by %s: %#', (_, placed, isMet) => {
    const made = tasks(['a', 'c', 'ship: a'], { with: { ship: { kind: 'deploy' } } })
    const flaw = checkPlan({ ...withGates(made, [TESTS], placed), rules })
    if (isMet) expect(flaw).toBeUndefined()
    else expect(flaw).toContain(RULE)
  })

  it('a phase gate before it meets the rule too', () => {
    const made = plan([['a'], ['ship']], { with: { ship: { kind: 'deploy' } } })
    const driver = Driver.running({ ...withGates(made, [TESTS], { phases: { 0: ['tests'] } }), rules })
    finish(driver, 'a')
    driver.must(found(driver, 'tests', ofCommand(true)))
    expect(driver.attempt('ship').state).toBe('WAITING')
  })

  it('a target has gates of its own', () => {
    const made = deploying(['ship'], [])
    const target = { name: 'prod', gates: ['tests'] } as never
    const goes = {
      ...made,
      targets: [target],
      tasks: made.tasks.map((task) => ({ ...task, target: 'prod' })),
    }
    expect(checkPlan(goes)).toBeUndefined()
    const driver = Driver.running(goes)
    expect(driver.active()).toEqual([])
    driver.must(found(driver, 'tests', ofCommand(true)))
    expect(driver.active()).toEqual(['ship'])
  })
})

describe('plans', () => {
  test.each([
    ['a gate that is not there', withGates(tasks(['a']), [], { tasks: { a: ['x'] } }), 'names the gate x'],
    ['of a phase', withGates(tasks(['a']), [], { phases: { 0: ['x'] } }), 'phase P0 names the gate x'],
    ['one without conditions', withGates(tasks(['a']), [gate('x', [])], {}), 'has no conditions'],
    ['a task of that name', withGates(tasks(['gate-check']), [TESTS], {}), 'a task is called gate-check'],
  ])('are refused with %s', (_, made, words) => {
    expect(checkPlan(made)).toContain(words)
  })
})
