import type { ReactNode } from 'react'
import type { Incident } from '../../../../main/domain/incidents/incident.ts'
import type { TargetRecord } from '../../../../main/domain/targets/target.ts'
import { useNow } from '../../state/clock.ts'
import { usePreference } from '../../state/preferences.ts'
import { useWords } from '../../words/language.ts'
import { timeText } from '../events/timeText.ts'
import { type StripMoment, stripOf } from './incidents.ts'
import type { W } from './names.ts'
import css from './Strip.module.css'
import { words } from './words.ts'

/** The moments that matter on a line, evenly: minutes and days are read, not measured. */
export function Strip({
  incident,
  target,
}: {
  readonly incident: Incident
  readonly target: TargetRecord | undefined
}): ReactNode {
  const w = useWords(words)
  const language = usePreference('language')
  const now = useNow()
  const moments = stripOf(incident, target)
  return (
    <ol className={css['strip']} aria-label={w.strip} data-count={moments.length}>
      {moments.map((moment) => (
        <li key={moment.kind} data-kind={moment.kind}>
          <i aria-hidden />
          <span title={textOf(w, moment)}>{textOf(w, moment)}</span>
          <time dateTime={new Date(moment.at).toISOString()}>{timeText(moment.at, now, language)}</time>
        </li>
      ))}
    </ol>
  )
}

function textOf(w: W, { kind, what }: StripMoment): string {
  switch (kind) {
    case 'release':
    case 'opened':
      return w.moments[kind](what ?? '')
    case 'alert':
      return what === null || what === '' ? w.moments.alert : what
    default:
      return w.moments[kind]
  }
}
