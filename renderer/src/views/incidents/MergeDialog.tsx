import { type ReactNode, useState } from 'react'
import type { ClientCommand } from '../../../../main/domain/commands.ts'
import { incidentAt } from '../../../../main/domain/incidents/address.ts'
import { incidentBoard } from '../../../../main/domain/incidents/views.ts'
import { Field, FormDialog } from '../../actions/FormDialog.tsx'
import { navigate } from '../../state/place.ts'
import { useWords } from '../../words/language.ts'
import type { Found } from './incidents.ts'
import { words } from './words.ts'

/** The same trouble twice: which of the others goes on. */
export function MergeDialog({
  found: { project, incident },
  onClose,
}: {
  readonly found: Found
  readonly onClose: () => void
}): ReactNode {
  const w = useWords(words)
  const others = incidentBoard(project).active.filter(({ id }) => id !== incident.id)
  const [chosen, setChosen] = useState(others[0]?.id ?? '')
  const command: ClientCommand = {
    type: 'incident.merge',
    project: project.id,
    incident: incident.id,
    into: chosen === '' ? incident.id : chosen,
  }
  return (
    <FormDialog
      title={w.mergeDialog.title(incident.id)}
      submit={w.mergeDialog.submit}
      command={command}
      wrong={others.length === 0 ? w.mergeDialog.none : undefined}
      onClose={onClose}
      onDone={() => navigate({ at: incidentAt(project.id, chosen) })}
    >
      <p>{w.mergeDialog.text}</p>
      <Field label={w.mergeDialog.into}>
        <select value={chosen} onChange={(event) => setChosen(event.target.value)}>
          {others.map(({ id, severity, title }) => (
            <option key={id} value={id}>
              {severity} {w.toIncident(id, title)}
            </option>
          ))}
        </select>
      </Field>
    </FormDialog>
  )
}
