import type { RunId } from '../../../main/domain/ids.ts'
import { needsPerson } from '../../../main/domain/metrics.ts'
import type { Run } from '../../../main/domain/state.ts'
import { type Loadable, useRun } from './history.ts'
import type { Live } from './live.ts'
import { usePlace } from './place.ts'
import { useLive } from './session.tsx'

/** The run on the screen: the one in the address, else what matters most now; undefined when there is none. */
export function useSelectedRunId(): RunId | undefined {
  const { run } = usePlace()
  const preferred = useLive(preferredRun)
  return run ?? preferred
}

export function useSelectedRun(): Loadable<Run> {
  return useRun(useSelectedRunId())
}

/** The newest that needs a person, else the newest under way, else the newest. */
function preferredRun({ state }: Live): RunId | undefined {
  const runs = state === undefined ? [] : [...state.runs.values()].reverse()
  const open = runs.filter((run) => run.endedAt === null)
  return (open.find(needsPerson) ?? open[0] ?? runs[0])?.id
}
