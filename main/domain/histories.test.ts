import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide, isRejection } from './decide.ts'
import { evolve } from './evolve.ts'
import { commandId } from './ids.ts'
import { needsPerson } from './metrics.ts'
import { stateFromJson, stateToJson } from './serialise.ts'
import { EMPTY_STATE, type State } from './state.ts'
import { anyPlan, anySeed } from './testing/arbitraries.ts'
import { check } from './testing/check.ts'
import type { Driver } from './testing/driver.ts'
import { deepFreeze } from './testing/freeze.ts'
import { playHistory } from './testing/history.ts'
import { everyInvariant } from './testing/invariants.ts'
import { type TimerAt, timersOf } from './timers.ts'

const json = (state: State): string => JSON.stringify(stateToJson(state))

test('whatever people and the world do, counts and arrows hold and the run settles or waits for a person', () => {
  check(
    400,
    fc.property(anyPlan, anySeed, (plan, seed) => {
      const run = playHistory(plan, seed, { observers: [everyInvariant()] }).run()
      if (run.endedAt === null) expect([needsPerson(run), run.attention.length > 0]).toEqual([true, true])
    }),
  )
})

test('evolve never changes what it is given', () => {
  check(
    100,
    fc.property(anyPlan, anySeed, (plan, seed) => {
      playHistory(plan, seed, { between: (driver) => deepFreeze(driver.state) })
    }),
  )
})

test('the log folds to the state, from the start and from a snapshot at any point', () => {
  check(
    100,
    fc.property(anyPlan, anySeed, fc.nat(), (plan, seed, at) => {
      const { log, state } = playHistory(plan, seed)
      expect(json(log.reduce(evolve, EMPTY_STATE))).toBe(json(state))
      const cut = at % log.length
      const snapshot = stateToJson(log.slice(0, cut).reduce(evolve, EMPTY_STATE))
      const restored = stateFromJson(JSON.parse(JSON.stringify(snapshot)))
      expect(json(log.slice(cut).reduce(evolve, restored))).toBe(json(state))
    }),
  )
})

test('the same seed gives the same log, also when the state goes through JSON between any two steps', () => {
  check(
    40,
    fc.property(anyPlan, anySeed, (plan, seed) => {
      const straight = playHistory(plan, seed)
      const between = (driver: Driver): void => {
        driver.state = stateFromJson(JSON.parse(JSON.stringify(stateToJson(driver.state))))
      }
      expect(JSON.stringify(playHistory(plan, seed, { between }).log)).toBe(JSON.stringify(straight.log))
    }),
  )
})

test('timersOf has every timer that was set and still matters, and no other', () => {
  const key = ({ timer }: TimerAt): string => JSON.stringify(timer)
  check(
    200,
    fc.property(anyPlan, anySeed, (plan, seed) => {
      const between = ({ state, timers, now }: Driver): void => {
        const called = timersOf(state)
        for (const set of timers.filter((timer) => matters(state, timer, now))) {
          const found = called.find((timer) => key(timer) === key(set))
          if (found === undefined) throw new Error(`recovery forgets ${key(set)}`)
        }
        for (const timer of called) {
          if (timers.some((set) => key(set) === key(timer) && set.at <= timer.at)) continue
          if (matters(state, timer, now)) throw new Error(`nobody set ${key(timer)} in time`)
        }
      }
      playHistory(plan, seed, { between })
    }),
  )
})

/** Would it change anything when it goes off? */
function matters(state: State, { at, timer }: TimerAt, now: number): boolean {
  const id = commandId('probe')
  const envelope = { id, correlation: id, actor: 'engine', command: { type: 'timer.fired', timer } as const }
  return !isRejection(decide(state, envelope, Math.max(at, now)))
}
