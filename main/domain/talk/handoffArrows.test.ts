import { expect, test } from 'vitest'
import type { Rejection } from '../commands.ts'
import { ACTS, inState } from '../testing/handoffs.ts'
import { handoff } from '../testing/talk.ts'
import type { HandoffState } from './handoff.ts'

/** What each act makes of each state; `=`: taken and nothing changes, else the refusal. */
const TABLE: Readonly<Record<HandoffState, Readonly<Record<string, HandoffState | '=' | RegExp>>>> = {
  initiated: {
    accept: /h1 is initiated/,
    decline: /h1 is initiated/,
    clarify: /h1 is initiated/,
    clarified: /nothing is being asked/,
    transfer: /h1 is initiated/,
    withdraw: 'withdrawn',
    again: '=',
    passed: 'transferred',
    failed: 'returned',
  },
  returned: {
    accept: /h1 is returned/,
    decline: /h1 is returned/,
    clarify: /h1 is returned/,
    clarified: /nothing is being asked/,
    transfer: 'transferred',
    withdraw: 'withdrawn',
    again: 'initiated',
    passed: /no hand-off is being checked/,
    failed: /no hand-off is being checked/,
  },
  transferred: {
    accept: 'acknowledged',
    decline: 'returned',
    clarify: 'clarifying',
    clarified: /nothing is being asked/,
    transfer: /h1 is transferred/,
    withdraw: 'withdrawn',
    again: '=',
    passed: /no hand-off is being checked/,
    failed: /no hand-off is being checked/,
  },
  clarifying: {
    accept: 'acknowledged',
    decline: 'returned',
    clarify: /not answered yet/,
    clarified: 'transferred',
    transfer: /h1 is clarifying/,
    withdraw: 'withdrawn',
    again: '=',
    passed: /no hand-off is being checked/,
    failed: /no hand-off is being checked/,
  },
  acknowledged: {
    accept: '=',
    decline: /h1 is acknowledged/,
    clarify: /h1 is acknowledged/,
    clarified: /nothing is being asked/,
    transfer: /needs no decision/,
    withdraw: /needs no decision/,
    again: '=',
    passed: /no hand-off is being checked/,
    failed: /no hand-off is being checked/,
  },
  completed: {
    accept: '=',
    decline: /h1 is completed/,
    clarify: /h1 is completed/,
    transfer: /needs no decision/,
    withdraw: /needs no decision/,
  },
  withdrawn: {
    accept: /h1 is withdrawn/,
    decline: /h1 is withdrawn/,
    clarify: /h1 is withdrawn/,
    clarified: /nothing is being asked/,
    transfer: /needs no decision/,
    withdraw: /needs no decision/,
    again: /h1 was withdrawn/,
    passed: /no hand-off is being checked/,
    failed: /no hand-off is being checked/,
  },
}

const CASES = (Object.keys(TABLE) as HandoffState[]).flatMap((state) =>
  Object.keys(TABLE[state]).map((act) => [state, act, TABLE[state][act]!] as const),
)

test.each(CASES)('%s, %s: %s', (state, act, expected) => {
  const driver = inState(state)
  const rejection = ACTS[act]!(driver) as Rejection | undefined
  if (expected instanceof RegExp) expect(rejection?.reason).toMatch(expected)
  else expect(rejection).toBeUndefined()
  const next = typeof expected === 'string' && expected !== '=' ? expected : state
  expect(handoff(driver).state).toBe(next)
})
