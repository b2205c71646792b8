import { type ReactNode, useState } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import { isOpen } from '../../../../main/domain/talk/handoff.ts'
import { useCalm } from '../../state/calm.ts'
import { navigate, usePlace } from '../../state/place.ts'
import { useSelectedRun } from '../../state/selectedRun.ts'
import { useLive } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { Empty, Loading, Trouble } from '../../ui/Notice.tsx'
import { SearchField } from '../../ui/SearchField.tsx'
import { Segments, Space, Toolbar } from '../../ui/Toolbar.tsx'
import { useWords } from '../../words/language.ts'
import { Ballots } from './Ballots.tsx'
import { Conversations } from './Conversations.tsx'
import { Filters } from './Filters.tsx'
import { Handoffs } from './Handoffs.tsx'
import css from './Talk.module.css'
import { type Tab, tabOf } from './tabs.ts'
import { NO_FILTER } from './threads.ts'
import { useBook } from './useBook.ts'
import { words } from './words.ts'

/** What is being said in a run: conversations, hand-offs and votes. */
export function Talk(): ReactNode {
  const w = useWords(words)
  const found = useSelectedRun()
  const known = useLive((live) => live.state !== undefined)
  if (!known || found.status === 'loading') return <Loading />
  if (found.status === 'failed') return <Trouble error={found.error} onRetry={found.retry} />
  if (found.status === 'missing')
    return (
      <Empty
        title={w.noRun}
        action={<Button onClick={() => navigate({ view: 'projects' })}>{w.start}</Button>}
      >
        {w.noRunText}
      </Empty>
    )
  return <TalkOf key={found.value.id} run={found.value} />
}

/** How often a picture of what is said is drawn anew, ms: nobody reads faster. */
const CALM_MS = 150

function TalkOf({ run: latest }: { readonly run: Run }): ReactNode {
  const w = useWords(words)
  const run = useCalm(latest, CALM_MS)
  const { at } = usePlace()
  const [filter, setFilter] = useState(NO_FILTER)
  const book = useBook(run)
  const tab = tabOf(at)
  const { handoffs, ballots } = run.talk
  const options = [
    { id: 'talk' as const, label: w.tabs.talk },
    { id: 'handoffs' as const, label: w.tabOf(w.tabs.handoffs, handoffs.filter(isOpen).length) },
    {
      id: 'ballots' as const,
      label: w.tabOf(w.tabs.ballots, ballots.filter((one) => one.closed === null).length),
    },
  ]
  return (
    <div className={css['talk']}>
      <Toolbar label={w.tabs.label}>
        <Segments
          label={w.tabs.label}
          options={options}
          value={tab}
          onChange={(next: Tab) => navigate({ at: next === 'talk' ? undefined : next })}
        />
        {tab === 'talk' && (
          <>
            <Space />
            <SearchField
              label={w.search}
              value={filter.text}
              onChange={(text) => setFilter({ ...filter, text })}
            />
            <Button onClick={() => navigate({ at: 'new' })}>{w.write}</Button>
          </>
        )}
      </Toolbar>
      {tab === 'talk' && (
        <div className={css['filters']}>
          <Filters run={run} messages={book.messages} filter={filter} onFilter={setFilter} />
        </div>
      )}
      {tab === 'talk' && (
        <Conversations run={run} book={book} filter={filter} onClear={() => setFilter(NO_FILTER)} />
      )}
      {tab === 'handoffs' && <Handoffs run={run} />}
      {tab === 'ballots' && <Ballots run={run} />}
    </div>
  )
}
