import type { ReactNode } from 'react'
import type { Mark } from '../../../main/domain/status.ts'
import css from './Glyph.module.css'

/** The shapes of a state, 16 by 16, in its colour. For inside an SVG: `<GlyphShape>`; the word goes beside it. */
export function Glyph({
  mark,
  progress,
  size = 16,
  label,
}: {
  readonly mark: Mark
  /** Share done, 0 to 1; only the running ring shows it. */
  readonly progress?: number | undefined
  readonly size?: number
  /** Said to screen readers; without it the glyph is decoration. */
  readonly label?: string
}): ReactNode {
  const named = label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label }
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: named by aria-label, or hidden as decoration
    <svg className={css['glyph']} width={size} height={size} viewBox="0 0 16 16" data-mark={mark} {...named}>
      <GlyphShape mark={mark} progress={progress} />
    </svg>
  )
}

const RING = 2 * Math.PI * 6

export function GlyphShape({
  mark,
  progress,
}: {
  readonly mark: Mark
  readonly progress?: number | undefined
}): ReactNode {
  switch (mark) {
    case 'running': {
      const share = Math.min(1, Math.max(0.04, progress ?? 0.3))
      return (
        <g className={css['running']}>
          <circle cx="8" cy="8" r="6" className={css['track']} />
          <circle
            cx="8"
            cy="8"
            r="6"
            className={progress === undefined ? css['turning'] : css['arc']}
            strokeDasharray={`${share * RING} ${RING}`}
            transform="rotate(-90 8 8)"
          />
          <circle cx="8" cy="8" r="2" className={css['fill']} />
        </g>
      )
    }
    case 'waiting':
      return (
        <circle
          cx="8"
          cy="8"
          r="6"
          className={`${css['waiting']} ${css['line']}`}
          strokeDasharray="2.1 1.67"
        />
      )
    case 'blocked':
      return (
        <g className={css['blocked']}>
          <path d="M5.2 7V5.2a2.8 2.8 0 0 1 5.6 0V7" className={css['line']} />
          <rect x="3" y="6.8" width="10" height="7.2" rx="1.4" className={css['fill']} />
        </g>
      )
    case 'conflict':
      return (
        <g className={css['conflict']}>
          <path d="M8 .8 15.2 8 8 15.2.8 8Z" className={css['fill']} />
          <path d="M8 4.6v4.2M8 10.9v.9" className={css['cut']} />
        </g>
      )
    case 'failed':
      return (
        <g className={css['failed']}>
          <circle cx="8" cy="8" r="7" className={css['fill']} />
          <path d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8" className={css['cut']} />
        </g>
      )
    case 'done':
      return (
        <g className={css['done']}>
          <circle cx="8" cy="8" r="7" className={css['fill']} />
          <path d="m4.9 8.2 2.2 2.2 4-4.5" className={css['cut']} />
        </g>
      )
    case 'needs-you':
      return (
        <g className={css['needs-you']}>
          <path
            d="M7.1 1.7a1 1 0 0 1 1.8 0l6 11.3a1 1 0 0 1-.9 1.5H2a1 1 0 0 1-.9-1.5Z"
            className={css['fill']}
          />
          <path d="M8 6v3.6M8 11.6v.8" className={css['cut']} />
        </g>
      )
  }
}
