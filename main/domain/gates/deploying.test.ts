import { describe, expect, it, test } from 'vitest'
import { checkPlan } from '../checkPlan.ts'
import { parseRule } from '../rules/rule.ts'
import { taskStatus } from '../status.ts'
import { Driver, RUN } from '../testing/driver.ts'
import { found, ofCommand, record, SIGNED, TESTS, withGates } from '../testing/gates.ts'
import { plan, tasks } from '../testing/plan.ts'
import { end, finish, rerun, retry } from '../testing/steps.ts'

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
