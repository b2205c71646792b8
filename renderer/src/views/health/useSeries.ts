import { useEffect, useState } from 'react'
import type { SeriesPoint, SeriesQuery } from '../../../../preload/contract.ts'
import { useBridge, useLive } from '../../state/session.tsx'

/** Points of a picture; more than pixels say nothing. */
const MOST_POINTS = 3_000

/** One series, asked for anew when a new round was looked at; undefined until it is known. */
export function useSeries(
  { project, measure, role }: Pick<SeriesQuery, 'project' | 'measure' | 'role'>,
  spanMs: number,
  round: number | null,
): readonly SeriesPoint[] | undefined {
  const bridge = useBridge()
  const connected = useLive((live) => live.connection.status === 'connected')
  const [points, setPoints] = useState<readonly SeriesPoint[] | undefined>()
  useEffect(() => {
    if (!connected) return
    let gone = false
    const from = Math.max(0, (round ?? Date.now()) - spanMs)
    bridge.request('series', { project, measure, role, from, limit: MOST_POINTS }).then(
      (found) => {
        if (!gone) setPoints(found)
      },
      () => undefined,
    )
    return () => {
      gone = true
    }
  }, [bridge, connected, project, measure, role, spanMs, round])
  return points
}
