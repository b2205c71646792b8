import { type ReactNode, useState } from 'react'
import type { ClientCommand } from '../../../../main/domain/commands.ts'
import { Field, FormDialog } from '../../actions/FormDialog.tsx'
import { useWords } from '../../words/language.ts'
import type { Found } from './incidents.ts'
import { words } from './words.ts'

/** What is known afterwards: the root cause, and whom it hurt. */
export function ReviewDialog({
  found: { project, incident },
  onClose,
}: {
  readonly found: Found
  readonly onClose: () => void
}): ReactNode {
  const w = useWords(words)
  const [rootCause, setRootCause] = useState(incident.rootCause ?? '')
  const [impact, setImpact] = useState(incident.impact ?? '')
  const changed = (now: string, before: string | null): string | undefined =>
    now.trim() === '' || now.trim() === before ? undefined : now.trim()
  const cause = changed(rootCause, incident.rootCause)
  const hurt = changed(impact, incident.impact)
  const command: ClientCommand = {
    type: 'incident.review',
    project: project.id,
    incident: incident.id,
    ...(cause === undefined ? {} : { rootCause: cause }),
    ...(hurt === undefined ? {} : { impact: hurt }),
  }
  return (
    <FormDialog
      title={w.reviewDialog.title(incident.id)}
      submit={w.reviewDialog.submit}
      command={command}
      wrong={cause === undefined && hurt === undefined ? w.already : undefined}
      onClose={onClose}
    >
      <Field label={w.rootCause}>
        <textarea
          rows={4}
          maxLength={16_000}
          value={rootCause}
          onChange={(event) => setRootCause(event.target.value)}
        />
      </Field>
      <Field label={w.impact}>
        <textarea
          rows={3}
          maxLength={16_000}
          value={impact}
          onChange={(event) => setImpact(event.target.value)}
        />
      </Field>
    </FormDialog>
  )
}
