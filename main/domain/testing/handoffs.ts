import type { Rejection } from '../commands.ts'
import type { HandoffState } from '../talk/handoff.ts'
import { type Driver, RUN } from './driver.ts'
import { finish } from './steps.ts'
import { by, FAILED_CHECK, handoff, handsOff, talking, validates } from './talk.ts'

/** A hand-off `h1` of task a to task b, and what everybody can do with it. */

export const accept = (driver: Driver): Rejection | undefined =>
  by(driver, 'b', { type: 'agent.accept', handoff: 'h1' })
export const decline = (driver: Driver): Rejection | undefined =>
  by(driver, 'b', { type: 'agent.decline', handoff: 'h1', reason: 'not mine' })
export const clarify = (driver: Driver): Rejection | undefined =>
  by(driver, 'b', { type: 'agent.clarify', handoff: 'h1', question: 'where?' })
export const clarified = (driver: Driver): Rejection | undefined =>
  by(driver, 'a', { type: 'agent.clarified', handoff: 'h1', answer: 'there' })
export const decides = (driver: Driver, choice: 'transfer' | 'withdraw'): Rejection | undefined =>
  driver.send({ type: 'handoff.decide', run: RUN, handoff: 'h1', choice })

/** A hand-off of a to b in each state, both at work. */
export const IN: Readonly<Record<HandoffState, (driver: Driver) => unknown>> = {
  initiated: (driver) => handsOff(driver, 'a'),
  returned: (driver) => [handsOff(driver, 'a'), validates(driver, 'a', 'h1', [FAILED_CHECK])],
  transferred: (driver) => [handsOff(driver, 'a'), validates(driver, 'a')],
  clarifying: (driver) => [IN.transferred(driver), clarify(driver)],
  acknowledged: (driver) => [IN.transferred(driver), accept(driver)],
  completed: (driver) => [IN.acknowledged(driver), finish(driver, 'a')],
  withdrawn: (driver) => [IN.transferred(driver), decides(driver, 'withdraw')],
}

export function inState(state: HandoffState): Driver {
  const driver = talking(['a', 'b', 'c'])
  IN[state](driver)
  if (handoff(driver).state !== state) throw new Error(`it is ${handoff(driver).state}`)
  return driver
}

type Act = (driver: Driver) => unknown
export const ACTS: Readonly<Record<string, Act>> = {
  accept,
  decline,
  clarify,
  clarified,
  transfer: (driver) => decides(driver, 'transfer'),
  withdraw: (driver) => decides(driver, 'withdraw'),
  again: (driver) => handsOff(driver, 'a', {}, 'h1'),
  passed: (driver) => validates(driver, 'a'),
  failed: (driver) => validates(driver, 'a', 'h1', [FAILED_CHECK]),
}
