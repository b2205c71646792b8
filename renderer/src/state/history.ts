import { useEffect, useState } from 'react'
import type { EventEnvelope } from '../../../main/domain/events.ts'
import { evolve } from '../../../main/domain/evolve.ts'
import type { RunId } from '../../../main/domain/ids.ts'
import { EMPTY_STATE, type Run, type State } from '../../../main/domain/state.ts'
import { upcast } from '../../../main/domain/upcast.ts'
import type { AmphitheatreBridge } from '../../../preload/contract.ts'
import { useBridge, useLive, useLiveRun } from './session.tsx'

/** Runs that left live state are folded from their own events, by the same reducer. */

const PAGE = 5_000
const KEPT = 8

export type Loadable<T> =
  | { readonly status: 'loading' }
  | { readonly status: 'ready'; readonly value: T }
  | { readonly status: 'missing' }
  | { readonly status: 'failed'; readonly error: unknown; readonly retry: () => void }

/** All stored events of a run, oldest first. */
export async function eventsOfRun(bridge: AmphitheatreBridge, run: RunId): Promise<readonly EventEnvelope[]> {
  const events: EventEnvelope[] = []
  for (let after = 0; ; ) {
    const page = await bridge.request('history', { after, limit: PAGE, run })
    events.push(...page)
    if (page.length < PAGE) return events
    after = page.at(-1)!.seq
  }
}

/** A run as it was after its events up to `until`; undefined before it began. */
export function foldRun(
  events: readonly EventEnvelope[],
  projects: State['projects'],
  run: RunId,
  until = Number.POSITIVE_INFINITY,
): Run | undefined {
  let state: State = { ...EMPTY_STATE, projects }
  for (const event of events) {
    if (event.seq > until) break
    if (event.type !== 'run.retired') state = evolve(state, upcast(event))
  }
  return state.runs.get(run)
}

const folded = new Map<RunId, Run>()

/** Live where it is live, else from the log. */
export function useRun(run: RunId | undefined): Loadable<Run> {
  const bridge = useBridge()
  const live = useLiveRun(run)
  const hasState = useLive((all) => all.state !== undefined)
  const projects = useLive((all) => all.state?.projects)
  const [tries, setTries] = useState(0)
  const [found, setFound] = useState<{ readonly of: RunId; readonly is: Loadable<Run> } | undefined>()
  useEffect(() => {
    void tries
    if (run === undefined || live !== undefined || !hasState || projects === undefined || folded.has(run))
      return
    let gone = false
    const tell = (is: Loadable<Run>): void => {
      if (!gone) setFound({ of: run, is })
    }
    eventsOfRun(bridge, run).then(
      (events) => {
        const value = foldRun(events, projects, run)
        if (value !== undefined && value.endedAt !== null) keep(value)
        tell(value === undefined ? { status: 'missing' } : { status: 'ready', value })
      },
      (error: unknown) => tell({ status: 'failed', error, retry: () => setTries((n) => n + 1) }),
    )
    return () => {
      gone = true
    }
  }, [bridge, run, live, hasState, projects, tries])
  if (run === undefined) return { status: 'missing' }
  if (live !== undefined) return { status: 'ready', value: live }
  const kept = folded.get(run)
  if (kept !== undefined) return { status: 'ready', value: kept }
  return found?.of === run ? found.is : { status: 'loading' }
}

function keep(run: Run): void {
  folded.set(run.id, run)
  for (const old of folded.keys()) {
    if (folded.size <= KEPT) break
    folded.delete(old)
  }
}

/** Drops what was folded of a run that lives again. */
export function forgetRun(run: RunId): void {
  folded.delete(run)
}
