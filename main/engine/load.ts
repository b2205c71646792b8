import { evolve } from '../domain/evolve.ts'
import type { RunId } from '../domain/ids.ts'
import { type RunJson, runToJson, STATE_SHAPE, type StateJson, stateFromJson } from '../domain/serialise.ts'
import { EMPTY_STATE, type State } from '../domain/state.ts'
import { upcast } from '../domain/upcast.ts'
import type { Store } from './ports/store.ts'

const PAGE = 5_000

/** Live state from the store: the newest key frame and the events after it. */
export async function loadState(store: Store): Promise<State> {
  const frame = await store.keyFrame()
  const json = frame === undefined ? undefined : (JSON.parse(frame.json) as StateJson)
  return foldFrom(store, json?.shape === STATE_SHAPE ? stateFromJson(json) : EMPTY_STATE)
}

async function foldFrom(store: Store, start: State, run?: RunId): Promise<State> {
  let state = start
  for (let after = start.seq; ; ) {
    const page = await store.read({ after, limit: PAGE, ...(run === undefined ? {} : { run }) })
    for (const event of page) {
      if (run !== undefined && event.type === 'run.retired') continue
      state = evolve(state, upcast(event))
    }
    if (page.length < PAGE) return state
    after = page.at(-1)!.seq
  }
}

/** A run that left live state, folded from its own events; undefined if there never was one. */
export async function loadRun(store: Store, live: State, run: RunId): Promise<RunJson | undefined> {
  const state = await foldFrom(store, { ...EMPTY_STATE, projects: live.projects }, run)
  const found = state.runs.get(run)
  return found === undefined ? undefined : runToJson(found)
}
