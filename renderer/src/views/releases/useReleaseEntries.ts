import type { RunId } from '../../../../main/domain/ids.ts'
import type { Action } from '../../actions/action.ts'
import { projectRefusal } from '../../actions/refusal.ts'
import { useDispatch } from '../../actions/useDispatch.ts'
import { newRunId } from '../../state/runIds.ts'
import { useEngineState } from '../../state/session.tsx'
import { tell } from '../../ui/toasts.tsx'
import { useWords } from '../../words/language.ts'
import { words } from './words.ts'

/** What the palette offers of targets: a point of each, made now. */
export function useReleaseEntries(): readonly (Action & { readonly hint: string })[] {
  const w = useWords(words)
  const dispatch = useDispatch()
  const state = useEngineState()
  if (state === undefined) return []
  return [...state.projects.values()].flatMap((project) =>
    Object.keys(project.targets).map((target) => {
      const make = (run: RunId) =>
        ({ type: 'point.make', project: project.id, run, target, name: null }) as const
      return {
        id: `point-${project.id}-${target}`,
        label: w.makePointOf(target),
        hint: project.name,
        unavailable: projectRefusal(state, make('trial' as RunId), w.already),
        perform: () =>
          void dispatch(make(newRunId())).then((taken) => {
            if (taken) tell(w.started(w.makePoint))
          }),
      }
    }),
  )
}
