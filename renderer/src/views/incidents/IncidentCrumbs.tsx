import type { ReactNode } from 'react'
import { formatPlace, usePlace } from '../../state/place.ts'
import { useLive } from '../../state/session.tsx'
import { useWords } from '../../words/language.ts'
import css from './IncidentCrumbs.module.css'
import { findIncident } from './incidents.ts'
import { words } from './words.ts'

/** Where the person is, in the bar: it is no run that is looked at. */
export function IncidentCrumbs(): ReactNode {
  const w = useWords(words)
  const { at, run } = usePlace()
  const found = useLive(({ state }) =>
    state === undefined ? undefined : findIncident(state, at)?.incident.id,
  )
  const project = useLive(({ state }) =>
    state === undefined ? undefined : findIncident(state, at)?.project.name,
  )
  const board = formatPlace({ view: 'incidents', ...(run === undefined ? {} : { run }) })
  return (
    <p className={css['crumbs']}>
      {project !== undefined && <span className="muted">{project} /</span>}
      <a href={board}>{w.crumb}</a>
      {found !== undefined && (
        <>
          <span className="muted">/</span>
          <strong>{w.incident(found)}</strong>
        </>
      )}
    </p>
  )
}
