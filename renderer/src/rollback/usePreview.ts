import { useCallback, useEffect, useState } from 'react'
import type { PreviewRequest, RollbackPreview } from '../../../preload/contract.ts'
import { useBridge } from '../state/session.tsx'

export type Looked =
  | { readonly status: 'loading' }
  | { readonly status: 'ready'; readonly preview: RollbackPreview }
  | { readonly status: 'failed'; readonly error: unknown }

/** What going back would do, as it was seen last; `again` looks again. Undefined asks nothing. */
export function usePreview(request: PreviewRequest | undefined): {
  readonly looked: Looked
  readonly again: () => void
} {
  const bridge = useBridge()
  const [times, setTimes] = useState(0)
  const [seen, setSeen] = useState<{ readonly of: string; readonly looked: Looked } | undefined>()
  const wanted = JSON.stringify([times, request ?? null])
  useEffect(() => {
    const [, asked] = JSON.parse(wanted) as [number, PreviewRequest | null]
    if (asked === null) return
    let gone = false
    const tell = (looked: Looked): void => {
      if (!gone) setSeen({ of: wanted, looked })
    }
    bridge.request('rollbackPreview', asked).then(
      (preview) => tell({ status: 'ready', preview }),
      (error: unknown) => tell({ status: 'failed', error }),
    )
    return () => {
      gone = true
    }
  }, [bridge, wanted])
  const again = useCallback(() => setTimes((n) => n + 1), [])
  return { looked: seen?.of === wanted ? seen.looked : { status: 'loading' }, again }
}
