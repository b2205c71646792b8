import { describe, expect, it } from 'vitest'
import { isOver } from '../decideRun.ts'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import { tasks } from '../testing/plan.ts'
import { finish, start } from '../testing/steps.ts'
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

  it.each(['other', 'constructor'])('says that %s is not known', (name) => {
    const driver = new Driver()
    withTarget(driver)
    expect(driver.send(forget(name))).toMatchObject({ rejected: 'unknown' })
  })
})
