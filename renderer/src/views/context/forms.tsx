import { type ReactNode, useState } from 'react'
import type { ClientCommand } from '../../../../main/domain/commands.ts'
import {
  COMPONENT_STATUSES,
  type Component,
  componentChangeSchema,
  RISK_LEVELS,
  RISK_STATUSES,
  type Risk,
  riskChangeSchema,
} from '../../../../main/domain/context/entities.ts'
import type { ProjectRecord } from '../../../../main/domain/state.ts'
import css from '../../actions/FormDialog.module.css'
import { Field, FormDialog } from '../../actions/FormDialog.tsx'
import { useWords } from '../../words/language.ts'
import { componentChange, componentForm, idFrom, riskChange, riskForm } from './entities.ts'
import { words } from './words.ts'

export function RiskDialog({
  project,
  risk,
  onClose,
}: {
  readonly project: ProjectRecord
  readonly risk: Risk | undefined
  readonly onClose: () => void
}): ReactNode {
  const w = useWords(words)
  const [form, setForm] = useState(() => riskForm(risk))
  const change = riskChange(form)
  const command: ClientCommand = { type: 'risk.record', project: project.id, risk: change }
  const parsed = riskChangeSchema.safeParse(change)
  return (
    <FormDialog
      title={risk === undefined ? w.newRisk : w.editRisk(risk.id)}
      command={command}
      wrong={parsed.success ? undefined : parsed.error.issues[0]?.message}
      submit={w.save}
      already={w.already}
      onClose={onClose}
    >
      <Text label={w.title} value={form.title} onChange={(title) => setForm({ ...form, title })} />
      <div className={css['pair']}>
        <Choose
          label={w.level}
          options={RISK_LEVELS.map((id) => [id, w.levels[id]])}
          value={form.level}
          onChange={(level) => setForm({ ...form, level })}
        />
        <Choose
          label={w.status}
          options={RISK_STATUSES.map((id) => [id, w.riskStatuses[id]])}
          value={form.status}
          onChange={(status) => setForm({ ...form, status })}
        />
      </div>
      <Area label={w.impact} value={form.impact} onChange={(impact) => setForm({ ...form, impact })} />
      <Area
        label={w.mitigation}
        value={form.mitigation}
        onChange={(mitigation) => setForm({ ...form, mitigation })}
      />
      <div className={css['pair']}>
        <Text label={w.owner} value={form.owner} onChange={(owner) => setForm({ ...form, owner })} />
        <Text
          label={w.id}
          value={form.id}
          hint={idFrom(form.title) || w.idHint}
          fixed={risk !== undefined}
          onChange={(id) => setForm({ ...form, id })}
        />
      </div>
    </FormDialog>
  )
}

export function ComponentDialog({
  project,
  component,
  onClose,
}: {
  readonly project: ProjectRecord
  readonly component: Component | undefined
  readonly onClose: () => void
}): ReactNode {
  const w = useWords(words)
  const [form, setForm] = useState(() => componentForm(component))
  const change = componentChange(form)
  const parsed = componentChangeSchema.safeParse(change)
  return (
    <FormDialog
      title={component === undefined ? w.newComponent : w.editComponent(component.name)}
      command={{ type: 'component.record', project: project.id, component: change }}
      wrong={parsed.success ? undefined : parsed.error.issues[0]?.message}
      submit={w.save}
      already={w.already}
      onClose={onClose}
    >
      <Text
        label={w.name}
        hint={w.nameHint}
        value={form.name}
        fixed={component !== undefined}
        onChange={(name) => setForm({ ...form, name })}
      />
      <div className={css['pair']}>
        <Choose
          label={w.status}
          options={COMPONENT_STATUSES.map((id) => [id, w.statuses[id]])}
          value={form.status}
          onChange={(status) => setForm({ ...form, status })}
        />
        <Text
          label={w.owners}
          hint={w.ownersHint}
          value={form.owners}
          onChange={(owners) => setForm({ ...form, owners })}
        />
      </div>
      <Area
        label={w.description}
        value={form.description}
        onChange={(description) => setForm({ ...form, description })}
      />
      <Text
        label={w.change}
        hint={w.changeHint}
        value={form.change}
        onChange={(next) => setForm({ ...form, change: next })}
      />
    </FormDialog>
  )
}

interface FieldProps {
  readonly label: string
  readonly value: string
  readonly hint?: string
  readonly fixed?: boolean
  readonly onChange: (value: string) => void
}

function Text({ label, value, hint, fixed = false, onChange }: FieldProps): ReactNode {
  return (
    <Field label={label}>
      <input
        value={value}
        placeholder={hint}
        readOnly={fixed}
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  )
}

function Area({ label, value, onChange }: FieldProps): ReactNode {
  return (
    <Field label={label}>
      <textarea
        className={css['low']}
        rows={2}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  )
}

function Choose<T extends string>({
  label,
  options,
  value,
  onChange,
}: {
  readonly label: string
  readonly options: readonly (readonly [T, string])[]
  readonly value: T
  readonly onChange: (value: T) => void
}): ReactNode {
  return (
    <Field label={label}>
      <select value={value} onChange={(event) => onChange(event.target.value as T)}>
        {options.map(([id, text]) => (
          <option key={id} value={id}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  )
}
