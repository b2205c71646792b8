import type { RunId } from '../../../main/domain/ids.ts'
import type { Run } from '../../../main/domain/state.ts'
import { preferredRun } from '../../../main/notices/needs.ts'
import { type Loadable, useRun } from './history.ts'
import { usePlace } from './place.ts'
import { useLive } from './session.tsx'

/** The run on the screen: the one in the address, else what matters most now; undefined when there is none. */
export function useSelectedRunId(): RunId | undefined {
  const { run } = usePlace()
  const preferred = useLive(({ state }) =>
    state === undefined ? undefined : (preferredRun(state) ?? undefined),
  )
  return run ?? preferred
}

export function useSelectedRun(): Loadable<Run> {
  return useRun(useSelectedRunId())
}
