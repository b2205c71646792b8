import { describe, expect, it, test } from 'vitest'
import { checkPlan } from '../checkPlan.ts'
import { needsPerson } from '../metrics.ts'
import { holdsSlot } from '../state.ts'
import { taskStatus } from '../status.ts'
import { Driver, RUN } from '../testing/driver.ts'
import {
  approve,
  evaluations,
  found,
  gate,
  ofCommand,
  record,
  SIGNED,
  TESTS,
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
  start,
  stopAgent,
  stopRun,
} from '../testing/steps.ts'

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
