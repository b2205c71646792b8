import { type ReactNode, useCallback, useDeferredValue, useEffect, useMemo, useState } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import { navigate, usePlace } from '../../state/place.ts'
import { Button } from '../../ui/Button.tsx'
import { Empty } from '../../ui/Notice.tsx'
import { Table } from '../../ui/Table.tsx'
import { useWords } from '../../words/language.ts'
import { Composer } from './Composer.tsx'
import { Conversation } from './Conversation.tsx'
import css from './Talk.module.css'
import { ThreadLine } from './ThreadLine.tsx'
import { atThread, messageIn, threadIn } from './tabs.ts'
import { isFiltered, type TalkFilter, type Thread, threadsOf } from './threads.ts'
import type { Book } from './useBook.ts'
import { words } from './words.ts'

interface Props {
  readonly run: Run
  readonly book: Book
  readonly filter: TalkFilter
  readonly onClear: () => void
}

/** The threads, and the one that is chosen. */
export function Conversations({ run, book, filter, onClear }: Props): ReactNode {
  const w = useWords(words)
  const wanted = useDeferredValue(filter)
  const { messages } = book
  const threads = useMemo(() => threadsOf(messages, wanted, run), [messages, wanted, run])
  const { thread, chosen, writing } = useChosen(run, book, threads)
  const { earlier, from } = book
  const onEdge = useCallback(
    (edge: 'first' | 'last', inSight: boolean) => {
      if (edge === 'last' && inSight && from > 1) earlier()
    },
    [earlier, from],
  )
  const fresh = writing || messages.length === 0
  const column = {
    id: 'thread',
    head: w.threadsHead(threads.length),
    width: 'minmax(0, 1fr)',
    cell: (one: Thread) => <ThreadLine run={run} thread={one} />,
  }
  return (
    <div className={css['conversations']}>
      <div className={css['threads']}>
        <Table<Thread>
          label={w.threads}
          columns={[column]}
          rows={threads}
          keyOf={(one) => one.key}
          rowHeight={64}
          selected={writing ? undefined : thread?.key}
          onActivate={(one) => navigate({ at: atThread(one.key) })}
          onEdge={onEdge}
          markOf={(one) => (one.asks === 'you' ? 'needs-you' : undefined)}
          empty={
            isFiltered(filter) ? (
              <Empty title={w.noMatch} action={<Button onClick={onClear}>{w.clear}</Button>} />
            ) : (
              <Empty title={w.noTalk}>{w.noTalkText}</Empty>
            )
          }
        />
      </div>
      <div className={css['conversation']}>
        {writing || thread === undefined ? (
          <>
            <Empty title={fresh ? w.newMessage : w.choose}>{fresh ? w.newMessageText : w.chooseText}</Empty>
            <Composer key="new" run={run} book={book} target={undefined} />
          </>
        ) : (
          <Conversation key={thread.key} run={run} book={book} thread={thread} chosen={chosen} />
        )}
      </div>
    </div>
  )
}

/** The thread in the address; without one what the person is asked, else the newest there is at first. */
function useChosen(
  run: Run,
  book: Book,
  threads: readonly Thread[],
): { readonly thread: Thread | undefined; readonly chosen: number | undefined; readonly writing: boolean } {
  const { at } = usePlace()
  const [first, setFirst] = useState<string | undefined>()
  const chosen = messageIn(at)
  const meant = chosen === undefined ? undefined : book.get(chosen)
  const writing = at === 'new'
  // What is meant may lie further back than what is here.
  const missing =
    chosen !== undefined && meant === undefined && chosen < book.from && chosen <= run.talk.messages.count
  const { earlier, loading } = book
  useEffect(() => {
    if (missing && !loading) earlier()
  }, [missing, loading, earlier])
  const suggested = (threads.find((one) => one.asks === 'you') ?? threads[0])?.key
  useEffect(() => {
    if (suggested !== undefined) setFirst((now) => now ?? suggested)
  }, [suggested])
  const key = meant?.thread ?? threadIn(at) ?? (at === undefined ? (first ?? suggested) : undefined)
  const shown = threads.find((one) => one.key === key)
  // What is looked at stays, though the filter leaves it out of the list.
  const left = useMemo(
    () =>
      shown !== undefined || key === undefined
        ? undefined
        : wholeThread(
            key,
            book.messages.filter((message) => message.thread === key),
            run,
          ),
    [shown, key, book.messages, run],
  )
  return { thread: shown ?? left, chosen, writing }
}

function wholeThread(key: string, messages: Thread['messages'], run: Run): Thread | undefined {
  const everything = { text: '', who: '', type: '', priority: '', kind: '', open: false, digests: true }
  return threadsOf(messages, everything, run).find((one) => one.key === key)
}
