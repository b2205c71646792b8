import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import { useDispatch } from '../../actions/useDispatch.ts'
import { navigate } from '../../state/place.ts'
import { useLiveRun } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { useWords } from '../../words/language.ts'
import { Composer } from './Composer.tsx'
import css from './Conversation.module.css'
import { replyTarget } from './compose.ts'
import { MessageCard } from './MessageCard.tsx'
import type { Thread } from './threads.ts'
import type { Book } from './useBook.ts'
import { useSeen } from './useSeen.ts'
import { words } from './words.ts'

interface Props {
  readonly run: Run
  readonly book: Book
  readonly thread: Thread
  /** Number of the message that is meant. */
  readonly chosen: number | undefined
}

/** One thread from its beginning to its end, and a place to answer. Only the messages in sight exist. */
export function Conversation({ run, book, thread, chosen }: Props): ReactNode {
  const w = useWords(words)
  const { messages } = thread
  const composer = useRef<HTMLTextAreaElement>(null)
  const answer = (number: number): void => {
    navigate({ at: `m${number}` }, 'replace')
    composer.current?.focus()
  }
  const target = replyTarget(messages, chosen)
  return (
    <>
      <section className={css['whole']} aria-label={w.conversation(thread.subject || w.noSubject)}>
        <Head run={run} book={book} thread={thread} />
        <Messages run={run} thread={thread} chosen={chosen} onAnswer={answer} />
      </section>
      <Composer ref={composer} run={run} book={book} target={target} />
    </>
  )
}

function Head({ run, book, thread }: Omit<Props, 'chosen'>): ReactNode {
  const w = useWords(words)
  const dispatch = useDispatch()
  const unseen = thread.messages.filter(({ personOpen }) => personOpen).map(({ number }) => number)
  // Threads of their own name may have begun before what is here.
  const whole = book.from <= 1 || thread.key === `t${thread.messages[0]!.number}`
  return (
    <header className={css['head']}>
      <h3>{thread.subject === '' ? w.noSubject : thread.subject}</h3>
      {!whole && (
        <Button look="quiet" unavailable={book.loading ? w.looking : undefined} onClick={book.earlier}>
          {w.earlier}
        </Button>
      )}
      {unseen.length > 0 && (
        <Button onClick={() => void dispatch({ type: 'message.handle', run: run.id, messages: unseen })}>
          {unseen.length === 1 ? w.seen : w.seenAll(unseen.length)}
        </Button>
      )}
    </header>
  )
}

function Messages({
  run,
  thread,
  chosen,
  onAnswer,
}: Omit<Props, 'book'> & { readonly onAnswer: (number: number) => void }): ReactNode {
  const w = useWords(words)
  const { messages } = thread
  const scroller = useRef<HTMLDivElement>(null)
  const [focus, setFocus] = useState<number | undefined>()
  const at = messages.findIndex(({ number }) => number === (focus ?? chosen))
  const current = at < 0 ? messages.length - 1 : at
  const virtual = useVirtualizer({
    count: messages.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 112,
    getItemKey: (index) => messages[index]!.number,
    overscan: 4,
    rangeExtractor: (range) =>
      current < range.count
        ? [...new Set([current, ...defaultRangeExtractor(range)])].sort((a, b) => a - b)
        : defaultRangeExtractor(range),
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: 96,
  })
  const start = useRef(chosen)
  useLayoutEffect(() => {
    if (start.current === undefined) virtual.scrollToEnd()
  }, [virtual])
  const place = messages.findIndex(({ number }) => number === chosen)
  useEffect(() => {
    if (place < 0) return
    // At first its beginning is shown; later, when it is chosen in sight, nothing moves.
    virtual.scrollToIndex(place, { align: start.current === undefined ? 'auto' : 'start' })
    start.current = undefined
  }, [place, virtual])
  const live = useLiveRun(run.id) !== undefined
  const inSight =
    virtual.range === null ? [] : messages.slice(virtual.range.startIndex, virtual.range.endIndex + 1)
  useSeen(live ? run.id : undefined, inSight)
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const article = event.target as HTMLElement
    if (article.tagName !== 'ARTICLE' || event.ctrlKey || event.metaKey || event.altKey) return
    const next = { ArrowDown: current + 1, ArrowUp: current - 1, Home: 0, End: messages.length - 1 }[
      event.key
    ]
    if (event.key === 'Enter') onAnswer(messages[current]!.number)
    else if (next === undefined) return
    else focusOn(Math.max(0, Math.min(messages.length - 1, next)))
    event.preventDefault()
  }
  const focusOn = (index: number): void => {
    setFocus(messages[index]!.number)
    virtual.scrollToIndex(index)
    const look = (tries: number): void => {
      const found = scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"] > article`)
      if (found != null) found.focus({ preventScroll: true })
      else if (tries > 0) requestAnimationFrame(() => look(tries - 1))
    }
    requestAnimationFrame(() => look(5))
  }
  return (
    <div ref={scroller} className={css['scroll']} role="feed" aria-label={w.keys} onKeyDown={onKeyDown}>
      <div role="none" className={css['body']} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start: top }) => (
          <div
            key={key}
            ref={virtual.measureElement}
            data-index={index}
            role="none"
            className={css['item']}
            style={{ transform: `translateY(${top}px)` }}
          >
            <MessageCard
              run={run}
              message={messages[index]!}
              place={index + 1}
              of={messages.length}
              chosen={messages[index]!.number === chosen}
              focusable={index === current}
              onFocus={() => setFocus(messages[index]!.number)}
              onAnswer={() => onAnswer(messages[index]!.number)}
            />
          </div>
        ))}
      </div>
    </div>
  )
}
