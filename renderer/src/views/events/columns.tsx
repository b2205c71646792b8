import { useMemo } from 'react'
import type { EventEnvelope } from '../../../../main/domain/events.ts'
import { usePreference } from '../../state/preferences.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import type { Column } from '../../ui/Table.tsx'
import { useWords } from '../../words/language.ts'
import css from './Events.module.css'
import type { NameOf } from './runNames.ts'
import { markOfEvent, sentenceOfEvent } from './sentence.ts'
import { timeText } from './timeText.ts'
import { sentences, words } from './words.ts'

/** Below this width who did it is left to the event's own text, px. */
const NARROW = 800

export function useColumns(width: number, nameOf: NameOf): readonly Column<EventEnvelope>[] {
  const w = useWords(words)
  const s = useWords(sentences)
  const language = usePreference('language')
  const narrow = width > 0 && width < NARROW
  return useMemo(() => {
    const time: Column<EventEnvelope> = {
      id: 'time',
      head: w.time,
      width: '92px',
      cell: (event) => (
        <time
          className="muted"
          dateTime={new Date(event.time).toISOString()}
          title={new Date(event.time).toLocaleString(language, { dateStyle: 'full', timeStyle: 'medium' })}
        >
          {timeText(event.time, Date.now(), language)}
        </time>
      ),
    }
    const seq: Column<EventEnvelope> = {
      id: 'seq',
      head: w.seq,
      width: '56px',
      align: 'end',
      cell: (event) => <span className="muted">{event.seq}</span>,
    }
    const actor: Column<EventEnvelope> = {
      id: 'actor',
      head: w.actor.toLowerCase(),
      width: '72px',
      cell: (event) => <span className="muted">{actorName(event.actor)}</span>,
    }
    const run: Column<EventEnvelope> = {
      id: 'run',
      head: w.run,
      width: '84px',
      cell: (event) => <span className="muted">{nameOf(event.run)?.name ?? event.run ?? ''}</span>,
    }
    const type: Column<EventEnvelope> = {
      id: 'type',
      head: w.type,
      width: narrow ? '118px' : '148px',
      cell: (event) => <code className={css['type']}>{event.type}</code>,
    }
    const what: Column<EventEnvelope> = {
      id: 'what',
      head: w.what,
      width: 'minmax(160px, 1fr)',
      cell: (event) => {
        const mark = markOfEvent(event.data)
        const text = sentenceOfEvent(s, event.data, nameOf(event.run)?.plan)
        return (
          <span className={css['what']} title={text}>
            <span className={css['mark']}>
              {mark !== undefined && <Glyph mark={mark} size={12} progress={0.6} />}
            </span>
            <span>{text}</span>
          </span>
        )
      },
    }
    return narrow ? [time, seq, run, type, what] : [time, seq, actor, run, type, what]
  }, [w, s, language, narrow, nameOf])
}

export function actorName(actor: string): string {
  return actor.replace(/^person:/, '')
}
