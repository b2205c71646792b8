import type { ReactNode } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import { alarmKey } from '../../../../main/domain/health/health.ts'
import { measureWords } from '../../../../main/domain/health/words.ts'
import type { ProjectRecord } from '../../../../main/domain/state.ts'
import { useNow } from '../../state/clock.ts'
import { usePreference } from '../../state/preferences.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import { timeText } from '../events/timeText.ts'
import css from './Health.module.css'
import { words } from './words.ts'

/** Shown; the log has the rest. */
const MOST_ACTIONS = 10

/** What is not well now, what is held back for it, and what was done by itself, each with its reason. */
export function Recovery({ project }: { readonly project: ProjectRecord }): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const language = usePreference('language')
  const { alarms, slots, actions } = project.health
  const age = (since: number): string =>
    w.since(formatDuration(Math.max(1_000, Math.floor((now - since) / 1_000) * 1_000)))
  if (Object.keys(alarms).length === 0 && slots === null && actions.length === 0)
    return <p className="muted">{w.nothingDone}</p>
  return (
    <ul className={css['lines']}>
      {Object.values(alarms).map(({ measure, role, value, since }) => (
        <li key={alarmKey(measure, role)}>
          <Glyph mark="failed" size={14} label={w.state.bad} />
          <span>
            {role !== null && `${role}: `}
            {measureWords(measure, value)}
          </span>
          <span className="muted">{age(since)}</span>
        </li>
      ))}
      {slots !== null && (
        <li>
          <Glyph mark="waiting" size={14} />
          <span>
            {w.slots(slots.agents)}: {slots.reason}
          </span>
          <span className="muted">{age(slots.since)}</span>
        </li>
      )}
      {actions
        .slice(-MOST_ACTIONS)
        .toReversed()
        .map(({ at, action, reason }) => (
          <li key={`${at} ${action}`}>
            <Glyph mark={action === 'paused' ? 'needs-you' : 'done'} size={14} />
            <span>
              {w.actions[action]}: {reason}
            </span>
            <span className="muted">{timeText(at, Date.now(), language)}</span>
          </li>
        ))}
    </ul>
  )
}
