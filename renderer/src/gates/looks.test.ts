import { describe, expect, test } from 'vitest'
import { gatePlaces, placeKeyOf } from '../../../main/domain/gates/placeKey.ts'
import { Driver } from '../../../main/domain/testing/driver.ts'
import { approval, COMMAND, found, gate, ofCommand, withGates } from '../../../main/domain/testing/gates.ts'
import { plan } from '../../../main/domain/testing/plan.ts'
import { at, committed, end, finish, prepared } from '../../../main/domain/testing/steps.ts'
import { consequences, lookOfAll, placeTitle, whyNot } from './looks.ts'
import { words } from './words.ts'

const w = words.en
const SPECS = [gate('tests', [COMMAND]), gate('signed', [approval()])]

describe('gates as people see them', () => {
  test('come before their turn, are looked at, wait, and name what is not met', () => {
    const driver = Driver.running(
      withGates(plan([['a'], ['b']]), SPECS, { phases: { 0: ['tests', 'signed'] } }),
    )
    const place = () => gatePlaces(driver.run())[0]!
    expect([place().key, lookOfAll(place().views)]).toEqual(['gate:phase:0', 'coming'])
    finish(driver, 'a')
    expect(lookOfAll(place().views)).toBe('evaluating')
    driver.must(found(driver, 'signed', ofCommand(true)))
    driver.must(found(driver, 'tests', ofCommand(false)))
    expect(lookOfAll(place().views)).toBe('waiting')
    expect(whyNot(place().views[0]!)).toMatch(/^tests: /)
    expect(placeKeyOf(driver.run(), driver.run().gates!.records[0]!.id)).toBe('gate:phase:0')
    expect([placeTitle(w, driver.run(), place().at), consequences(w, driver.run(), place().at)]).toEqual([
      'end of P0',
      { yes: 'phase P1 begins', no: w.runFails },
    ])
  })

  test('of a task that is tried again stand for the attempt that is under way', () => {
    const made = withGates(plan([['a']], { with: { a: { workspace: 'repo', retry: 1 } } }), SPECS, {
      tasks: { a: ['tests'] },
    })
    const driver = Driver.running(made)
    driver.must(prepared())
    end(driver, 'a', 0)
    driver.must(committed(at(driver, 'a')))
    driver.must(found(driver, 'tests', ofCommand(false)))
    const states = () => gatePlaces(driver.run()).map(({ key, views }) => [key, lookOfAll(views)])
    expect(states()).toEqual([['gate:after:a', 'failed']])
    driver.advance(60_000)
    end(driver, 'a', 0)
    driver.must(committed(at(driver, 'a')))
    expect(states()).toEqual([['gate:after:a', 'evaluating']])
  })
})
