import type { ReactNode } from 'react'
import type { Mark } from '../../../main/domain/status.ts'
import { Glyph } from './Glyph.tsx'
import css from './Toolbar.module.css'

/** The line of filters and switches above a view's content. */
export function Toolbar({
  label,
  children,
}: {
  readonly label: string
  readonly children: ReactNode
}): ReactNode {
  return (
    <div role="toolbar" aria-label={label} className={css['toolbar']}>
      {children}
    </div>
  )
}

/** Pushes what follows to the end of the line. */
export function Space(): ReactNode {
  return <span className={css['space']} />
}

/** A state, how many are in it, and whether only they are shown. */
export function Chip({
  mark,
  pressed,
  count,
  onClick,
  children,
}: {
  readonly mark?: Mark
  readonly pressed: boolean
  readonly count?: number
  readonly onClick: () => void
  readonly children: ReactNode
}): ReactNode {
  return (
    <button type="button" aria-pressed={pressed} className={css['chip']} onClick={onClick}>
      {mark !== undefined && <Glyph mark={mark} size={12} progress={1} />}
      {children}
      {count !== undefined && <span className={css['count']}>{count}</span>}
    </button>
  )
}

/** One of a few, all in sight. */
export function Segments<T extends string>({
  label,
  options,
  value,
  onChange,
}: {
  readonly label: string
  readonly options: readonly { readonly id: T; readonly label: string; readonly unavailable?: boolean }[]
  readonly value: T
  readonly onChange: (value: T) => void
}): ReactNode {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a line of buttons
    <div role="group" aria-label={label} className={css['segments']}>
      {options.map((option) => (
        <button
          key={option.id}
          type="button"
          aria-pressed={option.id === value}
          disabled={option.unavailable === true}
          onClick={() => onChange(option.id)}
        >
          {option.label}
        </button>
      ))}
    </div>
  )
}

/** One of many. The empty value stands for all of them, where `all` says how that is called. */
export function Choice({
  label,
  all,
  options,
  value,
  onChange,
}: {
  readonly label: string
  readonly all?: string
  readonly options: readonly { readonly id: string; readonly label: string }[]
  readonly value: string
  readonly onChange: (value: string) => void
}): ReactNode {
  return (
    <select
      className={css['choice']}
      aria-label={label}
      value={value}
      data-chosen={all !== undefined && value !== ''}
      onChange={(event) => onChange(event.target.value)}
    >
      {all !== undefined && <option value="">{all}</option>}
      {options.map(({ id, label: text }) => (
        <option key={id} value={id}>
          {text}
        </option>
      ))}
    </select>
  )
}
