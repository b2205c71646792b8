import { ChevronRight } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { Incident } from '../../../../main/domain/incidents/incident.ts'
import { useNow } from '../../state/clock.ts'
import { usePreference } from '../../state/preferences.ts'
import { useWords } from '../../words/language.ts'
import { timeText } from '../events/timeText.ts'
import css from './Log.module.css'
import { whoText } from './names.ts'
import { words } from './words.ts'

/** All moments that are kept, the newest first. */
export function Log({ incident }: { readonly incident: Incident }): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const language = usePreference('language')
  const [open, setOpen] = useState(false)
  const moments = incident.timeline.toReversed()
  return (
    <section aria-label={w.log}>
      <h3>
        <button type="button" className={css['head']} aria-expanded={open} onClick={() => setOpen(!open)}>
          <ChevronRight size={13} aria-hidden /> {w.log} · {w.logHint(moments.length)}
        </button>
      </h3>
      {open && (
        <ol className={css['log']}>
          {moments.map((moment, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: counted from the beginning, which does not move
            <li key={moments.length - i}>
              <time dateTime={new Date(moment.at).toISOString()}>{timeText(moment.at, now, language)}</time>
              <span className="muted">{moment.by === null ? '' : whoText(w, moment.by)}</span>
              <span>{moment.text}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
