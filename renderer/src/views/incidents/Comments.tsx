import { type KeyboardEvent, type ReactNode, useState } from 'react'
import type { ClientCommand } from '../../../../main/domain/commands.ts'
import { useDispatch } from '../../actions/useDispatch.ts'
import { useNow } from '../../state/clock.ts'
import { usePreference } from '../../state/preferences.ts'
import { useLive } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { useWords } from '../../words/language.ts'
import { timeText } from '../events/timeText.ts'
import { Markdown } from '../talk/Markdown.tsx'
import css from './Comments.module.css'
import type { Found } from './incidents.ts'
import { whoText } from './names.ts'
import { words } from './words.ts'

/** Longest comment the engine takes. */
const LONGEST = 16_000

/** What people say about it, and where the person says more. */
export function Comments({ found: { project, incident } }: { readonly found: Found }): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const language = usePreference('language')
  const dispatch = useDispatch()
  const connected = useLive((live) => live.connection.status === 'connected')
  const [text, setText] = useState('')
  const said = text.trim()
  const why = connected ? (said === '' ? w.commentHint : undefined) : w.notConnected
  const command: ClientCommand = {
    type: 'incident.comment',
    project: project.id,
    incident: incident.id,
    text: said,
  }
  const send = async (): Promise<void> => {
    if (why === undefined && (await dispatch(command))) setText('')
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    void send()
  }
  return (
    <section aria-label={w.comments}>
      <h3>{w.comments}</h3>
      <ul className={css['comments']}>
        {incident.comments.map((comment) => (
          <li key={`${comment.at} ${comment.text}`}>
            <p className={css['who']}>
              <b>{whoText(w, comment.by)}</b>{' '}
              <span className="muted">{timeText(comment.at, now, language)}</span>
            </p>
            <Markdown text={comment.text} />
          </li>
        ))}
      </ul>
      <div className={css['write']}>
        <textarea
          rows={2}
          maxLength={LONGEST}
          aria-label={w.comment}
          placeholder={w.commentHint}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <Button unavailable={why} onClick={() => void send()}>
          {w.comment}
        </Button>
      </div>
    </section>
  )
}
