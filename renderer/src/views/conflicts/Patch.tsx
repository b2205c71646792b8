import { type ReactNode, useEffect, useState } from 'react'
import type { ProjectId } from '../../../../main/domain/ids.ts'
import { useBridge } from '../../state/session.tsx'
import { useWhenBack } from '../../state/whenBack.ts'
import { Button } from '../../ui/Button.tsx'
import { DiffText, lineCount } from '../../ui/DiffText.tsx'
import { useWords } from '../../words/language.ts'
import css from './Conflicts.module.css'
import { words } from './words.ts'

/** More lines of one side are not read in a card. */
const MOST_LINES = 400
/** Fetched ones that are kept, the oldest given up first: what a hash names never changes. */
const MOST_KEPT = 40
const kept = new Map<string, string>()

type Fetched =
  | { readonly status: 'fetching' }
  | { readonly status: 'here'; readonly text: string }
  | { readonly status: 'gone' }
  | { readonly status: 'failed'; readonly why: string }

/** What one side changed, fetched by its content's hash. */
export function Patch({
  project,
  hash,
  who,
}: {
  readonly project: ProjectId
  readonly hash: string
  readonly who: string
}): ReactNode {
  const w = useWords(words)
  const [fetched, again] = usePatch(project, hash)
  switch (fetched.status) {
    case 'fetching':
      return <p className="muted">{w.patchLoading}</p>
    case 'gone':
      return <p className="muted">{w.patchGone}</p>
    case 'failed':
      return (
        <p className={css['failed']}>
          {w.patchFailed(fetched.why)} <Button onClick={again}>{w.again}</Button>
        </p>
      )
    case 'here': {
      const cut = lineCount(fetched.text) - MOST_LINES
      return (
        <div className={css['patch']}>
          <DiffText brief text={fetched.text} most={MOST_LINES} label={w.changes(who)} />
          {cut > 0 && <p className="muted">{w.patchCut(cut)}</p>}
        </div>
      )
    }
  }
}

function usePatch(project: ProjectId, hash: string): readonly [Fetched, () => void] {
  const bridge = useBridge()
  const [fetched, setFetched] = useState<Fetched>(() => fromKept(project, hash))
  const [tries, setTries] = useState(0)
  const again = (): void => setTries((n) => n + 1)
  useEffect(() => {
    void tries
    const known = fromKept(project, hash)
    setFetched(known)
    if (known.status === 'here') return
    let gone = false
    bridge.request('patch', { project, hash }).then(
      (text) => {
        if (text !== null) keep(project, hash, text)
        if (!gone) setFetched(text === null ? { status: 'gone' } : { status: 'here', text })
      },
      (error: unknown) => {
        const why = (error as { message?: string }).message ?? String(error)
        if (!gone) setFetched({ status: 'failed', why })
      },
    )
    return () => {
      gone = true
    }
  }, [bridge, project, hash, tries])
  useWhenBack(fetched.status === 'failed' ? again : undefined)
  return [fetched, again]
}

function fromKept(project: ProjectId, hash: string): Fetched {
  const text = kept.get(`${project} ${hash}`)
  return text === undefined ? { status: 'fetching' } : { status: 'here', text }
}

function keep(project: ProjectId, hash: string, text: string): void {
  kept.set(`${project} ${hash}`, text)
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!)
}
