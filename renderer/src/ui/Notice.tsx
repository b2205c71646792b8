import type { ReactNode } from 'react'
import { useWhenBack } from '../state/whenBack.ts'
import { useWords } from '../words/language.ts'
import { Button } from './Button.tsx'
import { Glyph } from './Glyph.tsx'
import css from './Notice.module.css'
import { words } from './words.ts'

/** What stands where a view's content would be: nothing yet, nothing known, or trouble with its remedy. */
export function Empty({
  title,
  children,
  action,
}: {
  readonly title: string
  readonly children?: ReactNode
  readonly action?: ReactNode
}): ReactNode {
  return (
    <div className={css['notice']}>
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {action}
    </div>
  )
}

/** Shown only when the wait is long enough to be noticed, so that quick answers do not flicker. */
export function Loading({ what }: { readonly what?: string }): ReactNode {
  const w = useWords(words)
  return (
    <div className={`${css['notice']} ${css['late']}`} role="status">
      <Glyph mark="running" />
      <p>{what ?? w.loading}</p>
    </div>
  )
}

/** What can be tried again is, by itself, when the engine comes back. */
export function Trouble({
  error,
  onRetry,
}: {
  readonly error: unknown
  readonly onRetry?: (() => void) | undefined
}): ReactNode {
  const w = useWords(words)
  const { message, remedy } = error as { message?: string; remedy?: string }
  useWhenBack(onRetry)
  return (
    <div className={css['notice']} role="alert">
      <Glyph mark="failed" size={20} />
      <h2>{message ?? String(error)}</h2>
      {remedy !== undefined && remedy !== '' && <p>{remedy}</p>}
      {onRetry !== undefined && <Button onClick={onRetry}>{w.retry}</Button>}
    </div>
  )
}
