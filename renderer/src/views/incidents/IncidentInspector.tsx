import type { ReactNode } from 'react'
import { incidentPage } from '../../../../main/domain/incidents/views.ts'
import { useCalm } from '../../state/calm.ts'
import { usePlace } from '../../state/place.ts'
import { useEngineState } from '../../state/session.tsx'
import { Loading } from '../../ui/Notice.tsx'
import { Afterwards } from './Afterwards.tsx'
import { Choose } from './Choose.tsx'
import { Command } from './Command.tsx'
import { DiagnosisView } from './DiagnosisView.tsx'
import { findIncident } from './incidents.ts'

/** Why, what can be done about it, who is in command, and what is to be learnt. */
export function IncidentInspector(): ReactNode {
  const { at } = usePlace()
  const state = useCalm(useEngineState())
  if (state === undefined) return <Loading />
  const found = findIncident(state, at)
  const page = found === undefined ? undefined : incidentPage(state, found.project, found.incident.id)
  if (found === undefined || page === undefined) return null
  return (
    <>
      <DiagnosisView incident={found.incident} causes={page.causes} isFinal={page.isFinal} />
      <Choose found={found} choices={page.choices} />
      <Command incident={found.incident} />
      <Afterwards found={found} />
    </>
  )
}
