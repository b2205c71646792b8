import type { ReactNode } from 'react'
import { useCalm } from '../../state/calm.ts'
import { navigate, usePlace } from '../../state/place.ts'
import { useEngineState } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { Empty, Loading } from '../../ui/Notice.tsx'
import { useWords } from '../../words/language.ts'
import { OfProject } from '../projects/OfProject.tsx'
import { Board } from './Board.tsx'
import { IncidentPage } from './IncidentPage.tsx'
import { findIncident } from './incidents.ts'
import { words } from './words.ts'

/** The incidents of a project, worst first; one of them as a page of its own. */
export function Incidents(): ReactNode {
  const w = useWords(words)
  const { at } = usePlace()
  const state = useCalm(useEngineState())
  if (at === undefined)
    return <OfProject View={Board} has={({ incidents }) => incidents.length > 0} text={w.noProjectText} />
  if (state === undefined) return <Loading />
  const found = findIncident(state, at)
  if (found === undefined)
    return (
      <Empty title={w.missing} action={<Button onClick={() => navigate({ at: undefined })}>{w.back}</Button>}>
        {w.missingText}
      </Empty>
    )
  return <IncidentPage key={`${found.project.id}/${found.incident.id}`} state={state} found={found} />
}
