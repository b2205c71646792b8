import { Search } from 'lucide-react'
import type { ReactNode, Ref } from 'react'
import css from './SearchField.module.css'

export function SearchField({
  value,
  onChange,
  label,
  onKeyDown,
  ref,
}: {
  readonly value: string
  readonly onChange: (value: string) => void
  /** Said, and shown while it is empty. */
  readonly label: string
  readonly onKeyDown?: (event: React.KeyboardEvent<HTMLInputElement>) => void
  readonly ref?: Ref<HTMLInputElement>
}): ReactNode {
  return (
    <label className={css['field']}>
      <Search size={14} aria-hidden />
      <input
        ref={ref}
        type="search"
        value={value}
        placeholder={label}
        aria-label={label}
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
      />
    </label>
  )
}
