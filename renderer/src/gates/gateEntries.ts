import { gatePlaces } from '../../../main/domain/gates/placeKey.ts'
import type { Run } from '../../../main/domain/state.ts'
import type { Mark } from '../../../main/domain/status.ts'
import type { Action } from '../actions/action.ts'
import { navigate } from '../state/place.ts'
import type { Like } from '../words/language.ts'
import { GATE_MARKS, lookOfGate, placeTitle } from './looks.ts'
import type { words } from './words.ts'

/** The way to each gate of a run, for the palette. */
export function gateEntries(
  w: Like<(typeof words)['en']>,
  run: Run,
): readonly (Action & { readonly mark: Mark; readonly hint: string })[] {
  if (run.plan.gates === undefined) return []
  return gatePlaces(run).flatMap(({ key, at, views }) =>
    views.map((view) => ({
      id: `gate-${key}-${view.spec.name}`,
      label: w.toGate(view.spec.title, placeTitle(w, run, at)),
      mark: GATE_MARKS[lookOfGate(view)],
      hint: w.states[lookOfGate(view)],
      perform: () => navigate({ view: 'graph', run: run.id, task: undefined, at: key }),
    })),
  )
}
