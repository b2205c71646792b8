import { type ReactNode, useState } from 'react'
import type { ClientCommand } from '../../../../main/domain/commands.ts'
import { Field, FormDialog } from '../../actions/FormDialog.tsx'
import { useWords } from '../../words/language.ts'
import type { Found } from './incidents.ts'
import { words } from './words.ts'

/** Why it is over; what is resolved needs no reason. */
export function CloseDialog({
  found: { project, incident },
  onClose,
}: {
  readonly found: Found
  readonly onClose: () => void
}): ReactNode {
  const w = useWords(words)
  const [reason, setReason] = useState('')
  const isResolved = incident.state === 'resolved'
  const command: ClientCommand = {
    type: 'incident.close',
    project: project.id,
    incident: incident.id,
    reason: reason.trim(),
  }
  return (
    <FormDialog
      title={w.closeDialog.title(incident.id)}
      submit={w.closeDialog.submit}
      command={command}
      wrong={undefined}
      danger={!isResolved}
      onClose={onClose}
    >
      <p>{isResolved ? w.closeDialog.resolved : w.closeDialog.notResolved}</p>
      <Field label={w.closeDialog.reason}>
        <textarea
          rows={2}
          maxLength={2_000}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </Field>
    </FormDialog>
  )
}
