import { useSyncExternalStore } from 'react'
import { evolve } from '../../main/domain/evolve.ts'
import { stateFromJson } from '../../main/domain/serialise.ts'
import type { State } from '../../main/domain/state.ts'
import type { AmphitheatreBridge } from '../../preload/contract.ts'

/** The engine's state in the pages: one snapshot, then the same reducer on the same events. */
export interface LiveState {
  subscribe(listener: () => void): () => void
  /** Undefined until the first snapshot has come. */
  get(): State | undefined
}

export function followState(bridge: AmphitheatreBridge): LiveState {
  let state: State | undefined
  const listeners = new Set<() => void>()
  const early: Parameters<typeof evolve>[1][] = []
  const apply = (event: Parameters<typeof evolve>[1]): void => {
    if (state === undefined) early.push(event)
    else if (event.seq === state.seq + 1) state = evolve(state, event)
    else if (event.seq > state.seq + 1) void reload()
    for (const listener of listeners) listener()
  }
  const reload = async (): Promise<void> => {
    state = stateFromJson(await bridge.request('snapshot', undefined))
    for (const event of early.splice(0)) apply(event)
    for (const listener of listeners) listener()
  }
  bridge.on('event', apply)
  void reload()
  return {
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    get: () => state,
  }
}

export function useLiveState(live: LiveState): State | undefined {
  return useSyncExternalStore(live.subscribe, live.get)
}
