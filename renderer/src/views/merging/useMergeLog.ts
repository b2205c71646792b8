import { useEffect, useMemo, useState } from 'react'
import type { EventEnvelope } from '../../../../main/domain/events.ts'
import type { RunId } from '../../../../main/domain/ids.ts'
import type { Run } from '../../../../main/domain/state.ts'
import { upcast } from '../../../../main/domain/upcast.ts'
import { eventsOfRun } from '../../state/history.ts'
import { useLive, useSession } from '../../state/session.tsx'
import { MERGE_LOG_EVENTS, type MergeLog, mergeLog } from './checks.ts'

export type Found =
  | { readonly status: 'loading' }
  | { readonly status: 'ready'; readonly log: MergeLog }
  | { readonly status: 'failed'; readonly error: unknown; readonly retry: () => void }

type Read =
  | { readonly run: RunId; readonly events: readonly EventEnvelope[] }
  | { readonly run: RunId; readonly error: unknown }

/** What became of the checks of a run: read from its log once, then followed. */
export function useMergeLog(run: Run): Found {
  const { bridge, live } = useSession()
  // A snapshot stands in for events that were never seen: they are read from the log.
  const snapshots = useLive((all) => all.snapshots)
  const [tries, setTries] = useState(0)
  const [read, setRead] = useState<Read | undefined>()
  const { id } = run
  useEffect(() => {
    void snapshots
    void tries
    let gone = false
    let known: readonly EventEnvelope[] | undefined
    let early: readonly EventEnvelope[] = []
    const add = (events: readonly EventEnvelope[]): void => {
      const last = known?.at(-1)?.seq ?? 0
      known = [...(known ?? []), ...events.filter(({ seq }) => seq > last)]
      setRead({ run: id, events: known })
    }
    const stop = live.onEvents((events) => {
      const fresh = events.filter((event) => event.run === id && MERGE_LOG_EVENTS.has(event.type))
      if (fresh.length === 0) return
      if (known === undefined) early = [...early, ...fresh]
      else add(fresh)
    })
    eventsOfRun(bridge, id).then(
      (events) => {
        if (gone) return
        known = events.filter(({ type }) => MERGE_LOG_EVENTS.has(type)).map(upcast)
        add(early)
      },
      (error: unknown) => !gone && setRead({ run: id, error }),
    )
    return () => {
      gone = true
      stop()
    }
  }, [bridge, live, id, snapshots, tries])
  const events = read !== undefined && read.run === id && 'events' in read ? read.events : undefined
  const log = useMemo(
    () => (events === undefined ? undefined : mergeLog(events, run.mergeQueue)),
    [events, run.mergeQueue],
  )
  if (log !== undefined) return { status: 'ready', log }
  if (read !== undefined && read.run === id && 'error' in read)
    return { status: 'failed', error: read.error, retry: () => setTries((n) => n + 1) }
  return { status: 'loading' }
}
