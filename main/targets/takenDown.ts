import { TAKEN_DOWN } from '../domain/targets/actionOutputs.ts'
import { pointsOf } from './docker/deploy.ts'
import type { ActionFailure, Facts } from './step.ts'

/** What taking a target down tells, wherever it was. */
export function takenDown(facts: Facts, withData: boolean): Facts {
  return { ...pointsOf(facts), [TAKEN_DOWN]: withData ? 'data' : '' }
}

export function takenDownFailed(target: string, facts: Facts, { step, words }: ActionFailure): Facts {
  // Before that nothing was touched.
  if (step === 'point') return pointsOf(facts)
  const next = `Do it again: amphi targets remove ${target}.`
  return { ...pointsOf(facts), state: 'half', reason: `${words} ${next}` }
}
