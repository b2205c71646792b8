import type { ReactNode } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import { usePreference } from '../../state/preferences.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import { timeText } from '../events/timeText.ts'
import { PrioritySign } from './Signs.tsx'
import css from './ThreadLine.module.css'
import { firstLine, partiesOf, type Thread } from './threads.ts'
import { nameOf, WhoGlyph } from './Who.tsx'
import { words } from './words.ts'

/** Names shown before the rest is counted. */
const NAMED = 2

/** Who talks about what, what was said last, and whether something is wanted. */
export function ThreadLine({ run, thread }: { readonly run: Run; readonly thread: Thread }): ReactNode {
  const w = useWords(words)
  const language = usePreference('language')
  const { last, messages } = thread
  const parties = partiesOf(messages)
  const names = parties.slice(0, NAMED).map((from) => nameOf(w, run, from))
  const more = parties.length - names.length
  const to = parties.length === 1 ? ` → ${last.to === 'person' ? w.person : last.to}` : ''
  const grave = messages.find(
    ({ priority, open, personOpen }) => priority === 0 && (personOpen || open.length > 0),
  )
  return (
    <div className={css['thread']} data-unread={thread.unread > 0}>
      <WhoGlyph run={run} from={last.from} size={14} />
      <p className={css['top']}>
        <span>
          {names.join(', ')}
          {more > 0 && ` + ${more}`}
          {to}
        </span>
        <time dateTime={new Date(last.at).toISOString()}>{timeText(last.at, Date.now(), language)}</time>
      </p>
      <p className={css['subject']}>
        <span>{thread.subject === '' ? w.noSubject : thread.subject}</span>
        {grave !== undefined && <PrioritySign priority={0} />}
        {thread.unread > 0 && (
          <span className={css['unread']} title={w.unread(thread.unread)}>
            <span aria-hidden>{thread.unread}</span>
            <span className="visually-hidden">{w.unread(thread.unread)}</span>
          </span>
        )}
      </p>
      <p className={css['last']}>
        {thread.asks === null ? (
          <span>{firstLine(last.content)}</span>
        ) : (
          <span className={css['asks']} data-who={thread.asks}>
            {thread.asks === 'you' && <Glyph mark="needs-you" size={12} />}
            {thread.asks === 'you' ? w.asksYou : w.asksOthers}
          </span>
        )}
        <span className={css['count']}>{messages.length > 1 ? messages.length : ''}</span>
      </p>
    </div>
  )
}
