import { type ReactNode, useMemo, useState } from 'react'
import type { ClientCommand } from '../../../../main/domain/commands.ts'
import type { ProjectRecord } from '../../../../main/domain/state.ts'
import type { TargetRecord } from '../../../../main/domain/targets/target.ts'
import { Field, FormDialog } from '../../actions/FormDialog.tsx'
import { newRunId } from '../../state/runIds.ts'
import { Button } from '../../ui/Button.tsx'
import { confirm } from '../../ui/Dialog.tsx'
import { useWords } from '../../words/language.ts'
import css from './TakeDown.module.css'
import { takeDownWords } from './takeDownWords.ts'
import { useSend } from './usePointActions.ts'

interface Props {
  readonly project: ProjectRecord
  readonly record: TargetRecord
}

/** A target that something is released at is taken down; one that nothing is at may be forgotten. */
export function TakeDown({ project, record }: Props): ReactNode {
  const w = useWords(takeDownWords)
  const { why, send } = useSend()
  const [asking, setAsking] = useState(false)
  const { name } = record.spec
  const forget: ClientCommand = { type: 'target.forget', project: project.id, target: name }
  if (record.current === null)
    return (
      <Button
        unavailable={why(forget)}
        onClick={() =>
          void (async () => {
            const question = {
              title: w.forgetQuestion(name),
              text: w.forgetText,
              confirm: w.forget,
              danger: true,
            }
            if (await confirm(question)) await send(forget, w.forgotten(name))
          })()
        }
      >
        {w.forget}
      </Button>
    )
  const trial: ClientCommand = { ...takeDown(project, name, false), run: newRunId() }
  return (
    <>
      <Button look="danger" unavailable={why(trial)} onClick={() => setAsking(true)}>
        {w.takeDown}
      </Button>
      {asking && <TakeDownDialog project={project} record={record} onClose={() => setAsking(false)} />}
    </>
  )
}

const takeDown = ({ id }: ProjectRecord, target: string, withData: boolean) =>
  ({ type: 'target.take-down', project: id, target, withData }) as const

/** Not a yes by habit: its name is to be typed. */
function TakeDownDialog({ project, record, onClose }: Props & { readonly onClose: () => void }): ReactNode {
  const w = useWords(takeDownWords)
  const [typed, setTyped] = useState('')
  const [withData, setWithData] = useState(false)
  const run = useMemo(newRunId, [])
  const { spec, current } = record
  const isOurs = spec.place.kind === 'docker' || spec.place.kind === 'compose'
  return (
    <FormDialog
      title={w.title(spec.name)}
      submit={w.submit}
      command={{ ...takeDown(project, spec.name, withData), run }}
      wrong={typed.trim() === spec.name ? undefined : w.wrong}
      danger
      onClose={onClose}
    >
      <p>{w.text(current?.release.version ?? w.what)}</p>
      {isOurs && spec.database?.kind !== 'hook' && spec.database !== null && (
        <label className={css['check']}>
          <input type="checkbox" checked={withData} onChange={(event) => setWithData(event.target.checked)} />
          <span>{w.data}</span>
        </label>
      )}
      <p className="muted">{withData ? w.dataText : w.keeps}</p>
      <Field label={w.type(spec.name)}>
        <input value={typed} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />
      </Field>
    </FormDialog>
  )
}
