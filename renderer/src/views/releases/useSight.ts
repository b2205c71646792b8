import { useEffect, useState } from 'react'
import type { ProjectId } from '../../../../main/domain/ids.ts'
import type { TargetSight } from '../../../../preload/contract.ts'
import { useBridge, useLive } from '../../state/session.tsx'

/** Between two looks at a target while somebody watches, ms. */
const AGAIN_MS = 5_000
/** What was put aside changes seldom, and takes longer to see: every so many looks. */
const ASIDE_EVERY = 12

export type Sight =
  | { readonly status: 'looking' }
  | { readonly status: 'seen'; readonly sight: TargetSight | null }
  | { readonly status: 'failed'; readonly why: string }

/**
 * A target as it is now, looked at again and again while it is on the screen; at once when what is on record of it
 * (`record`) changes. What was seen last stays until the next look.
 */
export function useSight(
  project: ProjectId,
  target: string,
  { record, aside }: { readonly record: unknown; readonly aside: boolean },
): Sight {
  const bridge = useBridge()
  const connected = useLive((live) => live.connection.status === 'connected')
  const [sight, setSight] = useState<Sight>({ status: 'looking' })
  useEffect(() => {
    void record
    if (!connected) return
    let timer: ReturnType<typeof setTimeout> | undefined
    let gone = false
    let looks = 0
    const look = async (): Promise<void> => {
      if (!document.hidden) {
        const wanted = aside && looks++ % ASIDE_EVERY === 0 ? { aside } : {}
        const seen = await bridge.request('targetSight', { project, target, ...wanted }).then(
          (found): Sight => ({ status: 'seen', sight: found }),
          (error: unknown): Sight => ({ status: 'failed', why: wordsOf(error) }),
        )
        if (!gone) setSight((before) => withAside(seen, before))
      }
      if (!gone) timer = setTimeout(() => void look(), AGAIN_MS)
    }
    void look()
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [bridge, connected, project, target, record, aside])
  return sight
}

/** Not asked for this time: as it was seen last. */
function withAside(seen: Sight, before: Sight): Sight {
  if (seen.status !== 'seen' || seen.sight === null || seen.sight.aside !== undefined) return seen
  const aside = before.status === 'seen' ? before.sight?.aside : undefined
  return aside === undefined ? seen : { status: 'seen', sight: { ...seen.sight, aside } }
}

function wordsOf(error: unknown): string {
  const { message, remedy } = error as { message?: string; remedy?: string }
  return [message ?? String(error), remedy ?? ''].filter(Boolean).join(' ')
}
