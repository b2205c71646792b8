import { describe, expect, it } from 'vitest'
import { isOver } from '../decideRun.ts'
import { runId } from '../ids.ts'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import { tasks } from '../testing/plan.ts'
import { at as attemptAt, exited, finish, start, started } from '../testing/steps.ts'
import { project, targetSpec, withTarget } from '../testing/targets.ts'

const forget = (target = 'shop') => ({ type: 'target.forget', project: PROJECT, target }) as const

describe('forgetting a target', () => {
  it('takes it out of the records', () => {
    const driver = new Driver()
    withTarget(driver, { current: null })
    driver.must(forget())
    expect(project(driver).targets).toEqual({})
    expect(driver.send(forget())).toMatchObject({ rejected: 'unknown' })
  })

  it.each([
    ['is released', {}, /^v1 is released at shop/],
    ['is released and somebody is at work on it', { busy: 'r0/deploy#1' }, /^r0\/deploy#1 is at work/],
    ['has somebody at work on it', { current: null, busy: 'r0/deploy#1' }, /wait for it or stop it first/],
  ] as const)('is refused while it %s', (_, more, reason) => {
    const driver = new Driver()
    withTarget(driver, more)
    expect(driver.send(forget())).toMatchObject({
      rejected: 'not-now',
      reason: expect.stringMatching(reason),
    })
    expect(project(driver).targets.shop).toBeDefined()
  })

  it('is refused while a run that names it is under way, and taken when that is over', () => {
    const driver = Driver.running({ ...tasks(['a']), targets: [targetSpec()] })
    expect(driver.send(forget())).toMatchObject({ rejected: 'not-now', reason: expect.stringContaining(RUN) })
    start(driver, 'a')
    finish(driver, 'a')
    expect(isOver(driver.state.runs.get(RUN)!)).toBe(true)
    driver.must(forget())
    expect(project(driver).targets).toEqual({})
  })

  it('is taken all the same where that is what is wanted', () => {
    const driver = new Driver()
    withTarget(driver)
    driver.must({ ...forget(), anyway: true })
    expect(project(driver).targets).toEqual({})
  })

  it.each(['other', 'constructor'])('says that %s is not known', (name) => {
    const driver = new Driver()
    withTarget(driver)
    expect(driver.send(forget(name))).toMatchObject({ rejected: 'unknown' })
  })
})

describe('taking a target down', () => {
  const DOWN = runId('down')
  const takeDown = (withData = false, target = 'shop') =>
    ({ type: 'target.take-down', project: PROJECT, run: DOWN, target, withData }) as const
  const at = (driver: Driver) => attemptAt(driver, 'take-down', DOWN)

  it.each([
    [false, ''],
    [true, 'data'],
  ])('is a run that has it to itself; then it can be forgotten (with its data: %s)', (withData, output) => {
    const driver = new Driver()
    withTarget(driver)
    driver.must(takeDown(withData))
    const [task] = driver.run(DOWN).plan.tasks
    expect(task).toMatchObject({
      action: { do: 'take-down', withData },
      uses: [{ on: 'target:shop', mode: 'exclusive' }],
    })
    expect(driver.send(forget())).toMatchObject({ rejected: 'not-now' })
    driver.must(started(at(driver)))
    expect(project(driver).targets.shop!.busy).toBe('down/take-down#1')
    const events = driver.must(exited(at(driver), 0, { outputs: { 'taken-down': output } }))
    expect(events.map(({ data }) => data)).toContainEqual({
      type: 'target.taken-down',
      target: 'shop',
      by: 'down/take-down#1',
      data: withData,
    })
    expect(project(driver).targets.shop).toMatchObject({ current: null, busy: null, state: 'unknown' })
    driver.must(forget())
  })

  it('leaves what is on record where it fails', () => {
    const driver = new Driver()
    withTarget(driver)
    driver.must(takeDown())
    driver.must(started(at(driver)))
    driver.must(exited(at(driver), 1, { outputs: { state: 'half', reason: 'why' } }))
    expect(project(driver).targets.shop).toMatchObject({ current: { release: {} }, state: 'half' })
  })

  it('is refused while somebody is at work on it, and for one that is not known', () => {
    const driver = new Driver()
    withTarget(driver, { busy: 'r0/deploy#1' })
    expect(driver.send(takeDown())).toMatchObject({ rejected: 'not-now' })
    expect(driver.send(takeDown(false, 'other'))).toMatchObject({ rejected: 'unknown' })
  })
})
