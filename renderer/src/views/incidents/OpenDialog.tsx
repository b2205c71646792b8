import { type ReactNode, useState } from 'react'
import type { ClientCommand } from '../../../../main/domain/commands.ts'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { ProjectId } from '../../../../main/domain/ids.ts'
import { DEFAULT_LEVELS, SEVERITIES, type Severity } from '../../../../main/domain/incidents/policy.ts'
import type { ProjectRecord, State } from '../../../../main/domain/state.ts'
import css from '../../actions/FormDialog.module.css'
import { Field, FormDialog } from '../../actions/FormDialog.tsx'
import { navigate } from '../../state/place.ts'
import { useSelectedRunId } from '../../state/selectedRun.ts'
import { Dialog } from '../../ui/Dialog.tsx'
import { useWords } from '../../words/language.ts'
import { NoProject } from '../projects/OfProject.tsx'
import { words } from './words.ts'

interface Props {
  readonly state: State
  /** Undefined: that of the run on the screen, else the first. */
  readonly project: ProjectId | undefined
  readonly onClose: () => void
}

/** A person saw trouble: what it is, how bad, and where. */
export function OpenDialog({ state, project: named, onClose }: Props): ReactNode {
  const w = useWords(words)
  const run = useSelectedRunId()
  const [chosen, setChosen] = useState(named ?? (run && state.runs.get(run)?.project))
  const project = state.projects.get(chosen as ProjectId) ?? [...state.projects.values()][0]
  if (project === undefined)
    return (
      <Dialog open onClose={onClose} title={w.openDialog.title}>
        <NoProject>{w.noProjectText}</NoProject>
      </Dialog>
    )
  return <Form state={state} project={project} onProject={setChosen} onClose={onClose} />
}

function Form({
  state,
  project,
  onProject,
  onClose,
}: {
  readonly state: State
  readonly project: ProjectRecord
  readonly onProject: (id: ProjectId) => void
  readonly onClose: () => void
}): ReactNode {
  const w = useWords(words)
  const [title, setTitle] = useState('')
  const [text, setText] = useState('')
  const [severity, setSeverity] = useState<Severity>('P1')
  const [target, setTarget] = useState('')
  const targets = targetsOf(project)
  const levels = project.setup?.incidents.levels ?? DEFAULT_LEVELS
  const level = levels[severity]
  const named = targets.includes(target) ? target : null
  const command: ClientCommand = {
    type: 'incident.open',
    project: project.id,
    incident: { severity, title: title.trim(), text: text.trim(), target: named },
  }
  return (
    <FormDialog
      title={w.openDialog.title}
      submit={w.openDialog.submit}
      command={command}
      wrong={title.trim() === '' ? w.openDialog.needTitle : undefined}
      onClose={onClose}
      onDone={() => navigate({ view: 'incidents', at: undefined })}
    >
      <Field label={w.openDialog.what}>
        <input value={title} maxLength={500} onChange={(event) => setTitle(event.target.value)} />
      </Field>
      <div className={css['pair']}>
        <Field label={w.openDialog.severity}>
          <select value={severity} onChange={(event) => setSeverity(event.target.value as Severity)}>
            {SEVERITIES.map((id) => (
              <option key={id} value={id}>
                {id} · {levels[id].description}
              </option>
            ))}
          </select>
        </Field>
        <Field label={w.openDialog.target}>
          <select value={named ?? ''} onChange={(event) => setTarget(event.target.value)}>
            <option value="">{w.openDialog.noTarget}</option>
            {targets.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </Field>
      </div>
      <p className={css['hint']}>
        {w.openDialog.respond(formatDuration(level.responseMs))} · {level.authority} · {level.coordination}
      </p>
      <Field label={w.openDialog.text}>
        <textarea
          rows={3}
          maxLength={16_000}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
      {state.projects.size > 1 && (
        <Field label={w.openDialog.project}>
          <select value={project.id} onChange={(event) => onProject(event.target.value as ProjectId)}>
            {[...state.projects.values()].map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </Field>
      )}
    </FormDialog>
  )
}

function targetsOf({ setup, targets }: ProjectRecord): readonly string[] {
  return [...new Set([...(setup?.targets.map(({ name }) => name) ?? []), ...Object.keys(targets)])]
}
