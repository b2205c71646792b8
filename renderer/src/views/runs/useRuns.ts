import { useCallback, useEffect, useState } from 'react'
import type { RunRow } from '../../../../preload/contract.ts'
import { useBridge, useLive } from '../../state/session.tsx'

/** Rows asked for first; each time the end comes into sight as many again. */
const PAGE = 100
const MOST = 10_000

export interface StoredRuns {
  /** Undefined until they have come. */
  readonly rows: readonly RunRow[] | undefined
  readonly error: unknown
  readonly more: () => void
  readonly retry: () => void
}

/** The history's runs, newest first; asked for again when a run starts, ends or is put away. */
export function useStoredRuns(): StoredRuns {
  const bridge = useBridge()
  const [limit, setLimit] = useState(PAGE)
  const [rows, setRows] = useState<readonly RunRow[] | undefined>()
  const [error, setError] = useState<unknown>()
  const [tries, setTries] = useState(0)
  const live = useLive(({ state }) =>
    state === undefined ? '' : [...state.runs.values()].map((run) => `${run.id} ${run.endedAt}`).join(),
  )
  const connected = useLive(({ connection }) => connection.status === 'connected')
  useEffect(() => {
    void tries
    void live
    if (!connected) return
    let gone = false
    bridge.request('runs', { limit }).then(
      (found) => {
        if (gone) return
        setRows(found)
        setError(undefined)
      },
      (reason: unknown) => !gone && setError(reason),
    )
    return () => {
      gone = true
    }
  }, [bridge, limit, live, connected, tries])
  const full = rows !== undefined && rows.length >= limit
  const more = useCallback(() => {
    if (full) setLimit((now) => Math.min(MOST, now + PAGE))
  }, [full])
  return { rows, error, more, retry: () => setTries((n) => n + 1) }
}
