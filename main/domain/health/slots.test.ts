import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { check } from '../testing/check.ts'
import { Driver, PROJECT } from '../testing/driver.ts'
import { tasks } from '../testing/plan.ts'
import { at, exited, started } from '../testing/steps.ts'
import type { Crossing } from './gauge.ts'
import { DEFAULT_HEALTH } from './policy.ts'
import { slotsOf } from './slots.ts'

const STEP = 2 * DEFAULT_HEALTH.intervalMs
const memory = (bad: boolean): Crossing => ({
  measure: 'host_memory_used',
  role: null,
  bad,
  value: bad ? 0.97 : 0.6,
  limit: bad ? 0.95 : 0.85,
})

function round(driver: Driver, ...crossings: Crossing[]): number {
  driver.must({ type: 'report.health', project: PROJECT, crossings })
  return slotsOf(driver.state, driver.run())
}

const SIX = tasks(['a', 'b', 'c', 'd', 'e', 'f'], { limits: { maxConcurrentAgents: 4 } })

describe('resources are short', () => {
  test('fewer agents at once, one step at a time and never below one; more again when they are enough', () => {
    const driver = Driver.running(SIX)
    expect(driver.run().counts.active).toBe(4)
    expect(round(driver, memory(true))).toBe(3)
    expect(round(driver)).toBe(3)
    for (const expected of [2, 1, 1, 1]) {
      driver.advance(STEP)
      expect(round(driver)).toBe(expected)
    }
    expect(round(driver, memory(false))).toBe(2)
    for (const expected of [3, 4, 4]) {
      driver.advance(STEP)
      expect(round(driver)).toBe(expected)
    }
    expect(driver.state.projects.get(PROJECT)!.health.slots).toBeNull()
    const told = driver.log.filter(({ type }) => type === 'health.slots').map(({ data }) => data)
    expect(told).toMatchObject([
      { agents: 3, was: null, reason: 'memory is 97 % full' },
      { agents: 2, was: 3 },
      { agents: 1, was: 2 },
      { agents: 2, was: 1, reason: 'resources are enough again' },
      { agents: 3, was: 2 },
      { agents: null, was: 3 },
    ])
  })

  test('who is at work goes on; nobody else starts until there are fewer', () => {
    const driver = Driver.running(SIX)
    round(driver, memory(true))
    driver.advance(STEP)
    expect(round(driver)).toBe(2)
    const end = (task: string): void => {
      driver.must(started(at(driver, task)))
      driver.must(exited(at(driver, task)))
    }
    end('a')
    end('b')
    expect(driver.run().counts.active).toBe(2)
    end('c')
    expect(driver.run().counts.active).toBe(2)
  })

  test('a project that does not want it keeps its agents', () => {
    const driver = Driver.running({ ...SIX, health: { ...DEFAULT_HEALTH, fewerAgents: false } })
    expect(round(driver, memory(true))).toBe(4)
  })

  test('whatever comes, it is between one and what the project allows, and ends there when all is well', () => {
    const turn = fc.record({ bad: fc.boolean(), ms: fc.nat(3 * STEP) })
    check(
      60,
      fc.property(fc.array(turn, { maxLength: 40 }), (turns) => {
        const driver = Driver.running(SIX)
        for (const { bad, ms } of turns) {
          const slots = round(driver, memory(bad))
          expect(slots).toBeGreaterThanOrEqual(1)
          expect(slots).toBeLessThanOrEqual(4)
          driver.advance(ms)
        }
        round(driver, memory(false))
        for (let i = 0; i < 5; i++) {
          driver.advance(STEP)
          round(driver)
        }
        expect(driver.state.projects.get(PROJECT)!.health.slots).toBeNull()
      }),
    )
  })
})
