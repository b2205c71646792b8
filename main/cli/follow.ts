import type { EventEnvelope } from '../domain/events.ts'
import { evolve } from '../domain/evolve.ts'
import { stateFromJson } from '../domain/serialise.ts'
import type { State } from '../domain/state.ts'
import type { ControlCenter } from '../engine/controlCenter.ts'

export interface FollowOptions {
  readonly signal: AbortSignal
  /** Called with each event and the state after it, in order. */
  readonly onEvent?: (event: EventEnvelope, state: State) => void | Promise<void>
  /** Asked after each event: is this what was waited for? */
  readonly until: (state: State, event: EventEnvelope) => boolean | Promise<boolean>
}

/**
 * Folds events onto a state until `until` says so or the signal aborts, and answers the state then. The state must be
 * a snapshot taken before whatever is waited for was asked: nothing in between is missed.
 */
export async function follow(center: ControlCenter, from: State, options: FollowOptions): Promise<State> {
  const over = new AbortController()
  const signal = AbortSignal.any([options.signal, over.signal])
  let state = from
  try {
    for await (const event of center.events(from.seq, signal)) {
      state = evolve(state, event)
      await options.onEvent?.(event, state)
      if (await options.until(state, event)) break
    }
  } finally {
    over.abort()
  }
  return state
}

export async function currentState(center: ControlCenter): Promise<State> {
  return stateFromJson(await center.snapshot())
}
