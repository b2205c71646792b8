import { Tooltip } from '@base-ui/react/tooltip'
import type { ButtonHTMLAttributes, ReactNode } from 'react'
import css from './Button.module.css'

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className'>

export interface ButtonProps extends Native {
  readonly look?: 'plain' | 'primary' | 'danger' | 'quiet'
  /** Why it cannot be pressed now; the button stays in reach of the keyboard and says so. */
  readonly unavailable?: string | undefined
}

export function Button({ look = 'plain', unavailable, onClick, children, ...rest }: ButtonProps): ReactNode {
  const off = unavailable !== undefined
  const button = (
    <button
      type="button"
      {...rest}
      aria-disabled={off || undefined}
      onClick={off ? undefined : onClick}
      className={`${css['button']} ${css[look]}`}
    >
      {children}
    </button>
  )
  return off ? <Hint text={unavailable}>{button}</Hint> : button
}

/** A button that is an icon; its name is said and shown. */
export function IconButton({
  label,
  unavailable,
  children,
  pressed,
  keys,
  onClick,
  ...rest
}: Native & {
  readonly label: string
  readonly unavailable?: string | undefined
  readonly pressed?: boolean | undefined
  readonly keys?: string | undefined
}): ReactNode {
  const off = unavailable !== undefined
  const hint = off ? `${label}: ${unavailable}` : keys === undefined ? label : `${label}  ${keys}`
  return (
    <Hint text={hint}>
      <button
        type="button"
        {...rest}
        aria-label={label}
        aria-pressed={pressed}
        aria-disabled={off || undefined}
        onClick={off ? undefined : onClick}
        className={css['icon']}
      >
        {children}
      </button>
    </Hint>
  )
}

/** A short text on hover and focus. */
export function Hint({
  text,
  side = 'bottom',
  children,
}: {
  readonly text: string
  readonly side?: 'top' | 'bottom' | 'left' | 'right'
  readonly children: React.ReactElement
}): ReactNode {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger render={children as React.ReactElement<Record<string, unknown>>} />
      <Tooltip.Portal>
        <Tooltip.Positioner sideOffset={6} side={side} className={css['positioner']}>
          <Tooltip.Popup className={css['hint']}>{text}</Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}

export function Keys({ children }: { readonly children: ReactNode }): ReactNode {
  return <kbd className={css['keys']}>{children}</kbd>
}
