import { describe, expect, it } from 'vitest'
import { Driver, RUN } from '../testing/driver.ts'
import { approval, approve, COMMAND, found, gate, ofCommand, record, withGates } from '../testing/gates.ts'
import { plan } from '../testing/plan.ts'
import { finish } from '../testing/steps.ts'
import { missingAfterYes } from './approving.ts'
import { gateSpec } from './places.ts'

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
