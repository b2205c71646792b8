import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide, isRejection } from '../decide.ts'
import { evolve } from '../evolve.ts'
import { commandId } from '../ids.ts'
import { stateFromJson, stateToJson } from '../serialise.ts'
import { EMPTY_STATE, type State } from '../state.ts'
import { anyPlan, anySeed } from '../testing/arbitraries.ts'
import { check } from '../testing/check.ts'
import type { Driver } from '../testing/driver.ts'
import { deepFreeze } from '../testing/freeze.ts'
import { playHistory } from '../testing/history.ts'
import { everyInvariant } from '../testing/invariants.ts'
import { Account } from '../testing/talkInvariants.ts'
import { type TimerAt, timersOf } from '../timers.ts'

const json = (state: State): string => JSON.stringify(stateToJson(state))
/** Two of three steps are something that is said. */
const TALKING = { talking: 1.5, steps: 200 }

test('whatever is said while agents end, are retried and made anew: every message ends once, in order, and inboxes are what is open', () => {
  const seen = new Set<string>()
  check(
    400,
    fc.property(anyPlan, anySeed, (plan, seed) => {
      const account = new Account()
      const run = playHistory(plan, seed, {
        ...TALKING,
        observers: [account.observe, everyInvariant()],
      }).run()
      account.checkEnd(run)
      for (const arrow of account.seen) seen.add(arrow)
    }),
  )
  // Which can be taken is in handoffArrows.test.ts; this says that the histories are worth something.
  expect(seen.size).toBeGreaterThan(10)
})

test('a conversation folds to the state, from the start and from a snapshot at any point', () => {
  check(
    100,
    fc.property(anyPlan, anySeed, fc.nat(), (plan, seed, at) => {
      const { log, state } = playHistory(plan, seed, TALKING)
      const cut = at % log.length
      const snapshot = stateToJson(log.slice(0, cut).reduce(evolve, EMPTY_STATE))
      const restored = stateFromJson(JSON.parse(JSON.stringify(snapshot)))
      expect(json(log.slice(cut).reduce(evolve, restored))).toBe(json(state))
    }),
  )
})

test('a conversation never changes the states before it', () => {
  check(
    50,
    fc.property(anyPlan, anySeed, (plan, seed) => {
      playHistory(plan, seed, { ...TALKING, between: (driver) => deepFreeze(driver.state) })
    }),
  )
})

test('after a restart the timers of a conversation are those that were kept, up to those that no longer matter', () => {
  const key = ({ at, timer }: TimerAt): string => `${at} ${JSON.stringify(timer)}`
  const matters = (state: State, { at, timer }: TimerAt, now: number): boolean => {
    const id = commandId('probe')
    const envelope = {
      id,
      correlation: id,
      actor: 'engine',
      command: { type: 'timer.fired', timer } as const,
    }
    return !isRejection(decide(state, envelope, Math.max(at, now)))
  }
  const ofTalk = ({ timer: { kind } }: TimerAt): boolean =>
    kind === 'answer' || kind === 'handoff' || kind === 'ballot' || kind === 'digest'
  check(
    100,
    fc.property(anyPlan, anySeed, (plan, seed) => {
      const between = ({ state, timers, now }: Driver, step: number): void => {
        if (step % 10 !== 0) return
        const live = (all: readonly TimerAt[]): readonly string[] =>
          [...new Set(all.filter((timer) => ofTalk(timer) && matters(state, timer, now)).map(key))].sort()
        expect(live(timers)).toEqual(live(timersOf(state)))
      }
      playHistory(plan, seed, { ...TALKING, between })
    }),
  )
})
