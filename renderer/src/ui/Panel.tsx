import type { ReactNode } from 'react'
import css from './Panel.module.css'

/** A part of the inspector, with its head. */
export function Section({
  title,
  aside,
  tone,
  children,
}: {
  readonly title?: ReactNode
  readonly aside?: ReactNode
  readonly tone?: 'needs-you'
  readonly children: ReactNode
}): ReactNode {
  return (
    <section className={`${css['section']} ${tone === undefined ? '' : css['asks']}`}>
      {title !== undefined && (
        <header className={css['head']}>
          <h3>{title}</h3>
          {aside}
        </header>
      )}
      {children}
    </section>
  )
}

/** What a panel is about: its mark, its name, a line that says what it is; icons at the end are `children`. */
export function PanelHead({
  glyph,
  title,
  about,
  children,
}: {
  readonly glyph: ReactNode
  /** An `h2`; one with a `title` of its own is cut off after four lines. */
  readonly title: ReactNode
  readonly about: ReactNode
  readonly children?: ReactNode
}): ReactNode {
  return (
    <header className={css['subject']}>
      {glyph}
      <div>
        {title}
        <p className="muted">{about}</p>
      </div>
      {children}
    </header>
  )
}

/** What can be done with it. */
export function PanelButtons({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className={css['buttons']}>{children}</div>
}

/** Names and values, one a line. */
export function Facts({ children }: { readonly children: ReactNode }): ReactNode {
  return <dl className={css['facts']}>{children}</dl>
}

export function Fact({
  name,
  tone,
  children,
}: {
  readonly name: ReactNode
  readonly tone?: 'good' | 'warn' | 'bad' | undefined
  readonly children: ReactNode
}): ReactNode {
  return (
    <div className={css['fact']}>
      <dt>{name}</dt>
      <dd data-tone={tone}>{children}</dd>
    </div>
  )
}

/** A share of something as a line, 0 to 1. */
export function Bar({ share, label }: { readonly share: number; readonly label: string }): ReactNode {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100)
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      className={css['bar']}
    >
      <div style={{ width: `${percent}%` }} />
    </div>
  )
}

/** The same between facts. */
export function FactBar({ share, label }: { readonly share: number; readonly label: string }): ReactNode {
  return (
    <div>
      <dt className="visually-hidden">{label}</dt>
      <dd>
        <Bar share={share} label={label} />
      </dd>
    </div>
  )
}
