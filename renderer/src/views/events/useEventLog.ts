import { type RefObject, useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { useLive, useSession } from '../../state/session.tsx'
import { EventLog, type LogQuery, type LogWindow } from './eventLog.ts'

const NOTHING = new EventLog(async () => [], { run: undefined, fits: () => false }, 0)

/** The window over the log that fits `query`, begun anew with it. `watched`: the newest rows are in sight. */
export function useEventLog(
  query: LogQuery,
  anew: number,
  watched: RefObject<boolean>,
): { readonly log: EventLog; readonly window: LogWindow } {
  const { bridge, live } = useSession()
  const hasState = useLive((all) => all.state !== undefined)
  // A snapshot stands in for events that were never seen: they are read from the log.
  const snapshots = useLive((all) => all.snapshots)
  const [log, setLog] = useState(NOTHING)
  useEffect(() => {
    void anew
    void snapshots
    if (!hasState) return
    const end = live.getState().state!.seq
    const next = new EventLog((args) => bridge.request('history', args), query, end)
    const stop = live.onEvents((events) => next.append(events, watched.current))
    watched.current = true
    setLog(next)
    void next.earlier()
    return () => {
      stop()
      next.stop()
    }
  }, [bridge, live, hasState, snapshots, query, anew, watched])
  return { log, window: useStore(log.store) }
}
